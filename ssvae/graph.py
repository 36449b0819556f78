"""The graph of similar images: each one's nearest neighbors in features not trained."""

from importlib.util import find_spec

import keras
import numpy as np
from keras import ops
from scipy import sparse

from ssvae.augment import warp
from ssvae.backends import device_name
from ssvae.data import UNLABELED
from ssvae.features import deskew, in_chunks, oriented_gradients, project

NUM_NEIGHBORS = 10
# The neighbors are searched in this many leading components, this many are found, and
# the nearest of them in all components are kept.
SEARCH_COMPONENTS = 40
NUM_CANDIDATES = 50
# Images whose distances to all others are held on a device at a time.
CHUNK = 500
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
    for prepare in prepares:
        features = _features(images, prepare)
        moves = features[:0]
        if config.augment != "none":
            moves = _warped_features(images[sample], config, prepare) - features[sample]
        yield project(features, moves)


def _warped_features(images, config, prepare):
    """Return the features of prepared images, warped; always by the same warps."""
    seed = keras.random.SeedGenerator(config.seed)

    def warped(part):
        return prepare(ops.convert_to_numpy(warp(part, config, seed)))

    return _features(images, warped)


def _features(images, prepare):
    """Return the features of prepared images, some of them held as floats at a time."""

    def features(part):
        grey = part.astype(np.float32) / np.float32(255)
        return oriented_gradients(prepare(grey))

    return in_chunks(features, images)


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
    distances, neighbors = _nearest(vectors, min(NUM_NEIGHBORS, count - 1))
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


def _nearest(vectors, num_neighbors):
    """Return the distances and indices of each row's neighbors, nearest first."""
    # Every pair is compared: a search in clusters, which finds 98 of 100 neighbors in a
    # third of the time, misses those that tie clusters together.
    leading = np.ascontiguousarray(vectors[:, :SEARCH_COMPONENTS])
    on_cpu = device_name() == "cpu" and find_spec("sklearn")
    search = _searched_on_cpu if on_cpu else _searched_on_device
    candidates = search(leading, min(NUM_CANDIDATES, len(vectors) - 1))
    distances = np.empty(candidates.shape, np.float32)
    for start in range(0, len(vectors), 1000):
        part = slice(start, start + 1000)
        offsets = vectors[candidates[part]] - vectors[part, None]
        distances[part] = np.sqrt(np.einsum("ijk,ijk->ij", offsets, offsets))
    order = np.argsort(distances, axis=1)[:, :num_neighbors]
    return tuple(np.take_along_axis(a, order, axis=1) for a in (distances, candidates))


def _searched_on_cpu(vectors, count):
    """Return the indices of each row's `count` nearest others, `(n, count)`."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(vectors)
    # Every image is its own nearest neighbor: asked for without itself.
    return search.kneighbors(return_distance=False)


def _searched_on_device(vectors, count):
    """Return what `_searched_on_cpu` does; a GPU is faster, a CPU half as fast."""
    points = ops.convert_to_tensor(vectors)
    across, squares = ops.transpose(points), ops.sum(ops.square(points), axis=1)
    found = []
    for start in range(0, len(vectors), CHUNK):
        # -d^2, but for the row's own square.
        nearness = 2 * ops.matmul(points[start : start + CHUNK], across) - squares
        _, nearest = ops.top_k(nearness, count + 1)
        found.append(ops.convert_to_numpy(nearest))
    found = np.concatenate(found)
    others = found != np.arange(len(found))[:, None]
    # Among many equal images a row may not find itself: then the last one goes.
    others[others.all(axis=1), -1] = False
    return found[others].reshape(len(found), count)
