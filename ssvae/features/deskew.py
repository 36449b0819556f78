"""Images centered and without slant, for features that ignore position and slant."""

import numpy as np


def deskew(images: np.ndarray) -> np.ndarray:
    """Move each image's center of mass to the middle and shear the image upright.

    The value of a pixel is its mass. The slant is the covariance of column and row,
    divided by the variance of the row. The image is sheared so that its slant is 0.

    Args:
        images: float32 array `(n, h, w, c)` in [0, 1], bright on dark.

    Returns:
        float32 array of the same shape; pixels from outside the image are 0.
    """
    count, height, width, _ = images.shape
    # Distances from the image's center, in pixels.
    row, column = (np.arange(side) - (side - 1) / 2 for side in (height, width))
    weights = images.sum(axis=-1)
    weights = weights / np.maximum(weights.sum(axis=(1, 2), keepdims=True), 1e-8)
    of_rows = weights.sum(axis=2)
    mean_row, mean_square = of_rows @ row, of_rows @ row**2
    along = weights @ column
    mean_column, mean_product = along.sum(axis=1), along @ row
    variance = np.maximum(mean_square - mean_row * mean_row, 1e-6 * height**2)
    slant = (mean_product - mean_row * mean_column) / variance
    # Rows are moved up or down first, then the pixels within each row.
    moved = _read(images.reshape(count, height, -1), mean_row[:, None])
    shift = mean_column[:, None] + slant[:, None] * row
    moved = _read(moved.reshape(count * height, width, -1), shift.reshape(-1, 1))
    return moved.reshape(images.shape)


def _read(lines, shift):
    """Return lines `(n, size, k)` moved back by `shift` `(n, 1)` places.

    Between two places values are interpolated linearly; outside they are 0.
    """
    count, size, _ = lines.shape
    padded = np.pad(lines, ((0, 0), (1, 1), (0, 0)))
    place = np.clip(np.arange(size) + shift + 1, 0, size + 0.999)
    before = place.astype(int)
    rest = (place - before).astype(np.float32)[..., None]
    every = np.arange(count)[:, None]
    left = padded[every, before]
    return left + rest * (padded[every, before + 1] - left)
