"""What the labels of a project say about its other images, in about a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from ssvae.data import UNLABELED
from ssvae.training.estimate import Estimate, disagreement_of, estimate_accuracy
from ssvae.vae.labels_alone import fit_labels_alone

# Parts that the labels of each class are dealt into, at most.
NUM_PARTS = 5


@dataclass(frozen=True)
class Guesses:
    """What is guessed of every image.

    Attributes:
        probabilities: float32 array `(n, num_classes)`; without labels all the same.
        surprise: float32 array `(n,)`, how unlike the others an image is.
        estimate: The accuracy to expect on new images; None if there are too few
            labels.
        left_out: int array `(k,)`, the class that each labeled image, in the order of
            rows, gets while its label is left out; None if there are too few labels.
    """

    probabilities: np.ndarray
    surprise: np.ndarray
    estimate: Estimate | None
    left_out: np.ndarray | None


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
    known = np.flatnonzero(labels != UNLABELED)
    surprise = np.sqrt(np.sum(vectors**2, axis=1))
    if not len(known):
        even = np.full((len(vectors), num_classes), 1 / max(1, num_classes), np.float32)
        return Guesses(even, surprise, None, None)
    logits = fit_labels_alone(vectors[known], labels[known], num_classes)(vectors)
    probabilities = softmax(logits, axis=1).astype(np.float32)
    parts = _deal(labels[known], seed)
    if parts.max() < 1:
        return Guesses(probabilities, surprise, None, None)
    left_out = np.zeros(len(known), np.int64)
    answers = []
    for part in range(parts.max() + 1):
        rows = known[parts != part]
        linear = fit_labels_alone(vectors[rows], labels[rows], num_classes)
        each = linear(vectors).argmax(axis=1)
        left_out[parts == part] = each[known[parts == part]]
        answers.append(each[labels == UNLABELED])
    right = left_out == labels[known]
    estimate = estimate_accuracy(
        right, len(answers), disagreement_of(np.stack(answers))
    )
    return Guesses(probabilities, surprise, estimate, left_out)


def _deal(classes, seed):
    """Deal labels into parts; a class of one label is always learned from."""
    rng = np.random.default_rng((seed, 9))
    counts = np.bincount(classes)
    num_parts = min(NUM_PARTS, np.median(counts[counts > 0]).astype(int))
    parts = np.zeros(len(classes), int)
    for index in np.flatnonzero(counts):
        members = rng.permutation(np.flatnonzero(classes == index))
        parts[members] = np.arange(len(members)) % max(1, num_parts)
    return parts
