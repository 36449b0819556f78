import numpy as np
import pytest

from ssvae.projects import atlas
from ssvae.projects.atlas import Atlas

# Images per group of the fixture `groups`, and where the groups lie.
SIZES = 60, 40, 25, 15


@pytest.fixture(scope="module")
def groups():
    """Return vectors in four groups of different sizes, and the group of each."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(4), SIZES)
    vectors = rng.normal(size=(len(group), 12)) + 12 * np.eye(12)[group]
    order = rng.permutation(len(group))
    return vectors[order].astype(np.float32), group[order]


def test_typical_images_are_of_every_group_once_before_any_group_twice(groups):
    vectors, group = groups
    typical = Atlas.of(vectors).typical
    assert sorted(typical) == list(range(len(vectors)))
    assert len(set(group[typical[:4]])) == 4


def test_an_odd_image_is_not_typical(groups):
    vectors, _ = groups
    odd = np.concatenate([vectors, np.full((1, 12), 30, np.float32)])
    assert len(vectors) not in Atlas.of(odd).typical[:20]


def test_images_alike_are_the_nearest_in_their_order(groups):
    vectors, _ = groups
    found = Atlas.of(vectors).alike(5, 7)
    away = np.linalg.norm(vectors - vectors[5], axis=1)
    away[5] = np.inf
    assert found.tolist() == np.argsort(away)[:7].tolist()


def test_an_atlas_is_kept_until_the_vectors_change(groups, tmp_path, monkeypatch):
    vectors, _ = groups
    made = Atlas.of(vectors, tmp_path)
    monkeypatch.setattr(atlas, "nearest", None)
    kept = Atlas.of(vectors, tmp_path)
    np.testing.assert_array_equal(kept.typical, made.typical)
    np.testing.assert_array_equal(kept.copies, made.copies)
    with pytest.raises(TypeError):
        Atlas.of(vectors[1:], tmp_path)


def test_a_damaged_atlas_is_made_again(groups, tmp_path):
    vectors, _ = groups
    (tmp_path / atlas.ATLAS_FILE).write_bytes(b"PK\x03\x04 cut")
    assert len(Atlas.of(vectors, tmp_path).typical) == len(vectors)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_very_few_images_have_an_atlas(count):
    vectors = np.random.default_rng(1).normal(size=(count, 3)).astype(np.float32)
    made = Atlas.of(vectors)
    assert sorted(made.typical) == list(range(count))
    if count:
        assert len(made.alike(0, 10)) == count - 1


def test_copies_of_one_image_have_one_number(groups, tmp_path):
    vectors, _ = groups
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (len(vectors), 16, 16, 1), np.uint8)
    images[9] = images[4]
    copies = Atlas.of(vectors, tmp_path, images).copies
    assert copies[9] == copies[4] and len(np.unique(copies)) == len(vectors) - 1
    # They are read from the disk the next time.
    np.testing.assert_array_equal(Atlas.of(vectors, tmp_path).copies, copies)


def test_copies_of_one_image_have_an_atlas():
    made = Atlas.of(np.ones((30, 3), np.float32))
    assert sorted(made.typical) == list(range(30))
