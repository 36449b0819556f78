"""Measures of predictions: they need probabilities and true classes, but no model.

`model_measures` asks a model about images and uses these.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """How often predictions are right, compared with how confident they are.

    Attributes:
        error: Expected calibration error, fraction: the difference between confidence
            and accuracy of a bin, averaged over all images.
        confidence: float64 array `(num_bins,)`, mean confidence in each bin; NaN in an
            empty bin.
        accuracy: float64 array `(num_bins,)`, fraction of right predictions in each
            bin; NaN in an empty bin.
        count: int64 array `(num_bins,)`, number of images in each bin.
    """

    error: float
    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def calibration(
    probabilities: np.ndarray, labels: np.ndarray, num_bins: int = 15
) -> Calibration:
    """Measure calibration in bins of equal width (Guo et al. 2017, equation 3).

    Args:
        probabilities: Float array `(n, num_classes)`; rows sum to one.
        labels: int array `(n,)`, true classes.
        num_bins: Number of bins that divide the confidences from 0 to 1.
    """
    return calibration_of(*_answers(probabilities, labels), num_bins)


def calibration_of(
    confidence: np.ndarray, right: np.ndarray, num_bins: int = 15
) -> Calibration:
    """Return the same from the confidence of each answer, and whether it is right.

    Args:
        confidence: Float array `(n,)`, the probability of the predicted class.
        right: bool array `(n,)`.
        num_bins: See `calibration`.
    """
    confidence = confidence.astype(np.float64)
    # A bin holds the confidences above its lower edge, up to its upper edge.
    bins = np.clip(np.ceil(confidence * num_bins).astype(int) - 1, 0, num_bins - 1)
    count = np.bincount(bins, minlength=num_bins)
    with np.errstate(invalid="ignore"):
        sure = np.bincount(bins, confidence, num_bins) / count
        hits = np.bincount(bins, right, num_bins) / count
    error = np.nansum(count * np.abs(sure - hits)) / len(right)
    return Calibration(float(error), sure, hits, count)


def accuracy_by_coverage(
    probabilities: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the accuracy among the most confident predictions, for each coverage.

    The coverage is the fraction of the images that count; for the others the model is
    taken to give no answer.

    Args:
        probabilities: Float array `(n, num_classes)`.
        labels: int array `(n,)`, true classes.

    Returns:
        Two float64 arrays `(n,)`: the coverage, from 1/n to 1, and the accuracy among
        that fraction of the images.
    """
    return coverage_of(*_answers(probabilities, labels))


def coverage_of(
    confidence: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same from the confidence of each answer, and whether it is right.

    Args:
        confidence: Float array `(n,)`, the probability of the predicted class.
        right: bool array `(n,)`.
    """
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(right) + 1)
    return answered / len(right), np.cumsum(right[order]) / answered


def _answers(
    probabilities: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the confidence of each answer, and whether it is right."""
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of -log q(y|x) for the true class y, nats per image."""
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(chosen, np.finfo(np.float32).tiny)).mean())


def confusion(
    predicted: np.ndarray, labels: np.ndarray, num_classes: int
) -> np.ndarray:
    """Return how often each class was predicted for each true class.

    Args:
        predicted: int array `(n,)`, predicted classes.
        labels: int array `(n,)`, true classes.
        num_classes: Number of classes.

    Returns:
        int64 array `(num_classes, num_classes)`: one row per true class, one column per
        predicted class.
    """
    pairs = num_classes * np.asarray(labels) + predicted
    return np.bincount(pairs, minlength=num_classes**2).reshape(-1, num_classes)


def precision_and_recall(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the precision and recall of each class from a `confusion` matrix.

    The precision of a class that is never predicted is NaN, and so is the recall of a
    class without images.
    """
    right = np.diag(counts).astype(float)
    with np.errstate(invalid="ignore"):
        return right / counts.sum(axis=0), right / counts.sum(axis=1)
