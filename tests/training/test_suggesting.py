import dataclasses

import numpy as np
import pytest

from ssvae.data.arrays import from_arrays
from ssvae.graph.typical import typical_images
from ssvae.training.suggesting import (
    BORDERS,
    by_features,
    next_to_label,
    without_copies,
)

COUNT, CLASSES = 90, 3


@pytest.fixture
def case(rng):
    """Return vectors of three groups, and probabilities: row 40 is the least sure."""
    group = np.arange(COUNT) % CLASSES
    vectors = 6 * np.eye(CLASSES, 5)[group] + rng.normal(size=(COUNT, 5))
    answers = np.full((COUNT, CLASSES), 0.05)
    answers[np.arange(COUNT), group] = 0.9
    answers[40] = 0.34, 0.35, 0.31
    return vectors.astype(np.float32), answers


def test_every_other_image_is_at_a_border_once_there_are_labels_enough(case):
    vectors, answers = case
    labeled = np.arange(BORDERS * CLASSES)
    told = vectors, labeled, np.arange(COUNT), 6, CLASSES
    typical = typical_images(*told)
    assert next_to_label(*told).tolist() == typical.tolist()
    asked = next_to_label(*told, answers).tolist()
    assert len(set(asked)) == 6 and not set(asked) & set(labeled)
    assert asked[:2] == [typical[0], 40]


def test_with_few_labels_nobody_is_asked_about_borders(case):
    vectors, answers = case
    labeled = np.arange(BORDERS * CLASSES - 1)
    told = vectors, labeled, np.arange(COUNT), 6, CLASSES
    assert next_to_label(*told, answers).tolist() == typical_images(*told).tolist()


def test_images_of_no_class_are_not_asked_for(case, rng):
    vectors, answers = case
    images = rng.integers(0, 256, (COUNT, 8, 8, 1), np.uint8)
    labels = np.where(np.arange(COUNT) < 6, np.arange(COUNT) % CLASSES, -1)
    dataset = from_arrays(images, labels)
    asked = by_features(vectors, dataset, 10, answers)
    outside = np.sort(asked[:4])
    without = dataclasses.replace(dataset, outside=outside)
    left = by_features(vectors, without, 10, answers)
    assert len(left) == 10 and not np.isin(left, outside).any()


def test_copies_of_one_image_and_of_labeled_ones_are_asked_for_once(rng):
    images = rng.integers(0, 256, (12, 16, 16, 1), np.uint8)
    images[5], images[7], images[9] = images[4], images[4], images[0]
    dataset = from_arrays(images, np.r_[0, 1, np.full(10, -1)])
    rows = np.array([9, 7, 3, 5, 4])
    assert without_copies(dataset, rows).tolist() == [7, 3]
