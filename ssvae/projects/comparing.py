"""What two models say of the same images: where they differ, and who is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ssvae.projects.answers import Answers
from ssvae.projects.state import State


@dataclass(frozen=True)
class Change:
    """An image that two models take for different classes.

    Attributes:
        row: Its row.
        one: Name of the class that the first model takes it for.
        other: The same of the second.
        label: Name of the class that people gave it; empty if none.
    """

    row: int
    one: str
    other: str
    label: str


@dataclass(frozen=True)
class OfClass:
    """How many images of a class each of two models gets right.

    Attributes:
        name: Name of the class.
        labeled: Number of images that people gave this class.
        one: Number of them that the first model takes for it.
        other: The same of the second.
    """

    name: str
    labeled: int
    one: int
    other: int


def changes(
    one: Answers, other: Answers, state: State, names: Sequence[str]
) -> list[Change]:
    """Return the images that two models take for different classes.

    Those with a label come first, and then those of which both models are surest.

    Args:
        one: What the first model says of every image.
        other: What the second says.
        state: What people said.
        names: Names of the images.
    """
    firsts, seconds, labels = one.names(), other.names(), _labels(state, names)
    rows = np.flatnonzero(firsts != seconds)
    sure = one.probability[rows] + other.probability[rows]
    rows = rows[np.lexsort((-sure, labels[rows] == ""))]
    return [
        Change(int(row), firsts[row], seconds[row], labels[row])
        for row in rows.tolist()
    ]


def by_class(
    one: Answers, other: Answers, state: State, names: Sequence[str]
) -> list[OfClass]:
    """Return how many labeled images of each class two models get right.

    Args:
        one: What the first model says of every image.
        other: What the second says.
        state: What people said.
        names: Names of the images.
    """
    firsts, seconds, labels = one.names(), other.names(), _labels(state, names)
    found = []
    for name in (known.name for known in state.classes):
        its = labels == name
        counts = (its, its & (firsts == name), its & (seconds == name))
        found.append(OfClass(name, *(int(mask.sum()) for mask in counts)))
    return found


def _labels(state, names):
    """Return the name of the class of each label, "" without one, `(n,)` of texts."""
    known = {one.id: one.name for one in state.classes}
    found = [known.get(state.labels.get(name, ""), "") for name in names]
    return np.array(found, object)
