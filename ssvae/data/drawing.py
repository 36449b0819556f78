"""Drawings and pictures of any size become like the images of a data set."""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from ssvae.data.images import as_floats
from ssvae.errors import InputError

# A pixel of this fraction of the brightest pixel's value, or more, counts as ink.
INK = 0.2


class Layout(NamedTuple):
    """How the ink of a data set's images is scaled and placed.

    Attributes:
        extent: Longer side of the box around the ink, fraction of the image's side.
        by_mass: Whether the center of mass of the ink is put in the middle, as in MNIST
            (LeCun et al. 1998, section III.A), and not the center of its box.
        middle: Row and column of the middle, pixels.
    """

    extent: float
    by_mass: bool
    middle: tuple[float, float]


def layout_of(images: np.ndarray) -> Layout:
    """Return how images are laid out.

    The center of the ink's box or its center of mass is the middle: the one whose place
    differs less from image to image.

    Args:
        images: Array `(n, h, w, c)` of bright ink on dark ground, a hundred images or
            more.
    """
    grey = images.mean(axis=-1)
    inked = [image for image in grey if image.any()]
    sides = np.array(grey.shape[1:])
    boxes = np.array([_box(image) for image in inked])
    extents = ((boxes[:, 1] - boxes[:, 0]) / sides).max(axis=1)
    by_box = boxes.mean(axis=1) - 0.5
    by_mass = np.array([ndimage.center_of_mass(image) for image in inked])
    spread = [places.std(axis=0).sum() for places in (by_box, by_mass)]
    places = (by_box, by_mass)[int(np.argmin(spread))]
    row, column = map(float, places.mean(axis=0))
    return Layout(float(np.median(extents)), spread[1] < spread[0], (row, column))


def laid_out(
    drawing: np.ndarray, layout: Layout, image_shape: tuple[int, int, int]
) -> np.ndarray:
    """Return a drawing scaled and placed like the images of a data set.

    Args:
        drawing: Float array `(h, w)` in [0, 1] of bright ink, of any size.
        layout: The data set's `Layout`.
        image_shape: Height, width and channels of the data set's images.

    Returns:
        float32 array `(height, width, channels)` in [0, 1].

    Raises:
        InputError: If nothing is drawn.
    """
    height, width, channels = image_shape
    if not drawing.max() > 0:
        raise InputError("nothing is drawn: need some ink, brighter than the ground")
    (top, left), (bottom, right) = _box(drawing)
    ink = drawing[top:bottom, left:right]
    factor = layout.extent * min(height / ink.shape[0], width / ink.shape[1])
    size = [max(1, round(factor * side)) for side in ink.shape]
    # BOX averages all pixels that become one pixel, so that thin strokes stay.
    picture = Image.fromarray(np.float32(ink)).resize(size[::-1], Image.Resampling.BOX)
    canvas = np.zeros((height, width), np.float32)
    canvas[: size[0], : size[1]] = np.asarray(picture)[:height, :width]
    here = (np.array(size) - 1) / 2
    if layout.by_mass:
        here = ndimage.center_of_mass(canvas)
    move = np.subtract(layout.middle, here)
    moved = ndimage.shift(canvas, move, order=1, mode="grid-constant")
    return np.repeat(np.clip(moved, 0, 1)[..., None], channels, axis=-1)


def like_data(
    picture: np.ndarray, layout: Layout, image_shape: tuple[int, int, int]
) -> np.ndarray:
    """Return a picture as an image of a data set.

    A picture of the data set's size is not changed. A picture in color is resized. In a
    grey picture the ink is found, bright on dark ground or dark on bright, and laid
    out.

    Args:
        picture: uint8 array `(h, w, channels)`, with the data set's channels.
        layout: The data set's `Layout`.
        image_shape: Height, width and channels of the data set's images.

    Returns:
        float32 array `(height, width, channels)` in [0, 1].

    Raises:
        InputError: If all pixels of a picture of another size are alike.
    """
    height, width, channels = image_shape
    pixels = as_floats(picture)
    if picture.shape == tuple(image_shape):
        return pixels
    if not np.ptp(pixels.reshape(-1, channels), axis=0).any():
        raise InputError(
            f"nothing is on the picture of {picture.shape[1]}x{picture.shape[0]} "
            "pixels, all are alike: need a picture with something on it"
        )
    if channels > 1:
        resized = Image.fromarray(picture).resize((width, height))
        return as_floats(np.asarray(resized))
    grey = pixels[..., 0]
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = grey - np.median(edge)
    ink = np.clip(ink if ink.max() > -ink.min() else -ink, 0, None)
    ink /= ink.max()
    # The ground of a photograph is uneven: faint pixels are no ink.
    return laid_out(np.where(ink > INK, ink, 0), layout, image_shape)


def _box(image):
    """Return row and column of the first pixel of the ink's box, and past its last."""
    ink = image > INK * image.max()
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return (rows[0], columns[0]), (rows[-1] + 1, columns[-1] + 1)
