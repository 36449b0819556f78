"""The graph of similar images: each one's nearest neighbors in features not trained."""

import math

import keras
import numpy as np
from keras import ops
from scipy import sparse

from ssvae.augment import warp
from ssvae.data import UNLABELED
from ssvae.features import deskew, oriented_gradients, project
from ssvae.machine import on_all_cores
from ssvae.neighbors import nearest

NUM_NEIGHBORS = 10
# Images warped at a time, and pixels whose features are computed at a time.
CHUNK, CACHED_PIXELS = 500, 50_000
# Images in a graph: the search for neighbors takes the square of it.
MAX_IMAGES = 70_000
# Images whose warped copies tell what warps do to the features.
NUM_WARPED = 15000


def graph_rows(dataset, seed) -> np.ndarray:
    """Return which images the graph is of: all, or as many as it may hold.

    Then the labeled ones come first, and the others are drawn.

    Args:
        dataset: `Dataset`.
        seed: Seed of the draw, int ≥ 0.

    Returns:
        int array, ascending.
    """
    rows = np.arange(len(dataset.images))
    if len(rows) > MAX_IMAGES:
        order = np.random.default_rng((seed, 7)).permutation(rows)
        labeled = dataset.labels[order] != UNLABELED
        rows = np.sort(np.concatenate([order[labeled], order[~labeled]])[:MAX_IMAGES])
    return rows


def image_graph(images, config) -> sparse.csr_matrix:
    """Return the graph of images that are alike in spite of the config's warps.

    With `propagation = "deskewed"` it is the sum of two: neighbors of the images as
    they are, and of the images whose slant and place are taken out. Where one mistakes
    a cluster of odd images for another class, the other holds it.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`, of which `propagation`, `augment`, the warps and `seed` are
            read.

    Returns:
        Symmetric sparse float32 matrix `(n, n)`.
    """
    both = (np.asarray, deskew)
    prepares = both[:1] if config.propagation == "original" else both
    return sum(map(neighbor_graph, image_vectors(images, config, prepares)))


def image_vectors(images, config, prepares):
    """Yield the vectors whose neighbors are alike, `(n, d)`, for each preparation.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`, of which `augment`, the warps and `seed` are read.
        prepares: Functions of float32 images that return such images.
    """
    rng = np.random.default_rng(config.seed)
    sample = rng.permutation(len(images))[:NUM_WARPED]
    warps = config.augment != "none"
    warped = _warped(images[sample], config) if warps else None
    for prepare in prepares:
        features = _features(images, prepare)
        moves = features[:0]
        if warps:
            moves = _features(warped, prepare) - features[sample]
        yield project(features, moves)


def _warped(images, config):
    """Return images warped, float32; always by the same warps."""
    seed = keras.random.SeedGenerator(config.seed)
    parts = []
    for start in range(0, len(images), CHUNK):
        part = warp(_floats(images[start : start + CHUNK]), config, seed)
        parts.append(ops.convert_to_numpy(part))
    return np.concatenate(parts)


def _features(images, prepare):
    """Return the features of prepared images, as many at a time as a cache holds."""
    count = max(1, CACHED_PIXELS // math.prod(images.shape[1:]))

    def features(start):
        return oriented_gradients(prepare(_floats(images[start : start + count])))

    return np.concatenate(on_all_cores(features, range(0, len(images), count)))


def _floats(images):
    """Return images as floats in [0, 1]; floats are, already."""
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    return images


def neighbor_graph(vectors) -> sparse.csr_matrix:
    """Return the symmetric graph of nearest neighbors.

    Each image sends an edge to each of its neighbors, of weight exp(-8 d^2 / s^2), d
    the distance and s that of the farthest neighbor kept; the edges of both directions
    add up.

    Args:
        vectors: float32 array `(n, d)`, the leading components first.

    Returns:
        Sparse float32 matrix `(n, n)`.
    """
    count = len(vectors)
    distances, neighbors = nearest(vectors, min(NUM_NEIGHBORS, count - 1))
    farthest = np.maximum(distances[:, -1:], 1e-12)
    weights = np.exp(-8 * (distances / farthest) ** 2).astype(np.float32)
    starts = np.arange(0, weights.size + 1, weights.shape[1])
    graph = sparse.csr_matrix(
        (weights.ravel(), neighbors.ravel(), starts), shape=(count, count)
    )
    return (graph + graph.T).tocsr()


def random_walk(graph) -> sparse.csr_matrix:
    """Return the matrix that gives each node the weighted mean of its neighbors."""
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    return (sparse.diags(1 / degrees).astype(np.float32) @ graph).tocsr()
