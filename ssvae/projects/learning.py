"""Learners of a project's labels, each judged by labels that it did not see.

They are those of training with fewer images and rounds, so that an answer takes about a
second: people wait for it after each batch of labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from ssvae.data import UNLABELED
from ssvae.data.balance import ABSENT
from ssvae.hardware import on_all_cores
from ssvae.projects.dealing import deal, first_of_each
from ssvae.training.learners import softened
from ssvae.training.shares import shares_of_vectors
from ssvae.vae.labels_alone import fit_labels_alone
from ssvae.vae.mixture import Linear, corrections, fit_em

# Labels and unlabeled images that a learner learns from, at most. With more it takes
# longer than people wait and guesses no better.
MAX_LABELS, MAX_UNLABELED = 4_000, 3_000
# Labels that the regression learns from, at most: it takes longest.
MAX_ALONE = 1_500
# Unlabeled images that the shares of classes are estimated from: at least, for of fewer
# chance says more than the shares do, and at most, for shares need fewer than classes.
LEAST_COUNTED, MAX_COUNTED = 100, 1_000
# Rounds of EM: later ones change little.
NUM_ROUNDS = 10
# Learners. The mixture of labeled and unlabeled images is the usual one.
MIXTURE, GAUSSIANS, ALONE = "mixture", "gaussians", "alone"


@dataclass(frozen=True)
class Learned:
    """What is learned from all labels, and what without each of them.

    Attributes:
        logits: float32 array `(n, num_classes)`, of all images by all labels.
        known: int array `(k,)`, rows of the labeled images.
        left_out: float32 array `(k, num_classes)`, logits of the labeled images, each
            without its own label; None if there are too few labels.
        answers: float32 array `(num_turns, m, num_classes)`, logits of the unlabeled
            images in each turn; None if there are too few labels.
    """

    logits: np.ndarray
    known: np.ndarray
    left_out: np.ndarray | None
    answers: np.ndarray | None


def learn(
    vectors: np.ndarray, labels: np.ndarray, num_classes: int, seed: int
) -> Learned:
    """Learn from some labels, by the learner that predicts left-out labels best.

    Args:
        vectors: float32 array `(n, d)`.
        labels: int array `(n,)`, classes, -1 for unlabeled; one label or more.
        num_classes: Number of classes.
        seed: Seed of the draws.
    """
    known, others = np.flatnonzero(labels >= 0), np.flatnonzero(labels < 0)
    parts = deal(labels[known], seed)
    count = parts.max() + 1
    folds = [None, *range(count if count > 1 else 0)]
    shares = _shares(vectors, labels, num_classes, seed)

    def without(part):
        if part is None:
            return learners(vectors, labels, known, others, shares, seed)
        # What is left out is unlabeled like the others: then it is told as surely.
        unlabeled = np.concatenate([others, known[parts == part]])
        return learners(vectors, labels, known[parts != part], unlabeled, shares, seed)

    learned, *turns = on_all_cores(without, folds)
    if not turns:
        return Learned(learned[next(iter(learned))](vectors), known, None, None)
    # A turn without any label of the second class has one learner only.
    names = [name for name in learned if all(name in linears for linears in turns)]
    left_out = {name: np.zeros((len(known), num_classes), np.float32) for name in names}
    for part, linears in enumerate(turns):
        hidden = parts == part
        for name in names:
            left_out[name][hidden] = linears[name](vectors[known[hidden]])
    name = best(left_out, labels[known])
    answers = np.stack([linears[name](vectors[others]) for linears in turns])
    return Learned(learned[name](vectors), known, left_out[name], answers)


def _shares(vectors, labels, num_classes, seed):
    """Return the share of each class among the images, as training estimates it."""
    counts = np.bincount(labels[labels >= 0], minlength=num_classes)
    equal = np.where(counts > 0, 1.0, ABSENT)
    equal /= equal.sum()
    if np.count_nonzero(counts) < 2 or np.sum(labels < 0) < LEAST_COUNTED:
        return equal
    rng = np.random.default_rng((seed, 16))
    known = rng.permutation(np.flatnonzero(labels >= 0))[:MAX_ALONE]
    others = rng.permutation(np.flatnonzero(labels < 0))[:MAX_COUNTED]
    rows = np.concatenate([known, others])
    return softened(shares_of_vectors(vectors[rows], labels[rows], equal, seed).values)


def learners(
    vectors: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    others: np.ndarray,
    expected: np.ndarray,
    seed: int,
) -> dict[str, Linear]:
    """Return what each learner learns, the usual one first.

    Args:
        vectors: float32 array `(n, d)`.
        labels: int array `(n,)`; those of `rows` alone are read.
        rows: int array, the labeled images to learn from.
        others: int array, the unlabeled images.
        expected: Float array `(num_classes,)`, the expected share of each class.
        seed: Seed of the draws, if there are more than enough.
    """
    rng, num_classes = np.random.default_rng((seed, 14)), len(expected)
    rows = rng.permutation(rows)[:MAX_LABELS]
    others = rng.permutation(others)[:MAX_UNLABELED]
    given = labels[rows]
    some = rows[first_of_each(given, num_classes)][:MAX_ALONE]
    alone = fit_labels_alone(vectors[some], labels[some], num_classes)
    counts = np.bincount(given, minlength=num_classes)
    if np.count_nonzero(counts) < 2:
        return {ALONE: alone}
    # The share of each class among the labels, each counted once more.
    shares = np.where(counts, counts + 1.0, ABSENT * len(rows))
    start = np.eye(num_classes, dtype=np.float32)[given]
    own = vectors[rows]
    gaussians = fit_em(
        own, given, start, shares / shares.sum(), num_rounds=1, keep_shares=False
    ).classifier()
    learned = {GAUSSIANS: gaussians, ALONE: alone}
    if len(others):
        both = np.concatenate([own, vectors[others]])
        classes = np.concatenate([given, np.full(len(others), UNLABELED)])
        learned = {MIXTURE: _mixture(both, classes, alone, counts, expected), **learned}
    return learned


def _mixture(vectors, classes, alone, counts, expected):
    """Return the mean of two mixtures: with expected and with estimated shares."""
    # A turn may lack the labels of a class.
    shares = np.where(counts > 0, expected, np.minimum(expected, ABSENT))
    shares /= shares.sum()
    # One class may have hundreds of labels before another has five: it would swallow
    # the images of the other.
    values = alone(vectors)
    start = softmax(values + corrections(values, shares), axis=1)
    fits = [
        fit_em(vectors, classes, start, shares, estimate, NUM_ROUNDS).classifier()
        for estimate in (False, True)
    ]
    return Linear(
        np.mean([fit.kernel for fit in fits], axis=0),
        np.mean([fit.bias for fit in fits], axis=0),
    )


def best(left_out: dict[str, np.ndarray], classes: np.ndarray) -> str:
    """Return the learner to believe: the first one, unless another is clearly better.

    That is, if it predicts more labels by more than the standard error of the
    difference.

    Args:
        left_out: Float arrays `(k, num_classes)`, logits of images whose labels were
            left out, by the learner's name.
        classes: int array `(k,)`, these labels.
    """
    wrong = {
        name: (logits.argmax(axis=1) != classes).astype(float)
        for name, logits in left_out.items()
    }
    usual = next(iter(wrong))
    for name in sorted(wrong, key=lambda name: wrong[name].mean()):
        gain = wrong[usual] - wrong[name]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            return name
    return usual
