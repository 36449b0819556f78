"""Histograms of oriented gradients: features that no label and no training made."""

import numpy as np

NUM_ORIENTATIONS = 12


# The image is seen through this many windows along each side.
NUM_CELLS = 9


# Standard deviation of a window, in distances between two.
CELL_WIDTH = 0.42


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
