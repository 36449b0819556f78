"""What is known of a data set whose images are ink on a plain ground."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from ssvae.data.images import as_floats
from ssvae.data.shapes import FILLED, THICKNESS, limits_of, measures, oddities

# A pixel of this fraction of the strongest pixel's ink, or more, is in the box.
INK = 0.2
# Greatest difference from black or white of a pixel of the ground; share of a set's
# pixels that are ground at least, if the set is one of ink. Of MNIST's 0.80 are, of
# Fashion-MNIST's 0.52, of grey photographs hardly any.
GROUND, PLAIN = 0.06, 0.3
# Images that are looked at: at least, at most, and how many pixels they may have.
LEAST, MOST, PIXELS = 100, 6_000, 2**23
# Thickness of lines, in longer sides of the box: thicker is no line. MNIST's lines have
# 0.17, Fashion-MNIST's clothes 0.33.
LINE = 0.25


class Layout(NamedTuple):
    """How the ink of a data set's images is scaled and placed.

    Attributes:
        extent: Longer side of the box around the ink, fraction of the image's side.
        by_mass: Whether the center of mass of the ink is put in the middle, as in MNIST
            (LeCun et al. 1998, section III.A), and not the center of its box.
        middle: Row and column of the middle, fractions of the image's sides.
        ground: Value of a pixel without ink: 0 for black, 1 for white.
        thickness: Thickness of the lines, in longer sides of the box.
    """

    extent: float
    by_mass: bool
    middle: tuple[float, float]
    ground: float = 0.0
    thickness: float = 0.17

    def ink(self, images: np.ndarray) -> np.ndarray:
        """Return the ink of images, float array `(n, h, w)` in [0, 1].

        Args:
            images: Array `(n, h, w, c)`, uint8 or floats in [0, 1].
        """
        return np.abs(as_floats(images).mean(axis=-1) - self.ground)


class InkData(NamedTuple):
    """What is known of a data set whose images are ink on a plain ground.

    Attributes:
        layout: `Layout`.
        limits: Limits of usual shapes, see `shapes.limits_of`.
    """

    layout: Layout
    limits: np.ndarray

    @classmethod
    def of(cls, images: np.ndarray) -> InkData | None:
        """Return what is known of a data set; None if it is not one of ink.

        Args:
            images: Array `(n, h, w, c)`, uint8 or floats in [0, 1]. Some are looked at.
        """
        count = max(LEAST, min(MOST, PIXELS // math.prod(images.shape[1:3])))
        some = np.asarray(images[:: max(1, len(images) // count)][:count])
        ground = ground_of(some)
        if ground is None:
            return None
        layout = layout_of(some, ground)
        return cls(layout, limits_of(layout.ink(some)))

    def as_array(self) -> np.ndarray:
        """Return all values as a float64 array, to save."""
        extent, by_mass, middle, *rest = self.layout
        return np.array([extent, by_mass, *middle, *rest, *self.limits.ravel()])

    @classmethod
    def from_array(cls, values: np.ndarray) -> InkData:
        """Return what `as_array` returned as an array.

        Raises:
            ValueError: If the array has another length.
        """
        extent, by_mass, row, column, ground, thickness, *limits = map(float, values)
        layout = Layout(extent, bool(by_mass), (row, column), ground, thickness)
        num_measures = measures(np.zeros((0, 1, 1))).shape[1]
        return cls(layout, np.reshape(limits, (2, num_measures)))

    @property
    def is_lines(self) -> bool:
        """Whether the ink is lines, and not filled things."""
        return self.layout.thickness < LINE

    def oddities(self, images: np.ndarray) -> list[str]:
        """Return what is odd about the shape of each image's ink; "" for nothing."""
        return oddities(self.layout.ink(images), self.limits)

    def oddity(self, drawing: np.ndarray) -> str:
        """Return what is odd about lines before they are laid out; "" for nothing.

        In a large picture lines are told apart that touch each other in a small one.
        They may be thin there: `laid_out` makes them thicker.

        Args:
            drawing: Float array `(h, w)` in [0, 1], 1 for full ink, of any size.
        """
        if not self.is_lines:
            return ""
        limits = self.limits.copy()
        limits[0, [THICKNESS, FILLED]] = 0
        return oddities(drawing[None], limits)[0]


def ground_of(images: np.ndarray) -> float | None:
    """Return the value of the plain ground of a data set: 0 black, 1 white; or None.

    Args:
        images: Array `(n, h, w, c)`, uint8 or floats in [0, 1].
    """
    if images.shape[-1] != 1:
        return None
    pixels = as_floats(images)
    shares = [np.mean(pixels < GROUND), np.mean(pixels > 1 - GROUND)]
    return float(np.argmax(shares)) if max(shares) >= PLAIN else None


def layout_of(images: np.ndarray, ground: float = 0.0) -> Layout:
    """Return how images are laid out.

    The center of the ink's box or its center of mass is the middle: the one whose place
    differs less from image to image.

    Args:
        images: Array `(n, h, w, c)` of ink on a plain ground, a hundred or more.
        ground: Value of the ground, 0 or 1.
    """
    grey = np.abs(as_floats(images).mean(axis=-1) - ground)
    inked = grey[grey.any(axis=(1, 2))]
    sides = np.array(grey.shape[1:])
    boxes = np.array([box_of(image) for image in inked])
    extents = ((boxes[:, 1] - boxes[:, 0]) / sides).max(axis=1)
    by_box = boxes.mean(axis=1) / sides
    masses = np.array([ndimage.center_of_mass(image) for image in inked])
    by_mass = (masses + 0.5) / sides
    spread = [places.std(axis=0).sum() for places in (by_box, by_mass)]
    row, column = map(float, (by_box, by_mass)[int(np.argmin(spread))].mean(axis=0))
    thickness = float(np.median(measures(inked)[:, 0]))
    is_by_mass = bool(spread[1] < spread[0])
    extent = float(np.median(extents))
    return Layout(extent, is_by_mass, (row, column), ground, thickness)


def box_of(image: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return row and column of the first pixel of the ink's box, and past its last.

    Args:
        image: Array `(h, w)` with some ink.
    """
    ink = image > INK * image.max()
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return (rows[0], columns[0]), (rows[-1] + 1, columns[-1] + 1)
