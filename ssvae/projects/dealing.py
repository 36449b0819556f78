"""Labels dealt into parts that are left out in turn, and cut to size by class."""

import numpy as np

# Parts that the labels are dealt into, at most: each is left out once.
NUM_PARTS = 5
# Labels from which three parts serve as well, and take less time.
MANY_LABELS, FEW_PARTS = 1_000, 3
# Labels of a class that the regression learns from, at most: as a multiple of those of
# the rarest class, and in any case.
IMBALANCE, LEAST_EACH = 5, 20


def deal(classes: np.ndarray, seed: int) -> np.ndarray:
    """Deal labels into parts, those of each class evenly.

    A class of a single label is predicted wrong when that is left out.

    Args:
        classes: int array `(k,)`.
        seed: Seed of the deal.

    Returns:
        int array `(k,)`, numbers of parts from 0; all 0 if most classes have a single
        label, which says nothing when it is left out.
    """
    rng = np.random.default_rng((seed, 9))
    counts = np.bincount(classes)
    usual = int(np.median(counts[counts > 0]))
    most = NUM_PARTS if len(classes) < MANY_LABELS else FEW_PARTS
    num_parts = min(most, usual)
    parts = np.zeros(len(classes), np.int64)
    if np.count_nonzero(counts) < 2:
        return parts
    for index in np.flatnonzero(counts):
        members = rng.permutation(np.flatnonzero(classes == index))
        parts[members] = (np.arange(len(members)) + rng.integers(num_parts)) % num_parts
    return parts


def first_of_each(classes: np.ndarray, num_classes: int) -> np.ndarray:
    """Return places of labels, so that no class has many times those of another.

    Args:
        classes: int array `(k,)`, one label or more.
        num_classes: Number of classes.

    Returns:
        int array, ascending; of a class the first are kept.
    """
    counts = np.bincount(classes, minlength=num_classes)
    most = max(LEAST_EACH, IMBALANCE * counts[counts > 0].min())
    order = np.argsort(classes, kind="stable")
    rank = np.arange(len(classes)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(order[rank < most])
