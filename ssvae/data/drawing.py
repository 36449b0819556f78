"""Drawings and pictures of any size, made like the images of a data set."""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from ssvae.data.images import as_floats

# What counts as ink, of the brightest pixel.
INK = 0.2


class Layout(NamedTuple):
    """How the ink of a data set's images is scaled and placed.

    Attributes:
        extent: Longer side of the ink's box, fraction of the image's side.
        by_mass: Whether the ink's center of mass is what is put in the middle, as in
            MNIST (LeCun et al. 1998, section III.A), not the center of its box.
        middle: Row and column of the middle, pixels.
    """

    extent: float
    by_mass: bool
    middle: tuple[float, float]


def layout_of(images) -> Layout:
    """Find out how images are laid out: by what lies in one place in all of them.

    Args:
        images: `(n, h, w, c)`, ink bright on dark ground, some hundred or more.
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
    return Layout(
        float(np.median(extents)),
        spread[1] < spread[0],
        tuple(map(float, places.mean(axis=0))),
    )


def laid_out(drawing, layout, image_shape) -> np.ndarray:
    """Return a drawing scaled and placed as a data set's images are.

    Args:
        drawing: Float array `(h, w)` in [0, 1], ink bright, of any size.
        layout: The data set's `Layout`.
        image_shape: Height, width and channels of its images.

    Returns:
        float32 array `(height, width, channels)` in [0, 1].

    Raises:
        ValueError: If nothing is drawn.
    """
    height, width, channels = image_shape
    if not drawing.max() > 0:
        raise ValueError("nothing is drawn: need some ink, brighter than the ground")
    (top, left), (bottom, right) = _box(drawing)
    ink = drawing[top:bottom, left:right]
    factor = layout.extent * min(height / ink.shape[0], width / ink.shape[1])
    size = [max(1, round(factor * side)) for side in ink.shape]
    # Pillow averages over all pixels that become one, so that thin strokes stay.
    picture = Image.fromarray(np.float32(ink)).resize(size[::-1], Image.Resampling.BOX)
    canvas = np.zeros((height, width), np.float32)
    canvas[: size[0], : size[1]] = np.asarray(picture)[:height, :width]
    here = (np.array(size) - 1) / 2
    if layout.by_mass:
        here = ndimage.center_of_mass(canvas)
    move = np.subtract(layout.middle, here)
    moved = ndimage.shift(canvas, move, order=1, mode="grid-constant")
    return np.repeat(np.clip(moved, 0, 1)[..., None], channels, axis=-1)


def like_data(picture, layout, image_shape) -> np.ndarray:
    """Return a picture as an image of a data set.

    One of the data set's size is taken as it is; of another, in grey, the ink is found,
    bright on dark ground or dark on bright, and laid out; in color, it is resized.

    Args:
        picture: uint8 array `(h, w, c)`, c that of the data set.
        layout: The data set's `Layout`.
        image_shape: Height, width and channels of its images.

    Returns:
        float32 array `(height, width, channels)` in [0, 1].

    Raises:
        ValueError: If there is nothing on the picture.
    """
    height, width, channels = image_shape
    pixels = as_floats(picture)
    if picture.shape == tuple(image_shape):
        return pixels
    if not np.ptp(pixels.reshape(-1, channels), axis=0).any():
        raise ValueError(
            f"nothing is on the picture of {picture.shape[1]}x{picture.shape[0]} "
            "pixels, each is like the next: need one with something on it"
        )
    if channels > 1:
        resized = Image.fromarray(picture).resize((width, height))
        return as_floats(np.asarray(resized))
    grey = pixels[..., 0]
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = grey - np.median(edge)
    ink = np.clip(ink if ink.max() > -ink.min() else -ink, 0, None)
    ink /= ink.max()
    # The ground of a photograph is uneven: what is faint is no ink.
    return laid_out(np.where(ink > INK, ink, 0), layout, image_shape)


def _box(image):
    """Return the first row and column with ink, and those after the last."""
    ink = image > INK * image.max()
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return (rows[0], columns[0]), (rows[-1] + 1, columns[-1] + 1)
