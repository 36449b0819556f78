"""Labels of groups follow their images and their classes."""

import numpy as np
from numpy.testing import assert_array_equal

from ssvae.data.coarse import Coarse
from ssvae.data.dataset import Dataset

ALLOWED = np.array([[1, 1, 0], [0, 1, 1]], bool)


def data_set():
    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    labels = np.array([0, -1, -1, 1, -1, 2])
    return Dataset(
        "six",
        images,
        labels,
        ("a", "b", "c"),
        None,
        outside=np.array([4]),
        coarse=Coarse(np.array([1, 2]), ALLOWED),
    )


def test_images_of_no_class_are_not_learned_from():
    assert_array_equal(data_set().unlabeled, [1, 2])


def test_images_with_the_label_of_a_group_are_not_held_out():
    few = data_set().rows(np.array([0, 2, 3, 4]))
    assert_array_equal(few.hold_out(1.0, 0).held_out, [])
    free = data_set().with_labels([0], [0])
    assert_array_equal(free.hold_out(1.0, 0).held_out, [3, 5])


def test_they_follow_their_images():
    kept = data_set().rows(np.array([0, 2, 4]))
    assert_array_equal(kept.outside, [2])
    assert_array_equal(kept.coarse.rows, [1])
    assert_array_equal(kept.coarse.allowed, ALLOWED[1:])
    assert data_set().rows(np.array([0, 4])).coarse is None


def test_they_follow_their_classes():
    other = data_set().with_class_names(("c", "more", "b", "a"))
    assert_array_equal(other.coarse.allowed, [[0, 0, 1, 1], [1, 0, 1, 0]])
    fewer = data_set().without("a")
    assert_array_equal(fewer.coarse.allowed, [[1, 0], [1, 1]])
    assert_array_equal(fewer.coarse.rows, [0, 1])
    assert Coarse(np.array([0]), np.array([[1, 0]], bool)).without(0) is None
