"""What a person chose to look at on the page Label, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Images of one screen; as many more are sent, for the next screen.
SCREEN = 40


@dataclass(frozen=True)
class View:
    """What a person chose to look at.

    Attributes:
        mode: "one" for one image at a time, "grid" for many.
        kind: "typical", "surest", "least sure", "strangest" or "helpful", see `order`;
            "names" for the order of the data set; for a grid also "class" for images
            that are taken for one class, "alike" for images like one, "labeled" for
            those that were given a class, "disputed" for those of them whose guess is
            another class, and "skipped".
        about: For "class" and "labeled" the id of the class, "" for any; for "alike"
            the name of the image, "" for any.
    """

    mode: str
    kind: str
    about: str = ""

    @property
    def is_review(self) -> bool:
        """Whether it shows images that people have decided on."""
        return self.kind in ("labeled", "disputed", "skipped")

    def __str__(self) -> str:
        return f"{self.mode}/{self.kind}/{self.about}"


@dataclass(frozen=True)
class Choice:
    """Images to show.

    Attributes:
        rows: int array, the first to be shown first.
        title: What they have in common, in words; "" if nothing.
        selected: Whether they are probably alike, so that all are selected at first.
        group: Id of the class that they are taken for; "" if they are for none.
    """

    rows: np.ndarray
    title: str = ""
    selected: bool = False
    group: str = ""
