"""Warps that keep an image's class: random ones for training, fixed ones to predict."""

import math

import keras
import numpy as np
from keras import ops

from ssvae.backends.compiled import fused
from ssvae.config.settings import Config
from ssvae.types import Tensor


def warp(images: Tensor, config: Config, seed: keras.random.SeedGenerator) -> Tensor:
    """Warp each image by its own random map, with bilinear interpolation.

    An output pixel at p is read at A p + t + e(p). Places are measured from the image's
    center in units of its side. A turns, scales, shears and may mirror; t shifts; e is
    noise on a coarse grid, smoothly enlarged. Places outside the image are 0.

    Args:
        images: Float tensor `(batch, height, width, channels)`.
        config: `Config` with the limits `rotation`, `shift`, `scale`, `shear` and
            `elastic`, and the chance `mirror`.
        seed: `keras.random.SeedGenerator`.

    Returns:
        Float tensor of the same shape.
    """
    batch, height, width, _ = ops.shape(images)

    def draw(limit, *shape):
        return keras.random.uniform((batch, *shape), -limit, limit, seed=seed)

    source = ops.matmul(pixel_grid(height, width), _affine(draw, config)) + draw(
        config.shift, 1, 2
    )
    source = ops.reshape(source, (batch, height, width, 2))
    if config.mirror:
        chance = keras.random.uniform((batch, 1, 1, 1), seed=seed)
        sign = ops.where(chance < config.mirror, -1.0, 1.0)
        source = source * ops.concatenate([ops.ones_like(sign), sign], axis=-1)
    if config.elastic:
        source = source + enlarged(draw(config.elastic, 2, 5, 5), height, width)
    return resample(images, source)


def changed_views(images: Tensor, config: Config) -> list[Tensor]:
    """Return images and slightly changed views of them, to predict by.

    Args:
        images: Float tensor `(batch, height, width, channels)`.
        config: `Config` with `view_shift`, the shift of a view, and `mirror`, which is
            above 0 where mirrored views are wanted too.

    Returns:
        List of tensors of the same shape: the images, shifted up, down, left and right,
        and all five mirrored.
    """
    views = [images]
    for axis in (1, 2):
        for amount in (-config.view_shift, config.view_shift):
            views.append(shifted(images, amount, axis))
    if config.mirror:
        views += [ops.flip(view, axis=2) for view in views]
    return views


def shifted(images: Tensor, amount: float, axis: int) -> Tensor:
    """Shift images along one axis, with linear interpolation.

    Pixels from outside the image are 0.

    Args:
        images: Float tensor `(batch, height, width, channels)`.
        amount: Fraction of the side; above 0 shifts down or right.
        axis: 1 for rows, 2 for columns.

    Returns:
        Float tensor of the same shape.
    """
    size = images.shape[axis]
    whole = math.floor(amount * size)
    rest = amount * size - whole
    border = abs(whole) + 1
    widths = [(border, border) if place == axis else (0, 0) for place in range(4)]
    padded = ops.pad(images, widths)

    def by(pixels):
        start = border - pixels
        cut = [slice(None)] * 4
        cut[axis] = slice(start, start + size)
        return padded[tuple(cut)]

    return (1 - rest) * by(whole) + rest * by(whole + 1)


def pixel_grid(height: int, width: int) -> Tensor:
    """Return pixel centers `(1, height * width, 2)`: row and column in [-½, ½]."""
    rows = (ops.arange(height, dtype="float32") + 0.5) / height - 0.5
    columns = (ops.arange(width, dtype="float32") + 0.5) / width - 0.5
    grid = ops.stack(ops.meshgrid(rows, columns, indexing="ij"), axis=-1)
    return ops.reshape(grid, (1, height * width, 2))


def enlarged(noise: Tensor, height: int, width: int) -> Tensor:
    """Enlarge noise smoothly, by cubic interpolation (Keys 1981).

    Args:
        noise: Float tensor `(batch, 2, rows, columns)`.
        height: Rows of the result.
        width: Columns of the result.

    Returns:
        Float tensor `(batch, height, width, 2)`.
    """
    rows, columns = noise.shape[-2:]
    noise = ops.matmul(cubic_weights(height, rows), noise)
    noise = ops.matmul(noise, cubic_weights(width, columns).T)
    return ops.transpose(noise, (0, 2, 3, 1))


def cubic_weights(size: int, few: int) -> np.ndarray:
    """Return the weights that interpolate a few values to `size` values.

    Args:
        size: Number of interpolated values.
        few: Number of given values.

    Returns:
        float32 array `(size, few)`, rows that sum to one.
    """
    places = (np.arange(size) + 0.5) * few / size - 0.5
    d = np.abs(places[:, None] - np.arange(few))
    near, far = (1.5 * d - 2.5) * d * d + 1, ((2.5 - 0.5 * d) * d - 4) * d + 2
    weights = np.where(d < 1, near, np.where(d < 2, far, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _affine(draw, config):
    """Return random matrices `(batch, 2, 2)` that turn, then scale and shear."""
    angle, shear = draw(config.rotation), draw(config.shear)
    rows, columns = 1.0 + draw(config.scale), 1.0 + draw(config.scale)
    cos, sin = ops.cos(angle), ops.sin(angle)
    first = ops.stack([rows * cos, columns * (sin + shear * cos)], axis=-1)
    second = ops.stack([-rows * sin, columns * (cos - shear * sin)], axis=-1)
    return ops.stack([first, second], axis=-2)


@fused
def resample(images: Tensor, source: Tensor) -> Tensor:
    """Read images between their pixels, bilinearly; places outside are 0.

    Args:
        images: Float tensor `(batch, height, width, channels)`.
        source: Float tensor `(batch, height, width, 2)`, the place that each pixel is
            read from: row and column from the image's center, in units of the side.

    Returns:
        Float tensor like `images`.
    """
    batch, height, width, channels = ops.shape(images)
    # A border of zeros is read for every place outside.
    padded = ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    pixels = ops.reshape(padded, (-1, channels))
    row, down = _between(source[..., 0], height)
    column, right = _between(source[..., 1], width)
    start = ops.arange(batch, dtype="int32") * ((height + 2) * (width + 2))
    corner = ops.reshape(start, (batch, 1, 1)) + row * (width + 2) + column

    def across(row):
        left = ops.take(pixels, corner + row * (width + 2), axis=0)
        return left + right * (
            ops.take(pixels, corner + (row * (width + 2) + 1), axis=0) - left
        )

    top = across(0)
    return top + down * (across(1) - top)


def _between(source, size):
    """Return the padded pixel at or before a place, and the distance to the place."""
    place = ops.clip((source + 0.5) * size + 0.5, 0.0, size + 0.999)
    before = ops.floor(place)
    return ops.cast(before, "int32"), ops.expand_dims(place - before, -1)
