"""Small clusters of a graph, and the tree in which they are joined to larger ones."""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh

# Small clusters, at most, and images per cluster, at least.
MAX_CLUSTERS, LEAST_SIZE = 100, 20
# Images that the clusters' means are fitted to, at most: more do not move them.
MAX_FITTED = 20_000
# Directions in which clusters are told apart, at most, and at most as a fraction of
# the clusters.
MAX_DIRECTIONS, PER_CLUSTER = 32, 0.4
# Edges that each image gets to all others together, as a fraction of the mean number of
# its own. Without them, groups of a few images without edges to others use up the
# directions (Zhang and Rohe 2018).
TELEPORT = 0.1
# Accuracy of the directions, as a fraction of their eigenvalues.
TOLERANCE = 1e-3


def small_clusters(graph: sparse.csr_matrix, seed: int) -> np.ndarray:
    """Cut a graph into small clusters with few edges between them.

    This is spectral clustering (Ng, Jordan and Weiss 2001): k-means on the directions
    of the main eigenvectors of the random walk.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        seed: Seed of the beginnings.

    Returns:
        int array `(n,)`, numbers of clusters from 0.
    """
    # Imported here, because it takes a second.
    from sklearn.cluster import KMeans

    count = max(1, min(MAX_CLUSTERS, graph.shape[0] // LEAST_SIZE))
    if count < 3:
        return np.zeros(graph.shape[0], int)
    vectors = _directions(graph, max(2, min(MAX_DIRECTIONS, int(PER_CLUSTER * count))))
    some = np.random.default_rng((seed, 41)).permutation(len(vectors))[:MAX_FITTED]
    means = KMeans(count, n_init=1, max_iter=50, random_state=seed)
    means.fit(vectors[np.sort(some)])
    return np.unique(means.predict(vectors), return_inverse=True)[1]


def _directions(graph, count):
    """Return the rows of the main eigenvectors, of length 1, float `(n, count)`."""
    size = graph.shape[0]
    degrees = np.asarray(graph.sum(axis=1)).ravel().astype(np.float64)
    added = TELEPORT * degrees.mean()
    scale = 1 / np.sqrt(degrees + added)
    # In a fixed order of sums the result is the same on every machine.
    graph = graph.astype(np.float64)

    def walked(values):
        values = values.ravel() * scale
        return scale * (graph @ values + added * values.mean())

    _, vectors = eigsh(
        LinearOperator((size, size), walked, dtype=np.float64),
        min(count, size - 1),
        which="LA",
        v0=np.random.default_rng(0).standard_normal(size),
        tol=TOLERANCE,
    )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def cluster_tree(weights: np.ndarray) -> np.ndarray:
    """Join clusters two by two, those first that have most edges between them.

    The edges are counted as multiples of what they would be at random between clusters
    of these degrees: the algorithm Paris of Bonald, Charpentier, Galland and Hollocou
    2018.

    Args:
        weights: Float array `(k, k)`, weights of the edges between small clusters.

    Returns:
        bool array `(2k - 1, k)`: which small clusters each cluster of the tree holds.
        The first k are the small ones, the last one holds all.
    """
    count = len(weights)
    nodes = np.zeros((2 * count - 1, count), bool)
    nodes[:count] = np.eye(count, dtype=bool)
    shares = weights.astype(np.float64) / weights.sum()
    totals = shares.sum(axis=1)
    # Rows of `shares` that are clusters still, and the nodes they are.
    names, open_ones = np.arange(count), np.ones(count, bool)
    for number in range(count, 2 * count - 1):
        near = shares / np.maximum(np.outer(totals, totals), 1e-300)
        near[~open_ones] = near[:, ~open_ones] = -1
        np.fill_diagonal(near, -1)
        kept, gone = np.unravel_index(near.argmax(), near.shape)
        nodes[number] = nodes[names[kept]] | nodes[names[gone]]
        shares[kept] += shares[gone]
        shares[:, kept] += shares[:, gone]
        totals[kept] += totals[gone]
        names[kept], open_ones[gone] = number, False
    return nodes
