"""Clusters in the graph of similar images: groups with few edges to other groups."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from ssvae.graph.acquisition import suggest
from ssvae.graph.walk import random_walk

# Images that clusters begin as, at most.
NUM_BEGINNINGS = 100
# Steps of the walks that should end in the cluster they start in. With more of them
# clusters are larger. Measured on flaws of steel, things and digits.
NUM_STEPS = 8


def find_clusters(graph: sparse.csr_matrix) -> np.ndarray:
    """Find clusters of similar images, without being told how many there are.

    Each image goes with the one of `NUM_BEGINNINGS` typical images that the shortest
    path along the edges leads to. Then two clusters are joined, those that add most to
    the stability, until none adds to it. This is how often a random walk of `NUM_STEPS`
    ends in the cluster it starts in, less how often it would by chance (Delvenne,
    Yaliraki and Barahona 2010); for one step it is the modularity, which is raised in
    the same way by Clauset, Newman and Moore 2004.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.

    Returns:
        int64 array `(n,)`, numbers of clusters from 0, the largest first.
    """
    beginnings = _beginnings(graph)
    lengths = graph.copy()
    # Strong edges are short, and none has the length 0, which would be no edge.
    lengths.data = 1e-6 - np.log(lengths.data / lengths.data.max())
    _, _, nearest = dijkstra(
        lengths,
        directed=False,
        indices=beginnings,
        return_predecessors=True,
        min_only=True,
    )
    _, starts = np.unique(nearest, return_inverse=True)
    inside = np.eye(len(beginnings), dtype=np.float32)[starts]
    step, ends = random_walk(graph), inside
    for _ in range(NUM_STEPS):
        ends = step @ ends
    degrees = np.asarray(graph.sum(axis=1))
    return _largest_first(_joined(inside.T @ (degrees * ends))[starts])


def _beginnings(graph):
    """Return typical images, one or more of every connected part of the graph."""
    count = graph.shape[0]
    typical = suggest(graph, np.zeros(0, int), np.arange(count), NUM_BEGINNINGS)
    _, parts = connected_components(graph, directed=False)
    missing = np.setdiff1d(parts, parts[typical])
    _, first = np.unique(parts, return_index=True)
    return np.concatenate([typical, first[missing]])


def _joined(weights):
    """Return the cluster that each beginning belongs to, int array `(k,)`.

    Args:
        weights: Float array `(k, k)`, how often walks lead from one to another.
    """
    shares = (weights + weights.T).astype(np.float64)
    shares /= shares.sum()
    total = shares.sum(axis=1)
    clusters = np.arange(len(shares))
    while True:
        # Half of the stability that joining two adds.
        gains = shares - np.outer(total, total)
        np.fill_diagonal(gains, -1)
        kept, gone = np.unravel_index(gains.argmax(), gains.shape)
        if gains[kept, gone] <= 0:
            return clusters
        shares[kept] += shares[gone]
        shares[:, kept] += shares[:, gone]
        shares[gone], shares[:, gone] = 0, 0
        total[kept], total[gone] = total[kept] + total[gone], 0
        clusters[clusters == gone] = kept


def _largest_first(clusters):
    """Return clusters numbered by their sizes."""
    _, clusters, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    return np.argsort(np.argsort(-sizes, kind="stable"))[clusters]
