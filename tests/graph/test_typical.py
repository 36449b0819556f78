import numpy as np
import pytest

from ssvae.graph.herding import covering_images
from ssvae.graph.typical import FEW, dense_images, typical_images

NONE = np.zeros(0, int)
# Images per group of the fixture `groups`.
SIZES = 60, 40, 20


@pytest.fixture
def groups(rng):
    """Vectors of three groups that lie in different directions, and the group."""
    truth = np.repeat(np.arange(3), SIZES)
    vectors = 6 * np.eye(3, 5)[truth] + rng.normal(size=(120, 5))
    return vectors.astype(np.float32), truth


def test_every_group_is_asked_for_once_the_largest_first(groups):
    vectors, truth = groups
    chosen = dense_images(vectors, NONE, np.arange(120), 3)
    assert truth[chosen].tolist() == [0, 1, 2]


def test_the_image_in_the_middle_of_its_group_is_asked_for(groups):
    vectors, truth = groups
    (chosen,) = dense_images(vectors[truth == 0], NONE, np.arange(60), 1)
    unit = vectors[truth == 0]
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    away = np.linalg.norm(unit - unit.mean(axis=0), axis=1)
    assert away[chosen] < np.quantile(away, 0.1)


def test_a_group_with_a_label_waits(groups):
    vectors, truth = groups
    labeled = np.flatnonzero(truth == 0)[:1]
    chosen = typical_images(vectors, labeled, np.arange(120), 2, num_classes=3)
    assert sorted(truth[chosen]) == [1, 2]


def test_how_long_vectors_are_changes_nothing(groups, rng):
    vectors, _ = groups
    longer = vectors * rng.choice([0.5, 2, 4], size=(120, 1)).astype(np.float32)
    chosen = [typical_images(v, NONE, np.arange(120), 9, 3) for v in (vectors, longer)]
    assert chosen[0].tolist() == chosen[1].tolist()


def test_more_images_begin_with_those_of_fewer(groups):
    vectors, _ = groups
    many = typical_images(vectors, NONE, np.arange(120), 40, num_classes=3)
    assert len(set(many.tolist())) == 40
    some = typical_images(vectors, NONE, np.arange(120), 3, num_classes=3)
    assert many[:3].tolist() == some.tolist()


def test_without_a_number_of_classes_every_group_is_asked_for_early(groups):
    vectors, truth = groups
    chosen = typical_images(vectors, NONE, np.arange(120), 30)
    assert len(set(chosen.tolist())) == 30 and set(truth[chosen[:4]]) == {0, 1, 2}


def test_a_few_odd_images_are_asked_for_last(groups):
    vectors, _ = groups
    odd = np.r_[vectors, 30 * np.eye(5, dtype=np.float32)[[4, 4]]]
    chosen = dense_images(odd, NONE, np.arange(122), 8)
    assert not np.any(chosen >= 120)


def test_with_labels_enough_images_cover_what_no_label_does(groups):
    vectors, _ = groups
    labeled = np.arange(0, 120, 120 // (3 * FEW))[: 3 * FEW]
    chosen = typical_images(vectors, labeled, np.arange(120), 4, num_classes=3)
    covering = covering_images(vectors, labeled, np.arange(120), 4)
    assert chosen.tolist() == covering.tolist()


def test_only_open_candidates_are_chosen_each_once(groups):
    vectors, _ = groups
    chosen = typical_images(vectors, np.array([3]), np.array([3, 7, 9]), 10)
    assert sorted(chosen) == [7, 9]
    assert len(typical_images(vectors, NONE, NONE, 5)) == 0


def test_copies_can_be_chosen_from():
    vectors = np.ones((30, 3), np.float32)
    assert len(set(typical_images(vectors, NONE, np.arange(30), 25).tolist())) == 25
    nothing = np.zeros((4, 3), np.float32)
    assert sorted(typical_images(nothing, NONE, np.arange(4), 9)) == [0, 1, 2, 3]
