"""The graph of similar images: each image and its nearest neighbors in features."""

import numpy as np
from scipy import sparse

from ssvae.config.settings import Config
from ssvae.data import UNLABELED, Dataset
from ssvae.features.deskew import deskew
from ssvae.features.vectors import Prepare, image_vectors
from ssvae.graph.neighbors import graph_of, nearest

# Neighbors that each image has an edge to.
NUM_NEIGHBORS = 10
# Images in a graph, at most: the time to find neighbors grows with the square of it.
MAX_IMAGES = 70_000


def graph_rows(dataset: Dataset, seed: int) -> np.ndarray:
    """Return which images the graph holds: all, or `MAX_IMAGES` of them.

    If there are more, the labeled images are taken first and the others are drawn.

    Args:
        dataset: `Dataset`.
        seed: Seed of the draw, int >= 0.

    Returns:
        int array of indices, ascending.
    """
    rows = np.arange(len(dataset.images))
    if len(rows) > MAX_IMAGES:
        order = np.random.default_rng((seed, 7)).permutation(rows)
        labeled = dataset.labels[order] != UNLABELED
        if dataset.coarse is not None:
            labeled |= np.isin(order, dataset.coarse.rows)
        rows = np.sort(np.concatenate([order[labeled], order[~labeled]])[:MAX_IMAGES])
    return rows


def image_graph(images: np.ndarray, config: Config) -> sparse.csr_matrix:
    """Return the graph of images that stay similar under the config's warps.

    With `propagation = "deskewed"` it is the sum of two graphs: one of the images as
    they are, one of the deskewed images, centered and without slant. Where one of them
    takes a cluster of odd images for another class, the other corrects it.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`; `propagation`, `augment`, the warps and `seed` are read.

    Returns:
        Symmetric sparse float32 matrix `(n, n)`.
    """
    each = image_vectors(images, config, preparations(config))
    return sum(neighbor_graph(found.vectors) for found in each)


def preparations(config: Config) -> tuple[Prepare, ...]:
    """Return how images are prepared for each graph that `image_graph` sums up."""
    both = (np.asarray, deskew)
    return both[:1] if config.propagation == "original" else both


def neighbor_graph(vectors: np.ndarray) -> sparse.csr_matrix:
    """Return the symmetric graph of nearest neighbors, see `graph_of`.

    Args:
        vectors: float32 array `(n, d)`; the first components matter most.

    Returns:
        Sparse float32 matrix `(n, n)`.
    """
    return graph_of(*nearest(vectors, min(NUM_NEIGHBORS, len(vectors) - 1)))
