"""Classes of the images that a graph has no room for: those of their nearest inside."""

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import UNLABELED
from ssvae.data.store import take
from ssvae.features.vectors import image_vectors
from ssvae.graph.construction import preparations
from ssvae.graph.neighbors import nearest_to

# Nearest images whose classes are compared: one alone may be an odd one.
NUM_NEAREST = 3
# Images whose vectors are made at once: they take some forty megabytes.
CHUNK = 10_000


def nearest_classes(
    inside: np.ndarray, outside: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Return the class that the nearest vectors inside agree on.

    Args:
        inside: float32 array `(n, d)`; the first components matter most.
        outside: float32 array `(m, d)`.
        classes: int array `(n,)`, classes of those inside; -1 for unknown.

    Returns:
        int64 array `(m,)`, classes; -1 where the nearest `NUM_NEAREST` have different
        ones or none.
    """
    _, neighbors = nearest_to(outside, inside, min(NUM_NEAREST, len(inside)))
    near = classes[neighbors]
    agree = np.all(near == near[:, :1], axis=1)
    return np.where(agree, near[:, 0], UNLABELED)


def classes_outside(
    images: np.ndarray, rows: np.ndarray, classes: np.ndarray, config: Config
) -> np.ndarray:
    """Return classes of all images: those given, and outside those of the nearest.

    Where a graph is the sum of two, of the images as they are and deskewed, the nearest
    in both must agree.

    Args:
        images: uint8 array `(n, height, width, channels)`. It may be mapped into
            memory: some images are read at a time.
        rows: int array `(k,)`, the images in the graph.
        classes: int array `(k,)`, their classes; -1 for unknown.
        config: `Config`; what `image_graph` reads.

    Returns:
        int64 array `(n,)`; -1 for unknown.
    """
    found = np.full(len(images), UNLABELED)
    found[rows] = classes
    others = np.setdiff1d(np.arange(len(images)), rows)
    if not len(others):
        return found
    inside = image_vectors(take(images, rows), config, preparations(config))
    for number, vectors in enumerate(inside):
        for start in range(0, len(others), CHUNK):
            some = others[start : start + CHUNK]
            near = nearest_classes(vectors.vectors, vectors.of(images[some]), classes)
            if number:
                near[near != found[some]] = UNLABELED
            found[some] = near
    return found
