"""Histograms of oriented gradients: features that need no labels and no training."""

import numpy as np

# Orientations that gradients are counted for, evenly spread over the circle.
NUM_ORIENTATIONS = 12
# Windows along each side of the image.
NUM_CELLS = 9
# Standard deviation of a window, as a fraction of the distance between two windows.
CELL_WIDTH = 0.42


def oriented_gradients(images: np.ndarray) -> np.ndarray:
    """Histograms of oriented gradients in overlapping windows (Dalal and Triggs 2005).

    For the orientation u, a unit vector, the gradient g of a pixel counts
    max(0, g.u - |g| cos(2 pi / `NUM_ORIENTATIONS`)). The counts are summed under
    Gaussian windows. The vector of an image consists of the roots of these sums, scaled
    to length one.

    Args:
        images: float32 array `(n, h, w, c)`. With several channels, each pixel has the
            gradient of the channel in which it is steepest.

    Returns:
        float32 array `(n, NUM_ORIENTATIONS * NUM_CELLS**2)`.
    """
    count, height, width, _ = images.shape
    # The axis of rows comes before that of images, so that each product is a single one
    # of large matrices.
    gradients = _gradients(images.transpose(1, 0, 2, 3)).reshape(3, -1)
    counts = orientations().T @ gradients
    np.maximum(counts, 0, out=counts)
    counts = counts.reshape(-1, width) @ windows(width).T
    counts = windows(height) @ counts.reshape(NUM_ORIENTATIONS, height, -1)
    counts = counts.reshape(NUM_ORIENTATIONS, NUM_CELLS, count, NUM_CELLS)
    vectors = np.sqrt(counts.transpose(2, 1, 3, 0).reshape(count, -1))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-8)


def _gradients(images):
    """Return the gradients of images `(h, n, w, c)`, an array `(3, h, n, w)`.

    The three are the differences down and to the right, and the gradient's length.
    """
    padded = np.pad(images, ((1, 1), (0, 0), (1, 1), (0, 0)))
    down = padded[2:, :, 1:-1] - padded[:-2, :, 1:-1]
    right = padded[1:-1, :, 2:] - padded[1:-1, :, :-2]
    gradients = np.stack([down, right, np.sqrt(down * down + right * right)])
    if images.shape[-1] > 1:
        steepest = gradients[2:].argmax(axis=-1)[..., None]
        gradients = np.take_along_axis(gradients, steepest, axis=-1)
    return gradients[..., 0]


def orientations() -> np.ndarray:
    """Return what orientations count of a gradient, `(3, NUM_ORIENTATIONS)`, float32.

    The three rows are for the difference down, that to the right, and the length.
    """
    angle = 2 * np.pi / NUM_ORIENTATIONS
    angles = angle * np.arange(NUM_ORIENTATIONS)
    weights = np.stack([np.sin(angles), np.cos(angles), 0 * angles - np.cos(angle)])
    return weights.astype(np.float32)


def windows(side: int) -> np.ndarray:
    """Return the weights of windows along a side, `(NUM_CELLS, side)`, float32."""
    distance = side / NUM_CELLS
    centers = (np.arange(NUM_CELLS) + 0.5) * distance - 0.5
    offsets = (np.arange(side) - centers[:, None]) / (CELL_WIDTH * distance)
    weights = np.exp(-0.5 * offsets**2)
    # Smaller weights would make subnormal numbers, and processors take ten times as
    # long to compute with these.
    weights[weights < 1e-15] = 0
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")
