"""Guesses of a project, and the labels that they were made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssvae.projects.guesses import Guesses


@dataclass(frozen=True)
class Guessed:
    """Guesses, and what they were made from.

    Attributes:
        guesses: The `Guesses`.
        classes: Ids of the classes, in the order of the probabilities.
        labels: int array `(n,)`, the labels that were learned from, -1 for none.
        num_actions: `num_actions` of the state that the labels are from.
        is_known: Whether two classes or more have labels: without, nothing is guessed.
    """

    guesses: Guesses
    classes: tuple[str, ...]
    labels: np.ndarray
    num_actions: int
    is_known: bool

    def of_row(self, row: int) -> tuple[str, float]:
        """Return the id of the likeliest class of an image, and its probability."""
        probabilities = self.guesses.probabilities[row]
        best = int(probabilities.argmax())
        return self.classes[best], float(probabilities[best])
