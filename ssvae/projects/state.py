"""What the events of a project add up to: its classes, and the label of each image."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ssvae.data.dataset import UNLABELED
from ssvae.projects.journal import Event

# Stands in the place of a class where an image shows none of them.
NONE = "none"
# Keys that classes get when nobody chose one, in this order. The letters s, z and n are
# left out: they are the first letters of skip and none, and the usual key of undo.
KEYS = "123456789qwertyuiopadfghjklxcvbm"
# Colors that classes get when nobody chose one, in this order. Each has a contrast of 3
# or more to white and to the dark page, and each two are far apart, by Oklab, also for
# people who see no red or no green.
COLORS = (
    "#2078d8 #f06800 #407000 #c03888 #60a088 #786060 #f060a0 #20a028 #c060d0 #007090 "
    "#8088f8 #c02838 #986808 #a89000 #8068a8 #c07068 #0098c0 #a088b0 #008868 #7848c8"
).split()


def plain_name(name: str) -> str:
    """Return the name of a class as it is compared: two classes may not share it."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


@dataclass(frozen=True)
class ClassOf:
    """A class of a project.

    Attributes:
        id: What labels hold; it stays when the class gets another name.
        name: What people read.
        color: "#rrggbb", readable on light and on dark pages unless somebody chose it.
        key: The key that gives this class to an image, one character; "" for none.
    """

    id: str
    name: str
    color: str
    key: str


@dataclass(frozen=True)
class State:
    """What people have done so far; it is never changed, a later one takes its place.

    Attributes:
        classes: The classes, in the order in which they were added.
        labels: Dict from the name of an image to the id of its class, or `NONE`; in the
            order of labeling.
        skipped: Names of images that somebody skipped and nobody labeled.
        num_actions: Number of events. It grows with each, so that caches key on it.
        acknowledged: Dict from a client's id to the number of its last action that is
            stored, or was refused.
        refused: Dict from a client's id to the number of its last action that was
            refused, and a sentence that says why.
        undoes: The event that the next undo takes back; None if there is none.
        left: Names of images that a model asked about, and that somebody left as they
            are.
    """

    classes: list[ClassOf] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    num_actions: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    undoes: Event | None = None
    left: set[str] = field(default_factory=set)

    def class_of(self, class_id: str) -> ClassOf | None:
        """Return the class of an id; None if there is none."""
        return next((one for one in self.classes if one.id == class_id), None)

    def class_named(self, name: str) -> ClassOf | None:
        """Return the class of a name, in upper or lower case; None if there is none."""
        plain = plain_name(name)
        return next(
            (one for one in self.classes if plain_name(one.name) == plain), None
        )

    def labels_of(self, names: Sequence[str]) -> np.ndarray:
        """Return the labels of images as numbers.

        Args:
            names: Names of n images.

        Returns:
            int64 array `(n,)`: the index of each image's class in `classes`; -1 for
            unlabeled images and those that show none of the classes.
        """
        number = {one.id: index for index, one in enumerate(self.classes)}
        labels = self.labels
        found = (number.get(labels.get(name, NONE), UNLABELED) for name in names)
        return np.fromiter(found, np.int64, len(names))

    def is_none(self, names: Sequence[str]) -> np.ndarray:
        """Return which images show none of the classes, bool array `(n,)`."""
        found = (self.labels.get(name) == NONE for name in names)
        return np.fromiter(found, bool, len(names))
