"""What is believed: learners compared by labels that are left out in turn."""

import numpy as np
import pytest
from scipy.special import softmax

from ssvae.training.learners import ALONE, BOTH
from ssvae.training.left_out import believe, deal

EVEN = np.full(2, 1 / 2)


def clusters(rng, count=400, gap=3.0):
    """Two clusters along the first axis, and the classes of their vectors."""
    classes = np.arange(count) % 2
    vectors = rng.normal(size=(count, 12)) * np.r_[0.3, 1.0, np.full(10, 0.5)]
    vectors[:, 0] += gap * classes
    return vectors.astype("float32"), classes


def with_labels(classes, each):
    labels = np.full(len(classes), -1)
    labels[: 2 * each] = classes[: 2 * each]
    return labels


def test_unlabeled_images_are_believed_where_clusters_are_classes(rng):
    vectors, classes = clusters(rng, gap=1.5)
    belief = believe(vectors, with_labels(classes, 5), EVEN, seed=0)
    assert belief.name != ALONE
    right = np.mean(belief.linear(vectors).argmax(axis=1) == classes)
    assert right > 0.95
    assert "Labels left out in turn" in belief.sentence(classes[:10])


def test_labels_alone_are_believed_where_clusters_cut_across_the_classes(rng):
    """The strong cluster structure says nothing about the classes; labels do."""
    vectors, hidden = clusters(rng, gap=9.0)
    # Classes differ along the second axis, independently of the clusters.
    classes = (vectors[:, 1] > 0).astype(int)
    labels = np.where(np.arange(400) < 200, classes, -1)
    shares = np.bincount(classes) / 400
    belief = believe(vectors, labels, shares, seed=0)
    alone = believe(vectors[:200], labels[:200], shares, seed=0).linear
    wrong, wrong_alone = (
        np.mean(linear(vectors[200:]).argmax(axis=1) != classes[200:])
        for linear in (belief.linear, alone)
    )
    assert wrong <= wrong_alone + 0.005
    assert len(set(hidden)) == 2


def test_with_one_label_per_class_nothing_is_left_out(rng):
    vectors, classes = clusters(rng)
    belief = believe(vectors, with_labels(classes, 1), EVEN, seed=0)
    assert belief.name == BOTH and belief.left_out is None
    assert np.mean(belief.linear(vectors).argmax(axis=1) == classes) > 0.99
    assert belief.estimate is None and belief.temperature == 1
    assert "cannot be left out" in belief.sentence(classes[:2])


def test_without_unlabeled_images_the_labels_are_alone(rng):
    vectors, classes = clusters(rng)
    belief = believe(vectors, classes, EVEN, seed=0)
    assert belief.name == ALONE


def test_a_left_out_label_is_not_seen(rng):
    """Labels drawn at random cannot be predicted, if each is really left out."""
    vectors, _ = clusters(rng)
    labels = np.where(np.arange(400) < 100, rng.integers(0, 2, 400), -1)
    belief = believe(vectors, labels, EVEN, seed=0)
    right = np.mean(belief.left_out.argmax(axis=1) == labels[:100])
    assert right == pytest.approx(0.5, abs=0.15)


def test_the_estimated_accuracy_is_that_of_new_vectors(rng):
    vectors, classes = clusters(rng, count=1200, gap=0.8)
    labels = with_labels(classes, 25)[:600]
    belief = believe(vectors[:600], labels, EVEN, seed=0)
    right = np.mean(belief.linear(vectors[600:]).argmax(axis=1) == classes[600:])
    assert belief.estimate.low < right < belief.estimate.high
    assert belief.estimate.accuracy == pytest.approx(right, abs=0.06)
    assert belief.estimate.num_labels == 50


def test_probabilities_of_new_vectors_are_about_right(rng):
    vectors, classes = clusters(rng, count=1200, gap=0.8)
    belief = believe(vectors[:600], with_labels(classes, 25)[:600], EVEN, seed=0)
    logits = belief.linear(vectors[600:]) / belief.temperature
    sure = softmax(logits, axis=1).max(axis=1).mean()
    right = np.mean(logits.argmax(axis=1) == classes[600:])
    assert sure == pytest.approx(right, abs=0.1)


def test_parts_have_every_class():
    labels = np.array([0, 0, 0, 1, 1, 1, 1, -1, -1])
    parts = deal(labels, seed=0)
    assert (parts[-2:] == -1).all()
    for part in range(3):
        assert set(labels[parts == part]) == {0, 1}
    assert deal(np.array([0, 1, 1, -1]), seed=0).tolist() == [0, 0, 0, -1]
