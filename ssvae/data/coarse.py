"""Labels that name a group of classes, and not a single one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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


def _or_none(rows, allowed):
    """Return labels of groups, or None if there are none."""
    return Coarse(rows, allowed) if len(rows) else None
