"""Drawings and pictures of any size become like the images of a data set of ink."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from ssvae.data.ink_data import LINE, Layout, box_of
from ssvae.data.shapes import measures
from ssvae.errors import InputError

# Thinnest lines of a drawing, fraction of the thickness in the data set: the lines of a
# fine pen are made thicker.
FINE = 0.6


def laid_out(
    drawing: np.ndarray, layout: Layout, image_shape: tuple[int, int, int]
) -> np.ndarray:
    """Return a drawing scaled and placed like the images of a data set.

    Args:
        drawing: Float array `(h, w)` in [0, 1], 1 for full ink, of any size.
        layout: The data set's `Layout`.
        image_shape: Height, width and channels of the data set's images.

    Returns:
        float32 array `(height, width, channels)` in [0, 1].

    Raises:
        InputError: If nothing is drawn.
    """
    height, width, channels = image_shape
    if not drawing.max() > 0:
        raise InputError("nothing is drawn: need some ink, unlike the ground")
    ink = _thickened(_cut_out(drawing), layout)
    factor = layout.extent * min(height / ink.shape[0], width / ink.shape[1])
    size = [max(1, round(factor * side)) for side in ink.shape]
    # BOX averages all pixels that become one pixel, so that thin strokes stay.
    picture = Image.fromarray(np.float32(ink)).resize(size[::-1], Image.Resampling.BOX)
    canvas = np.zeros((height, width), np.float32)
    canvas[: size[0], : size[1]] = np.asarray(picture)[:height, :width]
    here = (np.array(size) - 1) / 2
    if layout.by_mass:
        here = ndimage.center_of_mass(canvas)
    move = np.multiply(layout.middle, (height, width)) - 0.5 - here
    moved = ndimage.shift(canvas, move, order=1, mode="grid-constant")
    pixels = np.abs(np.clip(moved, 0, 1) - layout.ground)
    return np.repeat(pixels[..., None], channels, axis=-1)


def _thickened(ink, layout):
    """Return ink whose lines are not much thinner than those of the data set."""
    side = max(ink.shape)
    thickness = measures(ink[None])[0, 0]
    lack = FINE * layout.thickness - thickness
    steps = round(lack * side / 2)
    if layout.thickness > LINE or steps < 1:
        return ink
    wide = ndimage.grey_dilation(np.pad(ink, steps), footprint=_disk(steps))
    return _cut_out(wide)


def _disk(radius):
    """Return a disk as a boolean array `(2 radius + 1, 2 radius + 1)`."""
    row, column = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return row**2 + column**2 <= radius**2


def _cut_out(image):
    """Return what is in the ink's box."""
    (top, left), (bottom, right) = box_of(image)
    return image[top:bottom, left:right]
