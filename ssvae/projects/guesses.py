"""What the labels of a project say about its other images, in about a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from ssvae.data import UNLABELED
from ssvae.projects.judging import judged
from ssvae.projects.learning import learn
from ssvae.training.estimate import Estimate
from ssvae.training.label_noise import fit_noise
from ssvae.training.label_turns import LEAST_LABELS


@dataclass(frozen=True)
class Guesses:
    """What is guessed of every image.

    Attributes:
        probabilities: float32 array `(n, num_classes)`, calibrated where labels allow;
            without labels all the same.
        surprise: float32 array `(n,)`, how unlike the others an image is: -log p(f) of
            one Gaussian, nats, up to a constant.
        estimate: The accuracy to expect on new images; None if there are too few
            labels.
        left_out: int array `(k,)`, the class that each labeled image, in the order of
            rows, gets while its label is left out; None if there are too few labels.
        wrong: float64 array `(k,)`, how likely each of these labels is wrong, see
            `fit_noise`; 0 for a class of too few labels; None like `left_out`.
    """

    probabilities: np.ndarray
    surprise: np.ndarray
    estimate: Estimate | None
    left_out: np.ndarray | None
    wrong: np.ndarray | None = None


def guess(
    vectors: np.ndarray, labels: np.ndarray, num_classes: int, seed: int = 0
) -> Guesses:
    """Guess the classes of all images from the labels of some.

    Args:
        vectors: float32 array `(n, d)`, of `project_vectors`.
        labels: int array `(n,)`, classes; -1 for unlabeled, and for an image that is
            none of the classes.
        num_classes: Number of classes; one without labels is never guessed.
        seed: Seed of the draws.
    """
    surprise = _surprise(vectors)
    if not np.any(labels != UNLABELED):
        even = np.full((len(vectors), num_classes), 1 / max(1, num_classes), np.float32)
        return Guesses(even, surprise, None, None)
    learned = learn(vectors, labels, num_classes, seed)
    temperature, estimate = judged(learned, labels[learned.known], seed)
    probabilities = softmax(learned.logits / temperature, axis=1).astype(np.float32)
    if learned.left_out is None or learned.answers is None:
        return Guesses(probabilities, surprise, estimate, None)
    given = labels[learned.known]
    wrong = fit_noise(learned.left_out, given, learned.answers).wrong
    wrong[np.bincount(given)[given] < LEAST_LABELS] = 0
    left_out = learned.left_out.argmax(axis=1)
    return Guesses(probabilities, surprise, estimate, left_out, wrong)


def _surprise(vectors):
    """Return -log p(f) of one Gaussian up to a constant, nats, float32 `(n,)`."""
    variances = np.maximum(np.mean(vectors**2, axis=0), 1e-12)
    # Directions of small variance say little, and much by chance.
    variances += 0.1 * variances.mean()
    # Principal directions: the covariance is diagonal, the mean 0.
    return (0.5 * (vectors**2 @ (1 / variances))).astype(np.float32)
