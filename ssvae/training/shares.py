"""p(y), the share of each class, estimated from the unlabeled images.

A few labels drawn evenly say nothing of it. The unlabeled images do, as far as they can
be told apart. Labels are left out in turn to see how far that is: shares stay equal
unless the estimate is far from it, in comparison with how the turns differ.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import chisquare

from ssvae.data import UNLABELED
from ssvae.data.balance import ABSENT
from ssvae.graph.propagation import Propagation
from ssvae.hardware import on_all_cores
from ssvae.runs.shares import AUTO, EQUAL, ESTIMATED, Shares
from ssvae.training.label_shift import Calibration, shares_by_em
from ssvae.vae.labels_alone import fit_labels_alone

# Turns in which labels are left out, at most; and the fewest that say how surely shares
# are known. Few turns lack many labels each, and may err alike.
NUM_TURNS, LEAST_TURNS = 5, 4
# Unlabeled images that the shares are estimated from, at most.
MAX_IMAGES = 10_000
# Weight of the Dirichlet prior, as a fraction of the unlabeled images.
STRENGTH = 0.05
# Labels of classes are uneven by intent or by nature, not by chance, below this
# probability. They are so by nature if the estimate of the shares explains this part of
# the log-likelihood that is gained by uneven shares; then they are the prior, with this
# weight, a fraction of the unlabeled images.
BY_CHANCE, EXPLAINED, AS_DRAWN = 0.01, 0.5, 0.5
# Fraction of the images that would change their class if shares were equal: the least
# that counts as uneven, and in units of its standard error.
LEAST_UNEVEN, SURELY = 0.1, 2.2
# Half of the width of the interval, standard errors of the logarithm of a share. The
# turns share most labels, and so much of their error, which they do not show: three
# standard errors held three of four true shares where these were known.
WIDTH = 5.0
# Times that the borders of a graph are moved to find shares that are uneven, and by how
# many steps.
NUM_SETTLED, SETTLED_STEPS = 2, 15
# Images for which the turns are made in a graph even if shares look equal: it takes
# long in a larger graph.
QUICK = 20_000


def shares_of_vectors(
    vectors: np.ndarray, labels: np.ndarray, given: np.ndarray, seed: int
) -> Shares:
    """Estimate shares by a calibrated regression on the labels; see `label_shift`.

    Args:
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        given: Float array `(num_classes,)`, equal shares of the classes with labels.
        seed: Seed of the draws.
    """
    labeled = labels != UNLABELED
    parts = turns(labels, seed)
    count = parts.max() + 1
    if count < 2 or labeled.all():
        return Shares.given(given, AUTO)
    some = np.random.default_rng((seed, 31)).permutation(np.flatnonzero(~labeled))
    asked = vectors[some[:MAX_IMAGES]]

    def learned_without(part):
        known = labeled & (parts != part)
        return fit_labels_alone(vectors[known], labels[known], len(given))

    learned = on_all_cores(learned_without, [*range(count), None])
    left_out = np.zeros((len(labels), len(given)))
    for part in range(count):
        left_out[parts == part] = learned[part](vectors[parts == part])
    hidden = parts >= 0
    calibration = Calibration.of(left_out[hidden], labels[hidden])

    def estimated_without(part, center=given, strength=STRENGTH):
        known = labels[labeled & (parts != part)]
        frequency = np.bincount(known, minlength=len(given)) / len(known)
        logits = calibration(learned[count if part is None else part](asked))
        return shares_by_em(logits, frequency, center, strength * len(asked))

    prior = _prior(labels[labeled], given, estimated_without(None))
    every, *each = on_all_cores(
        lambda part: estimated_without(part, *prior), [None, *range(count)]
    )
    return _decided(every, lambda: each, labels, prior, always=True, equal=given)


def shares_of_graph(
    propagation: Propagation, labels: np.ndarray, given: np.ndarray, seed: int
) -> Shares:
    """Estimate shares by what each class holds of a graph when its labels spread.

    A class that looks like others may hold their images. So shares count as uneven only
    if more images speak for it than are guessed wrong, as left-out labels tell. They
    are then what classes hold after their borders were moved a little.

    Args:
        propagation: `Propagation` over n images.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        given: See `shares_of_vectors`.
        seed: Seed of the draws.
    """
    parts = turns(labels, seed)
    count, num_classes = parts.max() + 1, len(given)
    if count < 2 or np.all(labels != UNLABELED):
        return Shares.given(given, AUTO)
    every = _held(propagation.free_guesses(labels, num_classes), num_classes)
    center, strength = prior = _prior(labels[labels != UNLABELED], given, every)

    def posterior(shares):
        # Counts of a graph need no prior, unless labels tell of the shares too.
        weight = strength if strength == AS_DRAWN else 0
        return (shares + weight * center) / (1 + weight)

    wrong = []

    def each():
        hidden = (np.where(parts == part, UNLABELED, labels) for part in range(count))
        made = [propagation.free_guesses(known, num_classes) for known in hidden]
        rows = np.flatnonzero(parts >= 0)
        wrong.extend(np.array(made)[parts[rows], rows] != labels[rows])
        return [posterior(_held(guesses, num_classes)) for guesses in made]

    always = len(labels) <= QUICK
    found = _decided(posterior(every), each, labels, prior, always, given)
    if found.source == EQUAL or np.abs(every - given).sum() / 2 < np.mean(wrong):
        low, high = found.low, found.high
        if len(low):
            low, high = np.minimum(low, given), np.maximum(high, given)
        return Shares(given, EQUAL, low, high)
    values = found.values
    for _ in range(NUM_SETTLED):
        guesses = propagation.first_guesses(labels, values)
        guesses = propagation.settled(guesses, labels, SETTLED_STEPS)
        held = _held(guesses[guesses != UNLABELED], num_classes)
        values = _at_least_the_labels(posterior(held), labels)
    low, high = np.minimum(found.low, values), np.maximum(found.high, values)
    return Shares(values, ESTIMATED, low, high)


def _held(guesses, num_classes):
    """Return the fraction of guesses that each class holds, counted once more each."""
    counts = np.bincount(guesses, minlength=num_classes) + 1
    return counts / counts.sum()


def turns(labels: np.ndarray, seed: int) -> np.ndarray:
    """Return the turn in which each label is left out, int array `(n,)`; -1 for never.

    A class with a single label keeps it: without it nothing is known of the class.

    Args:
        labels: int array `(n,)`, classes; -1 for unlabeled.
        seed: Seed of the deal.
    """
    rng = np.random.default_rng((seed, 30))
    parts = np.full(len(labels), -1)
    counts = np.bincount(labels[labels != UNLABELED])
    for index in np.flatnonzero(counts > 1):
        members = rng.permutation(np.flatnonzero(labels == index))
        parts[members] = np.arange(len(members)) % NUM_TURNS
    return parts


def _prior(classes, given, estimate):
    """Return mean and strength of the Dirichlet prior: equal shares, or labels' shares.

    Labels that were drawn as images come say much of the shares. They look like it if
    they are uneven, and the estimate that ignores their numbers explains most of that.
    """
    counts = np.bincount(classes, minlength=len(given))
    present = counts > 0
    if present.sum() < 2 or chisquare(counts[present]).pvalue > BY_CHANCE:
        return given, STRENGTH

    def likelihood(shares):
        return counts[present] @ np.log(shares[present])

    least = likelihood(given)
    explained = likelihood(estimate) - least
    if explained < EXPLAINED * (likelihood(counts / counts.sum()) - least):
        return given, STRENGTH
    return np.where(present, counts + 1.0, 0) / np.sum(counts[present] + 1.0), AS_DRAWN


def _decided(
    every: np.ndarray,
    each: Callable[[], list[np.ndarray]],
    labels: np.ndarray,
    prior: tuple[np.ndarray, float],
    always: bool,
    equal: np.ndarray,
) -> Shares:
    """Return the estimate, or equal shares if it is not surely another.

    Args:
        every: Float array `(num_classes,)`, the estimate by all labels.
        each: Function that returns the estimates without the labels of each turn.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        prior: Mean and strength of the prior of the estimates.
        always: Whether intervals are wanted even if shares look equal.
        equal: Float array `(num_classes,)`, equal shares.
    """
    values = _at_least_the_labels(every, labels)
    uneven = np.abs(values - equal).sum() / 2
    if uneven < LEAST_UNEVEN and not always:
        return Shares.given(equal, AUTO)
    others = np.array([_at_least_the_labels(other, labels) for other in each()])
    # The jackknife that leaves out a group of labels at a time.
    factor = np.sqrt(len(others) - 1)
    error = factor * np.mean(np.abs(others - others.mean(axis=0)).sum(axis=1) / 2)
    spread = WIDTH * factor * np.log(others).std(axis=0)
    surely = len(others) >= LEAST_TURNS
    surely &= bool(uneven >= max(LEAST_UNEVEN, SURELY * error))
    # What the prior may have pulled shares towards its mean.
    center, strength = prior
    ends = np.stack([values, values + strength * (values - center)])
    low = np.maximum(ends.min(axis=0), 0) * np.exp(-spread)
    high = np.minimum(ends.max(axis=0) * np.exp(spread), 1)
    if surely:
        return Shares(values, ESTIMATED, low, high)
    return Shares(equal, EQUAL, np.minimum(low, equal), np.maximum(high, equal))


def _at_least_the_labels(shares, labels):
    """Return shares of which none is below that of its labels among the images."""
    counts = np.bincount(labels[labels != UNLABELED], minlength=len(shares))
    shares = np.maximum(shares, counts / len(labels))
    shares = np.where(counts > 0, shares, 0)
    # A class without labels has almost no share, as in `class_shares`.
    shares = np.where(counts > 0, shares, ABSENT * shares.sum())
    return shares / shares.sum()
