"""What predictions are worth, from probabilities and true classes alone."""

from typing import NamedTuple

import numpy as np


class Calibration(NamedTuple):
    """How often predictions are right beside how sure they are.

    Attributes:
        error: Expected calibration error, fraction: the mean over all images of the
            difference between confidence and accuracy in the image's bin.
        confidence: float64 array `(num_bins,)`, mean confidence in each bin; NaN in an
            empty one.
        accuracy: float64 array `(num_bins,)`, fraction right in each bin.
        count: int64 array `(num_bins,)`, images in each bin.
    """

    error: float
    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def calibration(probabilities, labels, num_bins=15) -> Calibration:
    """Measure calibration in bins of equal width (Guo et al. 2017, equation 3).

    Args:
        probabilities: Float array `(n, num_classes)`, rows that sum to one.
        labels: int array `(n,)`, true classes.
        num_bins: Bins that the confidences from 0 to 1 are put into.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    hits = probabilities.argmax(axis=1) == labels
    # A bin holds what lies above its lower edge up to its upper edge.
    bins = np.clip(np.ceil(confidence * num_bins).astype(int) - 1, 0, num_bins - 1)
    count = np.bincount(bins, minlength=num_bins)
    with np.errstate(invalid="ignore"):
        sure = np.bincount(bins, confidence, num_bins) / count
        right = np.bincount(bins, hits, num_bins) / count
    error = np.nansum(count * np.abs(sure - right)) / len(labels)
    return Calibration(float(error), sure, right, count)


def accuracy_by_coverage(probabilities, labels) -> tuple[np.ndarray, np.ndarray]:
    """Return the accuracy where only the surest images are answered.

    Args:
        probabilities: Float array `(n, num_classes)`.
        labels: int array `(n,)`, true classes.

    Returns:
        Two float64 arrays `(n,)`: the coverage, 1/n to 1, and the accuracy on that
        fraction of the images, the surest first.
    """
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    hits = (probabilities.argmax(axis=1) == labels)[order]
    answered = np.arange(1, len(labels) + 1)
    return answered / len(labels), np.cumsum(hits) / answered


def cross_entropy(probabilities, labels) -> float:
    """Return the mean of -log q(y|x) of the true class, nats."""
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(chosen, np.finfo(np.float32).tiny)).mean())


def confusion(predicted, labels, num_classes) -> np.ndarray:
    """Return how often each class was taken for each.

    Returns:
        int64 array `(num_classes, num_classes)`: true classes down, predicted across.
    """
    pairs = num_classes * np.asarray(labels) + predicted
    return np.bincount(pairs, minlength=num_classes**2).reshape(-1, num_classes)


def precision_and_recall(counts) -> tuple[np.ndarray, np.ndarray]:
    """Return each class's precision and recall from a `confusion` matrix.

    Precision is NaN for a class never predicted, recall for one without images.
    """
    right = np.diag(counts).astype(float)
    with np.errstate(invalid="ignore"):
        return right / counts.sum(axis=0), right / counts.sum(axis=1)
