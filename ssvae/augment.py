"""Warps that keep the class: random ones to learn from, fixed ones to predict by."""

import math

import keras
import numpy as np
from keras import ops

from ssvae.backends.compiled import fused


def warp(images, config, seed):
    """Warp each image by its own random map, with bilinear interpolation.

    Source coordinates of an output pixel p, measured from the image's centre in units
    of its side, are A p + t + e(p): A turns, scales, shears and may mirror, t shifts,
    and e is noise on a coarse grid, smoothly enlarged. What comes from outside the
    image is 0.

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


def shifted(images, amount, axis):
    """Shift images along one axis, with linear interpolation.

    Args:
        images: Float tensor `(batch, height, width, channels)`.
        amount: Fraction of the side, above 0 down or right. What comes from outside
            the image is 0.
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


def pixel_grid(height, width):
    """Return pixel centres `(1, height * width, 2)`: row and column in [-½, ½]."""
    rows = (ops.arange(height, dtype="float32") + 0.5) / height - 0.5
    columns = (ops.arange(width, dtype="float32") + 0.5) / width - 0.5
    grid = ops.stack(ops.meshgrid(rows, columns, indexing="ij"), axis=-1)
    return ops.reshape(grid, (1, height * width, 2))


def enlarged(noise, height, width):
    """Enlarge noise smoothly, by cubic interpolation (Keys 1981).

    Args:
        noise: Float tensor `(batch, 2, rows, columns)`.
        height: Rows to be.
        width: Columns to be.

    Returns:
        Float tensor `(batch, height, width, 2)`.
    """
    rows, columns = noise.shape[-2:]
    noise = ops.matmul(cubic_weights(height, rows), noise)
    noise = ops.matmul(noise, cubic_weights(width, columns).T)
    return ops.transpose(noise, (0, 2, 3, 1))


def cubic_weights(size, few) -> np.ndarray:
    """Return what each of a few places counts for at each of `size` between them.

    Args:
        size: Places to be.
        few: Places that are.

    Returns:
        float32 array `(size, few)`, rows that sum to one.
    """
    places = (np.arange(size) + 0.5) * few / size - 0.5
    d = np.abs(places[:, None] - np.arange(few))
    near, far = (1.5 * d - 2.5) * d * d + 1, ((2.5 - 0.5 * d) * d - 4) * d + 2
    weights = np.where(d < 1, near, np.where(d < 2, far, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _affine(draw, config):
    """Return `(batch, 2, 2)` matrices that turn, then scale and shear."""
    angle, shear = draw(config.rotation), draw(config.shear)
    rows, columns = 1.0 + draw(config.scale), 1.0 + draw(config.scale)
    cos, sin = ops.cos(angle), ops.sin(angle)
    first = ops.stack([rows * cos, columns * (sin + shear * cos)], axis=-1)
    second = ops.stack([-rows * sin, columns * (cos - shear * sin)], axis=-1)
    return ops.stack([first, second], axis=-2)


@fused
def resample(images, source):
    """Read images between their pixels, bilinearly; what lies outside is 0.

    Args:
        images: Float tensor `(batch, height, width, channels)`.
        source: Float tensor `(batch, height, width, 2)`, the place that each pixel is
            read from: row and column from the image's centre, in units of the side.

    Returns:
        Float tensor like `images`.
    """
    batch, height, width, channels = ops.shape(images)
    # A border of zeros answers for everything outside.
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
    """Return the padded pixel at or before a place, and how far behind it that is."""
    place = ops.clip((source + 0.5) * size + 0.5, 0.0, size + 0.999)
    before = ops.floor(place)
    return ops.cast(before, "int32"), ops.expand_dims(place - before, -1)
