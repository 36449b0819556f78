"""The temperature of a classifier, from labels that were left out and what is expected.

Few labels say little about a temperature: if all of them are predicted right, the best
one is 0. So it is held near the one with which the mean probability of the answers to
unlabeled images is the accuracy that is expected.
"""

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import log_softmax, softmax

from ssvae.vae.temperature import TEMPERATURES, fit_temperature

# Standard deviation of the logarithm of the best temperature around the one that suits
# the expected accuracy.
SPREAD = 0.2


def calibrated(
    left_out: np.ndarray,
    classes: np.ndarray,
    asked: np.ndarray,
    accuracy: float,
    weights: np.ndarray | None = None,
) -> float:
    """Return the divisor of the logits that calibrates a classifier.

    Args:
        left_out: Float array `(k, num_classes)`, logits of images whose labels were
            left out.
        classes: int array `(k,)`, these labels.
        asked: Float array `(m, num_classes)`, logits of unlabeled images, from the same
            classifiers; none if there are no such images.
        accuracy: Accuracy that is expected of these classifiers, 0 to 1.
        weights: Float array `(k,)`, how much each label counts, see `label_weights`;
            None for each as one. Without images that are asked they do not matter.
    """
    if not len(asked):
        return fit_temperature(left_out, classes)
    expected = np.log(suited_temperature(asked, accuracy))
    counted = np.ones(len(classes)) if weights is None else weights

    def loss(log_temperature):
        log_q = log_softmax(left_out / np.exp(log_temperature), axis=1)
        away = (log_temperature - expected) / SPREAD
        return 0.5 * away**2 - log_q[np.arange(len(classes)), classes] @ counted

    best = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(best.x))


def suited_temperature(logits: np.ndarray, accuracy: float) -> float:
    """Return the temperature with which answers are as probable as they are right.

    Args:
        logits: Float array `(n, num_classes)`.
        accuracy: The mean that the highest probabilities get, 0 to 1; the nearest that
            can be had within `TEMPERATURES`.
    """

    def excess(log_temperature):
        probabilities = softmax(logits / np.exp(log_temperature), axis=1)
        return probabilities.max(axis=1).mean() - accuracy

    sharpest, softest = np.log(TEMPERATURES)
    if excess(sharpest) <= 0:
        return TEMPERATURES[0]
    if excess(softest) >= 0:
        return TEMPERATURES[1]
    return float(np.exp(brentq(excess, sharpest, softest, xtol=1e-3)))
