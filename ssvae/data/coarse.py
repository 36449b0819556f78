"""Labels that name a group of classes, and not a single one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# In the place of a class that is not known.
UNKNOWN = -1
# Logit of a class that a label rules out: its probability is 0.
RULED_OUT = -1e6


@dataclass(frozen=True)
class Coarse:
    """Images of which a group of classes is known.

    Attributes:
        rows: int64 array `(k,)`, ascending indices of the images.
        allowed: bool array `(k, num_classes)`, which classes each image may be; one
            or more in every row.
    """

    rows: np.ndarray
    allowed: np.ndarray

    @property
    def information(self) -> np.ndarray:
        """How much each label tells: 1 for one class, 0 for all, float64 `(k,)`.

        Of K classes a group of g tells log(K / g) nats, a class log K.
        """
        sizes, count = self.allowed.sum(axis=1), self.allowed.shape[1]
        return np.log(count / sizes) / np.log(count)

    def mask(self, count: int) -> np.ndarray:
        """Return which classes each of `count` images may be: others may be any.

        Returns:
            bool array `(count, num_classes)`.
        """
        allowed = np.ones((count, self.allowed.shape[1]), bool)
        allowed[self.rows] = self.allowed
        return allowed

    def kept_to(self, logits: np.ndarray) -> np.ndarray:
        """Return logits in which no image has a class that its label rules out.

        q(y|x) of the result is q(y|x) given the group: zero for classes outside.

        Args:
            logits: Float array `(n, num_classes)`.

        Returns:
            Float array of the same shape and type.
        """
        kept = logits.copy()
        kept[self.rows] = np.where(self.allowed, logits[self.rows], RULED_OUT)
        return kept

    def but(self, rows: np.ndarray) -> Coarse | None:
        """Return it without some images; None if nothing is left.

        Args:
            rows: int array, indices of these images.
        """
        stays = ~np.isin(self.rows, rows)
        return _or_none(self.rows[stays], self.allowed[stays])

    def and_others(self, other: Coarse | None) -> Coarse:
        """Return it with the labels of other images added."""
        if other is None:
            return self
        rows = np.concatenate([self.rows, other.rows])
        order = np.argsort(rows, kind="stable")
        allowed = np.concatenate([self.allowed, other.allowed])
        return Coarse(rows[order], allowed[order])

    def within(self, kept: np.ndarray) -> Coarse | None:
        """Return it for only some images; None if none of them has such a label.

        Args:
            kept: int array, ascending indices of the images that stay.
        """
        stays = np.isin(self.rows, kept)
        return _or_none(np.searchsorted(kept, self.rows[stays]), self.allowed[stays])

    def renumbered(self, numbers: np.ndarray, num_classes: int) -> Coarse:
        """Return it with classes numbered in another order.

        Args:
            numbers: int array, the new number of each class.
            num_classes: Number of classes then, as many or more.
        """
        allowed = np.zeros((len(self.rows), num_classes), bool)
        allowed[:, numbers] = self.allowed
        return Coarse(self.rows, allowed)

    def without(self, index: int) -> Coarse | None:
        """Return it without one class; None if nothing is left.

        Args:
            index: Number of the class.
        """
        allowed = np.delete(self.allowed, index, axis=1)
        stays = allowed.any(axis=1)
        return _or_none(self.rows[stays], allowed[stays])


def classes_and_groups(labels: np.ndarray) -> tuple[np.ndarray, Coarse | None]:
    """Return the classes that are known of images, and the groups that are.

    Args:
        labels: int array `(n,)`, classes; -1 for unlabeled. Or bool array `(n,
            num_classes)`, which classes each image may be: one for a label, several for
            the label of a group, all for unlabeled.

    Returns:
        int64 array `(n,)`, classes, -1 where no single one is known; and `Coarse`, None
        if no label names a group.
    """
    if labels.ndim == 1:
        return labels, None
    counts = labels.sum(axis=1)
    classes = np.where(counts == 1, labels.argmax(axis=1), UNKNOWN)
    rows = np.flatnonzero((counts > 1) & (counts < labels.shape[1]))
    return classes, _or_none(rows, labels[rows])


def _or_none(rows, allowed):
    """Return labels of groups, or None if there are none."""
    return Coarse(rows, allowed) if len(rows) else None
