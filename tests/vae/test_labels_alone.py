"""A classifier of feature vectors that learns from the labels alone."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ssvae.vae.labels_alone import (
    LENGTH,
    fit_labels_alone,
    fit_labels_and_groups,
)


def clusters(rng, num_classes, each):
    classes = np.repeat(np.arange(num_classes), each)
    centers = rng.normal(size=(num_classes, 12))
    vectors = centers[classes] + 0.3 * rng.normal(size=(len(classes), 12))
    return vectors.astype("float32"), classes


def test_it_is_a_logistic_regression_of_scaled_vectors(rng):
    vectors, classes = clusters(rng, 4, 6)
    linear = fit_labels_alone(vectors, classes, 4)
    scale = LENGTH / np.sqrt(np.mean(np.sum(vectors**2, axis=1)))
    slow = LogisticRegression(max_iter=1000, tol=1e-6).fit(scale * vectors, classes)
    expected = slow.predict_proba(scale * vectors)
    np.testing.assert_allclose(softmax(linear(vectors), axis=1), expected, atol=0.003)


@pytest.mark.parametrize("each", [1, 2])
def test_many_classes_of_few_labels_are_learned_without_a_warning(rng, each):
    vectors, classes = clusters(rng, 30, each)
    linear = fit_labels_alone(vectors, classes, 30)
    assert (linear(vectors).argmax(axis=1) == classes).all()


def test_a_class_without_labels_is_never_guessed(rng):
    vectors, classes = clusters(rng, 3, 5)
    for present in ([0, 2], [1]):
        rows = np.isin(classes, present)
        linear = fit_labels_alone(vectors[rows], classes[rows], 3)
        assert set(linear(vectors).argmax(axis=1)) == set(present)


def test_labels_of_groups_are_learned(rng):
    """The fit to them is better; groups of all classes change nothing."""
    vectors, classes = clusters(rng, 4, 20)
    vectors += rng.normal(size=vectors.shape).astype("float32")
    labels = np.where(np.arange(80) % 20 < 2, classes, -1)
    allowed = np.ones((80, 4), bool)
    alone = fit_labels_alone(vectors[labels >= 0], labels[labels >= 0], 4)
    same = fit_labels_and_groups(vectors, labels, allowed)
    assert np.array_equal(same.kernel, alone.kernel)
    allowed[classes < 2] = [True, True, False, False]
    allowed[classes > 1] = [False, False, True, True]
    fitted = fit_labels_and_groups(vectors, labels, allowed)
    within = [
        np.log((softmax(linear(vectors), axis=1) * allowed).sum(axis=1)).mean()
        for linear in (alone, fitted)
    ]
    assert within[1] > within[0] / 2
    right = [
        (linear(vectors).argmax(axis=1) == classes).mean() for linear in (alone, fitted)
    ]
    assert right[1] > right[0]


def test_a_group_without_a_labeled_class_teaches_nothing(rng):
    vectors, classes = clusters(rng, 4, 5)
    labels = np.where(classes < 2, classes, -1)
    allowed = np.ones((20, 4), bool)
    allowed[classes > 1] = [False, False, True, True]
    alone = fit_labels_alone(vectors[labels >= 0], labels[labels >= 0], 4)
    fitted = fit_labels_and_groups(vectors, labels, allowed)
    assert np.array_equal(fitted.kernel, alone.kernel)
