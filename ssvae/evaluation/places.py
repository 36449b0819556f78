"""Places on a map for any number of images: those that look alike lie together."""

from __future__ import annotations

import numpy as np

from ssvae.hardware import one_thread

# Images that t-SNE places; all others are put between those of them that are like
# them. With more, it takes minutes.
LANDMARKS = 1_200
# Landmarks between which an image is put, and rows that are compared at once.
BETWEEN, CHUNK = 4, 2_000
# Images of which t-SNE makes a map, at least.
LEAST = 4


def map_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return the places of images on a map, float32 `(n, 2)`.

    That takes some ten seconds, for any number of images.

    Args:
        vectors: float32 array `(n, d)`, what images are compared by; the first
            components matter most.
    """
    count = len(vectors)
    if count < LEAST:
        return np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    rng = np.random.default_rng(0)
    marks = np.sort(rng.permutation(count)[:LANDMARKS])
    # On a busy machine threads that share small pieces of work wait for one another.
    with one_thread():
        places = np.empty((count, 2), np.float32)
        places[marks] = _spread(vectors[marks])
        others = np.setdiff1d(np.arange(count), marks, assume_unique=True)
        for start in range(0, len(others), CHUNK):
            rows = others[start : start + CHUNK]
            places[rows] = _between(vectors[rows], vectors[marks], places[marks], rng)
    return places


def _spread(vectors):
    """Return the places of landmarks, by t-SNE (van der Maaten and Hinton 2008)."""
    # Imported here, because it takes a second.
    from sklearn.manifold import TSNE

    # The first components matter most.
    start = np.zeros((len(vectors), 2), np.float32)
    start[:, : vectors.shape[1]] = vectors[:, :2] - vectors[:, :2].mean(axis=0)
    start *= 1e-4 / max(float(start[:, 0].std()), 1e-12)
    perplexity = min(30, (len(vectors) - 1) / 3)
    return TSNE(perplexity=perplexity, init=start, random_state=0).fit_transform(
        vectors
    )


def _between(vectors, landmarks, places, rng):
    """Return places between those of the landmarks that images are most like."""
    squares = (
        np.sum(vectors**2, axis=1)[:, None]
        - 2 * vectors @ landmarks.T
        + np.sum(landmarks**2, axis=1)
    )
    near = np.argpartition(squares, BETWEEN, axis=1)[:, :BETWEEN]
    distances = np.sqrt(np.maximum(np.take_along_axis(squares, near, axis=1), 0))
    width = np.maximum(distances.mean(axis=1, keepdims=True), 1e-12)
    weights = np.exp(-4 * (distances / width) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    middle = np.einsum("nk,nkd->nd", weights, places[near])
    # Images that are most like the same landmarks would hide one another.
    spread = np.linalg.norm(places[near] - middle[:, None], axis=2).mean(axis=1)
    free = np.minimum(spread, np.median(spread))[:, None]
    return middle + 0.3 * free * rng.standard_normal(middle.shape)
