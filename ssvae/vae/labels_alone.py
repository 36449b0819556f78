"""A classifier of feature vectors that learns from the labels alone."""

import numpy as np
from scipy.special import softmax

from ssvae.data import UNLABELED
from ssvae.data.balance import ABSENT
from ssvae.data.coarse import RULED_OUT
from ssvae.vae.mixture import Linear

# Root mean square length that vectors are scaled to. With it the usual strength of the
# regularization, C = 1, suits few labels and many.
LENGTH = 10.0
# Rounds of the optimizer, at most.
MAX_ROUNDS = 300
# Rounds of EM for labels of groups.
NUM_ROUNDS = 5


def fit_labels_alone(
    vectors: np.ndarray, labels: np.ndarray, num_classes: int
) -> Linear:
    """Fit a logistic regression to labeled vectors.

    It is what unlabeled images must improve on.

    Args:
        vectors: float32 array `(k, d)`, of labeled images only.
        labels: int array `(k,)`, their classes.
        num_classes: Number of classes; one without labels is never guessed.
    """
    return _fitted(vectors, labels, np.ones(len(labels)), num_classes)


def fit_labels_and_groups(
    vectors: np.ndarray, labels: np.ndarray, allowed: np.ndarray
) -> Linear:
    """Fit a logistic regression to labels of classes and of groups of classes.

    The sum of -log q(y|f) over labels of a class, and of -log sum_{y in g} q(y|f) over
    labels of a group g, falls in each round of EM: the E-step gives each vector of a
    group the probabilities of the group's classes, the M-step fits the regression to
    them (Jin and Ghahramani, "Learning with Multiple Labels", 2002).

    Args:
        vectors: float32 array `(n, d)`; those without a label are not read.
        labels: int array `(n,)`, classes; -1 for none.
        allowed: bool array `(n, num_classes)`, which classes each vector may be.
    """
    num_classes = allowed.shape[1]
    known = labels != UNLABELED
    grouped = ~known & ~allowed.all(axis=1)
    own, others, given = vectors[known], vectors[grouped], labels[known]
    linear = fit_labels_alone(own, given, num_classes)
    possible = allowed[grouped] & (np.bincount(given, minlength=num_classes) > 0)
    possible, others = possible[possible.any(axis=1)], others[possible.any(axis=1)]
    for _ in range(NUM_ROUNDS if len(others) else 0):
        q = softmax(np.where(possible, linear(others), RULED_OUT), axis=1)
        rows, classes = np.nonzero(possible)
        linear = _fitted(
            np.concatenate([own, others[rows]]),
            np.concatenate([given, classes]),
            np.concatenate([np.ones(len(given)), q[rows, classes]]),
            num_classes,
        )
    return linear


def _fitted(vectors, labels, weights, num_classes):
    """Return the regression of labels that have weights."""
    # Imported here, because it takes a second.
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    kernel = np.zeros((vectors.shape[1], num_classes), np.float32)
    bias = np.full(num_classes, np.log(ABSENT), np.float32)
    bias[present] = 0
    if len(present) > 1:
        squares = np.average(np.sum(vectors**2, axis=1), weights=weights)
        scale = LENGTH / np.sqrt(squares)
        model = LogisticRegression(max_iter=MAX_ROUNDS, tol=1e-3)
        # Each label twice with half the weight is the same sum. Of single labels
        # scikit-learn warns that they may be numbers to regress.
        twice = np.repeat(scale * vectors, 2, axis=0), np.repeat(labels, 2)
        model.fit(*twice, sample_weight=np.repeat(weights, 2) / 2)
        rows, biases = scale * model.coef_, model.intercept_
        if len(present) == 2:
            # scikit-learn gives the second class only.
            rows, biases = np.r_[-rows, rows] / 2, np.r_[-biases, biases] / 2
        kernel[:, present], bias[present] = rows.T, biases
    return Linear(kernel, bias)
