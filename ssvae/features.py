"""Features in which images of one class lie close, so that neighbors are alike.

Nothing here is trained, and no label is read.
"""

import numpy as np
from keras import ops
from scipy import linalg

from ssvae.augment import pixel_grid, resample

NUM_ORIENTATIONS = 12
# The image is seen through this many windows along each side.
NUM_CELLS = 9
# Standard deviation of a window, in distances between two.
CELL_WIDTH = 0.42
NUM_COMPONENTS = 150
# Variance added to the one that warps cause, as a multiple of its mean.
RIDGE = 2.0
# Images worked on at a time.
CHUNK = 500


def oriented_gradients(images) -> np.ndarray:
    """Histograms of oriented gradients in overlapping windows (Dalal and Triggs 2005).

    A pixel's gradient g counts for the orientation u as max(0, g.u - |g| cos(2 pi /
    `NUM_ORIENTATIONS`)). The counts are summed under Gaussian windows, their roots
    taken, and each image's scaled to length one.

    Args:
        images: float32 array `(n, h, w, c)`; of several channels the one with the
            steepest gradient at a pixel counts.

    Returns:
        float32 array `(n, NUM_ORIENTATIONS * NUM_CELLS**2)`.
    """
    _, height, width, _ = images.shape
    angle = 2 * np.pi / NUM_ORIENTATIONS
    angles = angle * np.arange(NUM_ORIENTATIONS)
    weights = np.stack([np.sin(angles), np.cos(angles), 0 * angles - np.cos(angle)])
    weights, rows, columns = (
        weights.astype("float32"),
        _windows(height),
        _windows(width),
    )

    def histograms(part):
        counts = ops.relu(ops.matmul(_gradients(part), weights))
        # Matrix products on reshaped counts: einsum would transpose them first.
        counts = ops.matmul(
            rows, ops.reshape(counts, (-1, height, width * NUM_ORIENTATIONS))
        )
        counts = ops.matmul(columns, ops.reshape(counts, (-1, width, NUM_ORIENTATIONS)))
        return ops.reshape(counts, (-1, NUM_CELLS**2 * NUM_ORIENTATIONS))

    vectors = np.sqrt(in_chunks(histograms, images))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-8)


def _gradients(images):
    """Return each pixel's differences down and right, and their length.

    Shape `(n, h, w, 3)`.
    """
    padded = ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    right = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    length = ops.sqrt(down * down + right * right)
    if images.shape[-1] > 1:
        steepest = ops.argmax(length, axis=-1, keepdims=True)
        down, right, length = (
            ops.take_along_axis(part, steepest, axis=-1)
            for part in (down, right, length)
        )
    return ops.concatenate([down, right, length], axis=-1)


def _windows(side):
    """Return the weights `(NUM_CELLS, side)` of the windows along a side."""
    distance = side / NUM_CELLS
    centres = (np.arange(NUM_CELLS) + 0.5) * distance - 0.5
    offsets = (np.arange(side) - centres[:, None]) / (CELL_WIDTH * distance)
    weights = np.exp(-0.5 * offsets**2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")


def in_chunks(function, images):
    """Return `function` of images, a tensor function asked a chunk at a time."""
    parts = [
        ops.convert_to_numpy(function(images[start : start + CHUNK]))
        for start in range(0, len(images), CHUNK)
    ]
    return np.concatenate(parts)


def project(features, moves) -> np.ndarray:
    """Project features so that warps, which keep the class, move them little.

    Linear discriminant analysis with every image a class of its own, of which its
    warped copy is a second sample. Directions are scaled so that warps cause the same
    variance in each, and those in which the images vary most are kept. Without moves
    these are principal components.

    Args:
        features: float32 array `(n, d)`.
        moves: float32 array `(m, d)`, what a warp added to the features of some images;
            m may be 0.

    Returns:
        float32 array `(n, k)`, k at most `NUM_COMPONENTS`, the direction of largest
        variance first.
    """
    features = features - features.mean(axis=0)
    total = features.T @ features / len(features)
    size = len(total)
    within, ridge = np.zeros_like(total), 1.0
    if len(moves):
        within = moves.T @ moves / len(moves)
        ridge = max(RIDGE * np.trace(within) / size, 1e-12)
    within += ridge * np.eye(size, dtype=np.float32)
    largest = (max(size - NUM_COMPONENTS, 0), size - 1)
    _, directions = linalg.eigh(total, within, subset_by_index=largest)
    return features @ directions[:, ::-1].astype(np.float32)


def deskew(images) -> np.ndarray:
    """Centre each image's mass and shear its slant away.

    A pixel's value is its weight. The slant is the covariance of column and row over
    the variance of the row; the image is sheared so that it vanishes.

    Args:
        images: float32 array `(n, h, w, c)` in [0, 1], bright on dark.

    Returns:
        float32 array of the same shape.
    """
    return in_chunks(lambda part: resample(part, _straightened(part)), images)


def _straightened(images):
    """Return the place that each pixel of the deskewed images comes from."""
    count, height, width, _ = images.shape
    row, column = ops.convert_to_numpy(pixel_grid(height, width))[0].T
    weights = images.sum(axis=-1).reshape(count, height * width)
    weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-8)
    moments = weights @ np.stack([row, column, row * column, row * row], axis=1)
    mean_row, mean_column, mean_product, mean_square = moments.T[..., None]
    variance = np.maximum(mean_square - mean_row * mean_row, 1e-6)
    slant = (mean_product - mean_row * mean_column) / variance
    source = np.stack([row + mean_row, column + mean_column + slant * row], axis=-1)
    return source.reshape(count, height, width, 2)
