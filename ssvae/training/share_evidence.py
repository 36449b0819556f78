"""What labels tell of the shares of classes: how they were drawn, and how surely."""

from collections.abc import Callable

import numpy as np
from scipy.stats import chisquare

from ssvae.data import UNLABELED
from ssvae.data.balance import ABSENT
from ssvae.runs.shares import AUTO, EQUAL, ESTIMATED, Shares

# Turns in which labels are left out, at most; and the fewest that say how surely shares
# are known. Few turns lack many labels each, and may err alike.
NUM_TURNS, LEAST_TURNS = 5, 4
# Labels of classes are uneven by intent or by nature, not by chance, below this
# probability. They are so by nature if the estimate of the shares explains this part of
# the log-likelihood that is gained by uneven shares.
BY_CHANCE, EXPLAINED = 0.01, 0.5
# The same part where the estimate is a regression's: it leans towards classes with many
# labels, and explained up to 0.7 of labels that were uneven by intent.
EXPLAINED_BY_LABELS = 0.75
# Fraction of the images that would change their class if shares were equal: the least
# that counts as uneven, and in units of its standard error.
LEAST_UNEVEN, SURELY = 0.1, 2.2
# Half of the width of the interval, standard errors of the logarithm of a share. The
# turns share most labels, and so much of their error, which they do not show: three
# standard errors held three of four true shares where these were known.
WIDTH = 5.0


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


def are_uneven(classes: np.ndarray) -> bool:
    """Return whether the numbers of labels differ by more than chance.

    Args:
        classes: int array `(k,)`, labels.
    """
    counts = np.bincount(classes)
    counts = counts[counts > 0]
    return len(counts) > 1 and bool(chisquare(counts).pvalue <= BY_CHANCE)


def as_drawn(
    classes: np.ndarray,
    equal: np.ndarray,
    estimate: Callable[[], np.ndarray],
    least_explained: float = EXPLAINED,
) -> np.ndarray | None:
    """Return the labels' own shares if labels were drawn as images come, else None.

    They look like it if their numbers are uneven, and an estimate that does not depend
    on these numbers explains most of that.

    Args:
        classes: int array `(k,)`, labels.
        equal: Float array `(num_classes,)`, equal shares of the classes with labels.
        estimate: Function that returns the estimate, a float array `(num_classes,)`.
        least_explained: Part that the estimate has to explain, a fraction.

    Returns:
        float64 array `(num_classes,)`, each class counted once more; or None.
    """
    if not are_uneven(classes):
        return None
    counts = np.bincount(classes, minlength=len(equal))
    present = counts > 0

    def likelihood(shares):
        return counts[present] @ np.log(shares[present])

    least = likelihood(equal)
    explained = likelihood(estimate()) - least
    if explained < least_explained * (likelihood(counts / counts.sum()) - least):
        return None
    return np.where(present, counts + 1.0, 0) / np.sum(counts[present] + 1.0)


def chance_error(shares: np.ndarray, count: int) -> float:
    """Return how far the shares among labels that were drawn are off by chance.

    It is half of the expected sum of |k/n - p| of a multinomial distribution, each k
    taken as normal.

    Args:
        shares: Float array `(num_classes,)`, p.
        count: Number of labels, n.
    """
    deviations = np.sqrt(shares * (1 - shares) / count)
    return float(np.sqrt(2 / np.pi) * deviations.sum() / 2)


def evened(labels: np.ndarray, seed: tuple[int, int]) -> np.ndarray:
    """Return labels without so many that no class has more than the median has.

    In a graph a class with many labels holds more images than it should.

    Args:
        labels: int array `(n,)`, classes; -1 for unlabeled.
        seed: Seed and number of the draw of those that stay.
    """
    rng = np.random.default_rng((*seed, 32))
    counts = np.bincount(labels[labels != UNLABELED])
    most = int(np.median(counts[counts > 0]))
    few = labels.copy()
    for index in np.flatnonzero(counts > most):
        members = rng.permutation(np.flatnonzero(labels == index))
        few[members[most:]] = UNLABELED
    return few


def decided(
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
    values = at_least_the_labels(every, labels)
    uneven = np.abs(values - equal).sum() / 2
    if uneven < LEAST_UNEVEN and not always:
        return Shares.given(equal, AUTO)
    others = np.array([at_least_the_labels(other, labels) for other in each()])
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


def at_least_the_labels(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return shares of which none is below that of its labels among the images.

    Args:
        shares: Float array `(num_classes,)`.
        labels: int array `(n,)`, classes; -1 for unlabeled. One without labels gets
            almost no share.
    """
    counts = np.bincount(labels[labels != UNLABELED], minlength=len(shares))
    shares = np.maximum(shares, counts / len(labels))
    shares = np.where(counts > 0, shares, 0)
    # A class without labels has almost no share, as in `class_shares`.
    shares = np.where(counts > 0, shares, ABSENT * shares.sum())
    return shares / shares.sum()
