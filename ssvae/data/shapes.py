"""Shapes of ink on images: what is usual in a data set."""

import math

import numpy as np
from scipy import ndimage

# A pixel of this fraction of the strongest pixel's ink, or more, counts as ink.
INK = 0.4
# Pixels that are measured at once: distances take some tens of bytes each.
CHUNK = 2**22
# Share of the usual images that may lie beyond each limit.
BEYOND = 0.0005
# Places of two of the measures.
THICKNESS, FILLED = 0, 3
# What each measure is called if it is too small, and if it is too large.
WORDS = (
    ("its lines are thinner than usual", "its lines are thicker than usual"),
    ("it is in more pieces than usual", ""),
    ("", "it shows several things"),
    ("there are fewer lines on it than usual", "it is more filled than usual"),
    ("", "it has more lines beside each other than usual"),
    ("", "it has more lines above each other than usual"),
    ("it is narrower than usual", "it is wider than usual"),
)


def measures(ink: np.ndarray) -> np.ndarray:
    """Return measures of the shape of the ink of each image.

    Args:
        ink: Float array `(n, h, w)`, more for more ink, 0 for none.

    Returns:
        float64 array `(n, 7)`: thickness of the thickest line and the share of the
        largest piece; the longer side of the next largest piece; the filled share of
        the box around the ink; mean number of lines that a row of the box crosses, and
        a column; width by height. Lengths are in longer sides of the box. Zeros where
        there is no ink.
    """
    few = max(1, CHUNK // max(1, math.prod(ink.shape[1:])))
    if len(ink) > few:
        parts = [measures(ink[row : row + few]) for row in range(0, len(ink), few)]
        return np.concatenate(parts)
    found = ink > INK * np.maximum(ink.max(axis=(1, 2), keepdims=True), 1e-6)
    there = found.any(axis=(1, 2))
    result = np.zeros((len(ink), len(WORDS)))
    if not there.any():
        return result
    found = found[there]
    rows, columns = found.any(axis=2), found.any(axis=1)
    height, width = _extent(rows), _extent(columns)
    side = np.maximum(height, width)
    # Neighbors are of the same image only.
    apart = ndimage.distance_transform_edt(
        np.pad(found, ((0, 0), (1, 1), (1, 1))), sampling=(1e6, 1, 1)
    )
    thickness = np.maximum(2 * apart.max(axis=(1, 2)) - 1, 1) / side
    largest, second = _pieces(found)
    area = found.sum(axis=(1, 2))
    result[there] = np.stack(
        [
            thickness,
            largest / area,
            second / side,
            area / (height * width),
            _crossings(found, 2) / height,
            _crossings(found, 1) / width,
            width / height,
        ],
        axis=1,
    )
    return result


def limits_of(ink: np.ndarray) -> np.ndarray:
    """Return the limits of usual measures, float64 `(2, 7)`: the least, the largest."""
    return np.quantile(measures(ink), [BEYOND, 1 - BEYOND], axis=0)


def oddities(ink: np.ndarray, limits: np.ndarray) -> list[str]:
    """Return what is odd about the shape of each image's ink; "" for nothing.

    Args:
        ink: See `measures`.
        limits: What `limits_of` returned for the ink of usual images.
    """
    values = measures(ink)
    odd = ["" for _ in values]
    for column, words in enumerate(WORDS):
        least, most = limits[:, column]
        for text, beyond in zip(
            words, (values[:, column] < least, values[:, column] > most), strict=True
        ):
            for row in np.flatnonzero(beyond) if text else ():
                odd[row] = odd[row] or text
    return odd


def _extent(lines):
    """Return the number of lines from the first to the last that is true, `(n,)`."""
    count = lines.shape[1]
    return count - lines.argmax(axis=1) - lines[:, ::-1].argmax(axis=1)


def _crossings(found, axis):
    """Return how many lines begin along an axis, summed over the image, `(n,)`."""
    begins = np.diff(found.astype(np.int8), axis=axis, prepend=0) > 0
    return begins.sum(axis=(1, 2))


def _pieces(found):
    """Return the area of the largest piece, and the next one's longer side, `(n,)`."""
    structure = np.zeros((3, 3, 3))
    structure[1] = 1
    pieces, count = ndimage.label(found, structure)
    areas = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    places = ndimage.find_objects(pieces)
    image = np.array([place[0].start for place in places])
    sides = np.array([max(part.stop - part.start for part in p[1:]) for p in places])
    largest, second = np.zeros(len(found)), np.zeros(len(found))
    # The largest of each image comes last and stays.
    order = np.argsort(areas, kind="stable")
    largest[image[order]] = areas[order]
    best = np.zeros(len(found), np.int64)
    best[image[order]] = order
    others = np.setdiff1d(np.arange(count), best)
    np.maximum.at(second, image[others], sides[others])
    return largest, second
