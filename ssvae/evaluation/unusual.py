"""What tells that an image is none of a model's, besides the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ssvae.data.ink_data import InkData
from ssvae.runs.ink import ink_of
from ssvae.types import ArrayLike, PathLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Images that the model draws, at least: some of every class.
DRAWN = 200
# An image is empty if its contrast is below this fraction of the least among the drawn
# ones. The faintest of 20,000 clothes and digits has three quarters of it.
FRACTION = 0.5

EMPTY = "next to nothing is on it"


@dataclass(frozen=True)
class Usual:
    """What is usually on the images of a model.

    Attributes:
        least: Contrast below which an image is empty: standard deviation of pixels in
            [0, 1].
        ink: `InkData` of its images; None if they are not of ink.
    """

    least: float
    ink: InkData | None = None

    @classmethod
    def of(cls, model: SSVAE, run: PathLike | None = None) -> Usual:
        """Return what is usual to a model.

        Args:
            model: An `SSVAE`.
            run: What names it; see `ink_of`.
        """
        return cls(least_contrast(model), ink_of(model, run))

    def oddities(
        self, model: SSVAE, images: ArrayLike, lacks: Sequence[str] = ()
    ) -> list[str]:
        """Return why each image is unusual, whatever its score; "" if nothing tells.

        Args:
            model: The `SSVAE`.
            images: `(n, h, w)` or `(n, h, w, c)`.
            lacks: Why each picture, as it was, is unlike the model's images; see
                `Brought`.
        """
        drawn = model.as_drawn(images)
        empty = [EMPTY if low else "" for low in _contrast(drawn) < self.least]
        shapes = self.ink.oddities(drawn) if self.ink else [""] * len(drawn)
        known = lacks or [""] * len(drawn)
        return [
            raw or nothing or shape
            for raw, nothing, shape in zip(known, empty, shapes, strict=True)
        ]


def least_contrast(model: SSVAE) -> float:
    """Return the contrast below which an image is empty to a model.

    The score cannot tell: a black image is easy to draw, and a thin stroke is likely.
    Images that the model draws tell how much is on an image of its kind.

    Args:
        model: An `SSVAE`.

    Returns:
        Standard deviation of pixels in [0, 1].
    """
    count = max(DRAWN, model.num_classes)
    drawn = model.generate(np.arange(count) % model.num_classes)
    return FRACTION * float(_contrast(drawn).min())


def _contrast(images):
    """Return the standard deviation of the pixels of each image, over its channels."""
    pixels = images.reshape(len(images), -1, images.shape[-1])
    return np.sqrt(pixels.var(axis=1).mean(axis=1))
