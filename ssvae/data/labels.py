"""The labels that training may use: drawn at random.

A draw is a pair of int64 arrays `(k,)`: ascending indices of images of the training
part, and their classes.
"""

from typing import TypeAlias

import numpy as np

from ssvae.data.dataset import UNLABELED
from ssvae.errors import InputError

Draw: TypeAlias = tuple[np.ndarray, np.ndarray]


def draw_labels(
    labels: np.ndarray, num_labels: int | str, num_classes: int, seed: int
) -> Draw:
    """Draw labels at random, equally many of each class.

    If a class has too few labels, the other classes give more. A remainder is given by
    classes chosen at random, one label each.

    Args:
        labels: int array `(n,)`, the class of each image, -1 for unlabeled.
        num_labels: Number of labels, at least one per class; 0 for none; "all" for all;
            "auto" for all if some images are unlabeled, otherwise ten per class.
        num_classes: Number of classes.
        seed: Seed of the draw, int ≥ 0.

    Returns:
        Indices and classes, int64 arrays `(k,)`.

    Raises:
        InputError: If the number is smaller than the number of classes, or larger than
            the number of labels.
    """
    known = np.flatnonzero(labels != UNLABELED)
    if num_labels == "auto":
        partly = len(known) < len(labels)
        num_labels = "all" if partly else min(10 * num_classes, len(known))
    if num_labels == "all":
        return known, labels[known]
    if num_labels == 0:
        return known[:0], labels[:0]
    num_labels = int(num_labels)
    if num_labels > len(known):
        raise InputError(
            f"labels: got {num_labels}, but the training part has {len(known)}: "
            f"ask for at most {len(known)}, or all"
        )
    if num_labels < num_classes:
        raise InputError(
            f"labels: got {num_labels}, need at least one per class: {num_classes} or "
            "more"
        )
    rng = np.random.default_rng(seed)
    sizes = np.bincount(labels[known], minlength=num_classes)
    members = [rng.permutation(np.flatnonzero(labels == c)) for c in range(num_classes)]
    shares = _shares(num_labels, sizes, rng)
    chosen = [member[:share] for member, share in zip(members, shares, strict=True)]
    indices = np.sort(np.concatenate(chosen))
    return indices, labels[indices]


def _shares(total, sizes, rng):
    """Share `total` among the classes as evenly as their `sizes` allow."""
    shares = np.zeros_like(sizes)
    while total:
        open_classes = np.flatnonzero(shares < sizes)
        each = total // len(open_classes)
        if each == 0:
            shares[rng.choice(open_classes, total, replace=False)] += 1
            break
        given = np.minimum(each, sizes[open_classes] - shares[open_classes])
        shares[open_classes] += given
        total -= int(given.sum())
    return shares
