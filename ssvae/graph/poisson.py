"""Poisson learning: labels spread over a graph like heat from a point source."""

import numpy as np
from scipy import sparse
from scipy.optimize import brentq
from scipy.special import softmax

from ssvae.data import UNLABELED
from ssvae.graph.walk import Walk, apply_polynomial

# Iterations of Poisson learning.
NUM_ITERATIONS = 300
# Mean of the highest probability of an image, a fraction. Labels that spread over a
# graph of photographs are right for 60 to 80 images in 100.
MEAN_CONFIDENCE = 0.7
# Logarithms of the temperatures that are tried, least and greatest.
TEMPERATURES = -30.0, 30.0


def poisson_values(
    graph: sparse.csr_matrix, labeled: np.ndarray, classes: np.ndarray, num_classes: int
) -> np.ndarray:
    """Solve the graph's Poisson equation L u = sum_i (y_i - mean y) delta_i.

    The iteration u <- u + D^-1 (b - L u) spreads each label like heat from a point
    source. After n iterations u is (1 + W + ... + W^(n-1)) D^-1 b, where W is the
    random walk.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labeled: int array `(k,)`, indices of the labeled nodes.
        classes: int array `(k,)`, their classes.
        num_classes: Number of classes.

    Returns:
        float32 array `(n, num_classes)`; the largest value of a row is at the node's
        class.
    """
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    step = Walk(graph)
    one_hot = np.eye(num_classes, dtype=np.float32)[classes]
    source = np.zeros((graph.shape[0], num_classes), np.float32)
    source[labeled] = (one_hot - one_hot.mean(axis=0)) / degrees[labeled, None]
    return apply_polynomial(np.ones(NUM_ITERATIONS), step.__matmul__, source)


def spread_probabilities(
    graph: sparse.csr_matrix, labels: np.ndarray, num_classes: int
) -> np.ndarray:
    """Return the probabilities of classes that a few labels give all images.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        num_classes: Number of classes, 2 or more.

    Returns:
        float32 array `(n, num_classes)`, see `as_probabilities`.
    """
    labeled = np.flatnonzero(labels != UNLABELED)
    values = poisson_values(graph, labeled, labels[labeled], num_classes)
    return as_probabilities(values)


def as_probabilities(values: np.ndarray) -> np.ndarray:
    """Return the probabilities of classes that values of Poisson learning stand for.

    The values have no scale of their own: their softmax is taken after they were
    divided by what makes the mean of the highest probability `MEAN_CONFIDENCE`.

    Args:
        values: float32 array `(n, num_classes)`, of `poisson_values`.

    Returns:
        float32 array `(n, num_classes)`, rows that sum to 1; all the same for an image
        that no label reaches.
    """
    reached = np.ptp(values, axis=1) > 0
    if not reached.any():
        return np.full_like(values, 1 / values.shape[1])
    scale = values[reached].std()

    def excess(log_temperature):
        probabilities = softmax(values[reached] / scale / np.exp(log_temperature), 1)
        return probabilities.max(axis=1).mean() - MEAN_CONFIDENCE

    temperature = np.exp(brentq(excess, *TEMPERATURES, xtol=0.01))
    return softmax(values / (scale * temperature), axis=1).astype(np.float32)
