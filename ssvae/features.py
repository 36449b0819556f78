"""Features in which images of one class lie close, so that neighbors are alike.

Nothing here is trained, and no label is read.
"""

import numpy as np
from scipy import linalg

NUM_ORIENTATIONS = 12
# The image is seen through this many windows along each side.
NUM_CELLS = 9
# Standard deviation of a window, in distances between two.
CELL_WIDTH = 0.42
NUM_COMPONENTS = 150
# Variance added to the one that warps cause, as a multiple of its mean.
RIDGE = 2.0


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
    count, height, width, _ = images.shape
    angle = 2 * np.pi / NUM_ORIENTATIONS
    angles = angle * np.arange(NUM_ORIENTATIONS)
    weights = np.stack([np.sin(angles), np.cos(angles), 0 * angles - np.cos(angle)])
    # Rows before images, so that each product is one of large matrices.
    gradients = _gradients(images.transpose(1, 0, 2, 3)).reshape(3, -1)
    counts = weights.T.astype(np.float32) @ gradients
    np.maximum(counts, 0, out=counts)
    counts = counts.reshape(-1, width) @ _windows(width).T
    counts = _windows(height) @ counts.reshape(NUM_ORIENTATIONS, height, -1)
    counts = counts.reshape(NUM_ORIENTATIONS, NUM_CELLS, count, NUM_CELLS)
    vectors = np.sqrt(counts.transpose(2, 1, 3, 0).reshape(count, -1))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-8)


def _gradients(images):
    """Return each pixel's differences down and right, and their length.

    Of images `(h, n, w, c)`; an array `(3, h, n, w)`.
    """
    padded = np.pad(images, ((1, 1), (0, 0), (1, 1), (0, 0)))
    down = padded[2:, :, 1:-1] - padded[:-2, :, 1:-1]
    right = padded[1:-1, :, 2:] - padded[1:-1, :, :-2]
    gradients = np.stack([down, right, np.sqrt(down * down + right * right)])
    if images.shape[-1] > 1:
        steepest = gradients[2:].argmax(axis=-1)[..., None]
        gradients = np.take_along_axis(gradients, steepest, axis=-1)
    return gradients[..., 0]


def _windows(side):
    """Return the weights `(NUM_CELLS, side)` of the windows along a side."""
    distance = side / NUM_CELLS
    centres = (np.arange(NUM_CELLS) + 0.5) * distance - 0.5
    offsets = (np.arange(side) - centres[:, None]) / (CELL_WIDTH * distance)
    weights = np.exp(-0.5 * offsets**2)
    # Smaller ones would make subnormal numbers, which take the processor ten times as
    # long.
    weights[weights < 1e-15] = 0
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")


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
        float32 array of the same shape; what lies outside the images is 0.
    """
    count, height, width, _ = images.shape
    # From the image's centre, in pixels for what is moved and in sides for the slant.
    row, column = (np.arange(side) - (side - 1) / 2 for side in (height, width))
    weights = images.sum(axis=-1)
    weights = weights / np.maximum(weights.sum(axis=(1, 2), keepdims=True), 1e-8)
    of_rows = weights.sum(axis=2)
    mean_row, mean_square = of_rows @ row, of_rows @ row**2
    along = weights @ column
    mean_column, mean_product = along.sum(axis=1), along @ row
    variance = np.maximum(mean_square - mean_row * mean_row, 1e-6 * height**2)
    slant = (mean_product - mean_row * mean_column) / variance
    # Whole rows are moved to their place, then each along itself.
    moved = _read(images.reshape(count, height, -1), mean_row[:, None])
    shift = mean_column[:, None] + slant[:, None] * row
    moved = _read(moved.reshape(count * height, width, -1), shift.reshape(-1, 1))
    return moved.reshape(images.shape)


def _read(lines, shift):
    """Read lines `(n, size, k)` at `shift` `(n, 1)` places on, linearly, 0 outside."""
    count, size, _ = lines.shape
    padded = np.pad(lines, ((0, 0), (1, 1), (0, 0)))
    place = np.clip(np.arange(size) + shift + 1, 0, size + 0.999)
    before = place.astype(int)
    rest = (place - before).astype(np.float32)[..., None]
    every = np.arange(count)[:, None]
    left = padded[every, before]
    return left + rest * (padded[every, before + 1] - left)
