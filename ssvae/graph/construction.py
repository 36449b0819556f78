"""The graph of similar images: each image's nearest neighbors in features."""

import numpy as np
from scipy import sparse

from ssvae.data import UNLABELED
from ssvae.features.deskew import deskew
from ssvae.features.vectors import image_vectors
from ssvae.graph.neighbors import nearest

NUM_NEIGHBORS = 10


# Images in a graph: the search for neighbors takes the square of it.
MAX_IMAGES = 70_000


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
