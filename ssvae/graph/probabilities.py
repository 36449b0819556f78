"""Labels spread over a graph, as a probability of each class for every image."""

import numpy as np
from scipy import sparse
from scipy.optimize import brentq
from scipy.special import softmax

from ssvae.data import UNLABELED
from ssvae.graph.propagation import poisson_values

# Mean of the highest probability of an image, a fraction. Labels that spread over a
# graph of photographs are right for 60 to 80 images in 100.
MEAN_CONFIDENCE = 0.7
# Logarithms of the temperatures that are tried, least and greatest.
TEMPERATURES = -30.0, 30.0


def spread_probabilities(
    graph: sparse.csr_matrix, labels: np.ndarray, num_classes: int
) -> np.ndarray:
    """Return the probabilities of classes that a few labels give all images.

    They are the softmax of the values of Poisson learning, which have no scale of their
    own: they are divided by what makes the mean of the highest one `MEAN_CONFIDENCE`.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        num_classes: Number of classes, 2 or more.

    Returns:
        float32 array `(n, num_classes)`, rows that sum to 1; all the same for an image
        that no label reaches.
    """
    labeled = np.flatnonzero(labels != UNLABELED)
    values = poisson_values(graph, labeled, labels[labeled], num_classes)
    reached = np.ptp(values, axis=1) > 0
    if not reached.any():
        return np.full_like(values, 1 / num_classes)
    scale = values[reached].std()

    def excess(log_temperature):
        probabilities = softmax(values[reached] / scale / np.exp(log_temperature), 1)
        return probabilities.max(axis=1).mean() - MEAN_CONFIDENCE

    temperature = np.exp(brentq(excess, *TEMPERATURES, xtol=0.01))
    return softmax(values / (scale * temperature), axis=1).astype(np.float32)
