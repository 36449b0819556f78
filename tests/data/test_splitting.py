"""The test part that is drawn of a data set without one."""

import numpy as np
import pytest

from ssvae.data import from_arrays
from ssvae.data.splitting import draw_test_rows, fingerprints
from ssvae.errors import InputError


def prints_of(labels, copies=()):
    """Return fingerprints of as many images, in which pairs of rows are copies."""
    prints = np.arange(len(labels), dtype=np.uint64)
    for row, same in copies:
        prints[row] = prints[same]
    return prints


def by_hand(labels, num_classes, fraction, seed):
    """Return the draw of every figure that was measured before copies counted."""
    rng = np.random.default_rng((seed, 6))
    rows = []
    for index in range(num_classes):
        members = rng.permutation(np.flatnonzero(labels == index))
        rows.append(members[: round(fraction * len(members))])
    return np.sort(np.concatenate(rows))


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_without_copies_the_draw_is_what_it_always_was(rng, seed, fraction):
    labels = rng.integers(-1, 4, 500)
    wanted = by_hand(labels, 4, fraction, seed)
    for prints in (None, prints_of(labels)):
        drawn = draw_test_rows(labels, 4, fraction, seed, prints)
        assert np.array_equal(drawn, wanted)


def test_the_draw_of_a_seed_is_pinned():
    few = draw_test_rows(np.arange(12) % 2, 2, 0.5, 0, prints_of(range(12)))
    assert few.tolist() == [0, 2, 4, 5, 9, 11]


def test_copies_stay_on_one_side_and_the_fraction_stays(rng):
    # Two of five images are copies of others, as in a set that was found.
    images = rng.integers(0, 256, (300, 6, 6), dtype=np.uint8)
    images = np.concatenate([images, images[:215]])
    labels = np.r_[np.arange(300) % 3, np.arange(215) % 3]
    full, said = from_arrays(images, labels), []
    split = full.split_test(0.4, seed=1, say=said.append)
    test, classes = split.read_test()
    assert not np.isin(fingerprints(test), fingerprints(split.images)).any()
    assert len(test) + len(split.images) == 515
    for index in range(3):
        wanted = 0.4 * np.sum(labels == index)
        assert abs(np.sum(classes == index) - wanted) <= 1
    assert said == [
        "430 images are copies of one another, or nearly: copies stay in one part, "
        "none is both trained on and tested by."
    ]
    as_older = full.split_test(0.4, seed=1, near=False)
    assert np.array_equal(as_older.images, split.images)


def test_an_image_with_two_labels_or_an_unlabeled_copy_is_no_test_image():
    labels = np.array([0] * 10 + [1] * 10 + [-1] * 2)
    prints = prints_of(labels, [(0, 10), (1, 20), (11, 21)])
    for seed in range(20):
        drawn = draw_test_rows(labels, 2, 0.5, seed, prints)
        assert not {0, 1, 10, 11} & set(drawn.tolist())
        assert len(drawn) == 10


def test_nothing_is_said_of_images_that_are_no_copies(rng):
    images, said = rng.integers(0, 256, (20, 6, 6), dtype=np.uint8), []
    from_arrays(images, np.arange(20) % 2).split_test(0.5, 0, say=said.append)
    assert said == []
    # Copies that nobody labeled never come into the test part.
    unlabeled = np.concatenate([images, images[:1], images[:1]])
    unlabeled[:1] = 0
    labels = np.r_[np.arange(20) % 2, -1, -1]
    from_arrays(unlabeled, labels).split_test(0.5, 0, say=said.append)
    assert said == []


def test_a_class_of_nothing_but_copies_cannot_be_split(rng):
    images = np.repeat(rng.integers(0, 256, (2, 6, 6), dtype=np.uint8), 10, axis=0)
    with pytest.raises(InputError, match="round to none in every class, where copies"):
        from_arrays(images, np.repeat([0, 1], 10)).split_test(0.5, seed=0)
