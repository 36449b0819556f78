"""Where labels and guesses differ: confused classes, labels to look at again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssvae.data import UNLABELED
from ssvae.projects.guessed import Guessed
from ssvae.training.label_issues import SURELY


@dataclass(frozen=True)
class Confusion:
    """Labels of one class that the guess takes for another while they are left out.

    Attributes:
        label: Id of the class that people gave.
        guess: Id of the class that is guessed.
        count: Number of such labels.
        of: Number of labels of the class that people gave.
    """

    label: str
    guess: str
    count: int
    of: int


def confusions(guessed: Guessed) -> list[Confusion]:
    """Return which classes are taken for which, the most frequent first.

    Args:
        guessed: The guesses of a project; empty if too few labels were left out.
    """
    table = table_of(guessed)
    rows, columns = np.nonzero(table * (1 - np.eye(len(table), dtype=int)))
    found = [
        Confusion(
            guessed.classes[row],
            guessed.classes[column],
            int(table[row, column]),
            int(table[row].sum()),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.count, -one.count / one.of))


def table_of(guessed: Guessed) -> np.ndarray:
    """Return how often each class is guessed for labels of each, while left out.

    Args:
        guessed: The guesses of a project.

    Returns:
        int array `(k, k)`, a row per class that people gave, a column per guess.
    """
    count = len(guessed.classes)
    table = np.zeros((count, count), int)
    if guessed.guesses.left_out is not None:
        labels = guessed.labels[guessed.labels != UNLABELED]
        np.add.at(table, (labels, guessed.guesses.left_out), 1)
    return table


def disputed(guessed: Guessed) -> np.ndarray:
    """Return the labeled images whose guess is another class, likeliest wrong first.

    Some of these labels are wrong. The others are images that are hard to tell. Labels
    that are rather wrong than right are among them even where the guess agrees.

    Args:
        guessed: The guesses of a project.

    Returns:
        int array, rows of images.
    """
    left_out, wrong = guessed.guesses.left_out, guessed.guesses.wrong
    if left_out is None or wrong is None:
        return np.zeros(0, int)
    known = np.flatnonzero(guessed.labels != UNLABELED)
    shown = (left_out != guessed.labels[known]) | (wrong > SURELY)
    return known[shown][np.argsort(-wrong[shown], kind="stable")]


def num_suspected(guessed: Guessed) -> int:
    """Return how many labels are rather wrong than right, by what the others say.

    Args:
        guessed: The guesses of a project.
    """
    wrong = guessed.guesses.wrong
    return 0 if wrong is None else int(np.count_nonzero(wrong > SURELY))
