"""Nearest neighbors, found by comparing all pairs of rows.

Approximate searches, in clusters or along a graph of shortcuts, take less time and miss
a few neighbors. Some of these tie clusters together, and labels spread along such
edges. When 97 of 100 neighbors were found, one image in ten got a wrong class in four
of ten draws of labels. When all are found, one image in a hundred does.

All pairs are compared by their first components. So two neighbors in a hundred are not
those by all components, and labels spread as well: `docs/by-hand.md`.
"""

import numpy as np
from scipy import sparse

from ssvae.hardware import on_all_cores

# The search compares rows by their first SEARCH_COMPONENTS components and keeps the
# NUM_CANDIDATES nearest. The nearest of these in all components are the neighbors.
SEARCH_COMPONENTS = 40
NUM_CANDIDATES = 50
# Size of one matrix product: ROWS rows, at most 256, are compared with TILE others. The
# result then stays in a core's cache.
ROWS, TILE = 128, 2000
# Sampling, for a bound that the candidates of a row are nearer than. One row in SAMPLED
# is drawn, and these are split into GROUPS groups. The bound is the median of the
# groups' nearest, which is about the 13th nearest of the sample. So some 130 of all
# rows are nearer: more than NUM_CANDIDATES, and still few.
SAMPLED, GROUPS = 10, 19


def nearest(vectors: np.ndarray, num_neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest other rows of each row, nearest first.

    Args:
        vectors: float32 array `(n, d)`; the first components matter most.
        num_neighbors: Neighbors per row, less than n and at most `NUM_CANDIDATES`.

    Returns:
        Distances, float32 array `(n, num_neighbors)`, and indices of the neighbors, int
        array of the same shape.
    """
    search = _Search(vectors[:, :SEARCH_COMPONENTS])
    itself = np.arange(len(vectors))
    return _found(search, vectors, vectors, itself, num_neighbors)


def nearest_to(
    others: np.ndarray, vectors: np.ndarray, num_neighbors: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows nearest to each of other vectors, nearest first.

    Args:
        others: float32 array `(m, d)`, what neighbors are looked for.
        vectors: float32 array `(n, d)`, the rows; the first components matter most.
        num_neighbors: See `nearest`.

    Returns:
        Distances, float32 array `(m, num_neighbors)`, and indices of rows, int array of
        the same shape.
    """
    search = _Search(vectors[:, :SEARCH_COMPONENTS])
    return _found(search, vectors, others, np.full(len(others), -1), num_neighbors)


def _found(search, vectors, others, itself, num_neighbors):
    """Return what `nearest_to` does; the row `itself` is no neighbor."""

    def found(start):
        part, own = others[start : start + ROWS], itself[start : start + ROWS]
        candidates = search.candidates(part[:, :SEARCH_COMPONENTS], own)
        offsets = vectors[candidates] - part[:, None]
        distances = np.sqrt(np.einsum("ijk,ijk->ij", offsets, offsets))
        order = np.argsort(distances, axis=1)[:, :num_neighbors]
        return [np.take_along_axis(a, order, axis=1) for a in (distances, candidates)]

    if not len(others):
        shape = 0, num_neighbors
        return np.zeros(shape, np.float32), np.zeros(shape, np.int64)
    parts = on_all_cores(found, range(0, len(others), ROWS))
    distances, neighbors = map(np.concatenate, zip(*parts, strict=True))
    return distances, neighbors


def graph_of(distances: np.ndarray, neighbors: np.ndarray) -> sparse.csr_matrix:
    """Return the symmetric graph of nearest neighbors.

    Each row sends an edge to each of its neighbors, of weight exp(-8 d^2 / s^2): d is
    the distance to this neighbor and s the distance to the farthest one. Edges in both
    directions are added up.

    Args:
        distances: float32 array `(n, k)`, see `nearest`.
        neighbors: int array `(n, k)`.

    Returns:
        Sparse float32 matrix `(n, n)`.
    """
    farthest = np.maximum(distances[:, -1:], 1e-12)
    weights = np.exp(-8 * (distances / farthest) ** 2).astype(np.float32)
    starts = np.arange(0, weights.size + 1, weights.shape[1])
    shape = len(neighbors), len(neighbors)
    graph = sparse.csr_matrix((weights.ravel(), neighbors.ravel(), starts), shape)
    return (graph + graph.T).tocsr()


class _Search:
    """The rows, arranged so that one matrix product compares many pairs.

    Rows p and q are compared by their nearness, p.q - |q|^2 / 2. This equals
    (|p|^2 - |p - q|^2) / 2, and |p|^2 is the same for all q. So the nearest q of a row
    p have the highest nearness.

    A query is the row p followed by 1 and -b, where b is the bound of p. A point is the
    row q followed by -|q|^2 / 2 and 1. Their product is the nearness minus b, which is
    positive if q is nearer than the bound.
    """

    def __init__(self, vectors):
        self.count = len(vectors)
        squares = 0.5 * np.einsum("ij,ij->i", vectors, vectors)[:, None]
        ones = np.ones_like(squares)
        points = np.concatenate([vectors, -squares, ones], axis=1)
        order = np.random.default_rng(0).permutation(self.count)
        size = self.count // SAMPLED // GROUPS * GROUPS
        self.sample = np.ascontiguousarray(points[order[:size]].T)
        starts = range(0, self.count, TILE)
        self.tiles = [
            np.ascontiguousarray(points[start : start + TILE].T) for start in starts
        ]

    def candidates(self, vectors, itself):
        """Return the rows nearest to vectors, `(len(vectors), k)`, in no order.

        Args:
            vectors: float32 array `(m, d)`.
            itself: int array `(m,)`, the row that each vector is; -1 for none.
        """
        count = min(NUM_CANDIDATES, self.count - (itself.max() >= 0))
        ones = np.ones_like(vectors[:, :1])
        # The last column takes the bound; with 0 the product is the nearness itself.
        queries = np.concatenate([vectors, ones, 0 * ones], axis=1)
        bounded = queries.copy()
        bounded[:, -1] = -self._bounds(queries)
        best, found = _best(*self._pairs(itself, bounded), len(vectors), count)
        # If too few others are nearer than a row's bound, all of them are ranked.
        for place in np.flatnonzero(found < count):
            nearness = np.concatenate([queries[place] @ tile for tile in self.tiles])
            if itself[place] >= 0:
                nearness[itself[place]] = -np.inf
            best[place] = np.argpartition(-nearness, count - 1)[:count]
        return best

    def _bounds(self, queries):
        """Return each query's bound, a nearness that its candidates should exceed.

        With too few rows for a sample it is a number that no row exceeds.
        """
        if not self.sample.size:
            return np.finfo(np.float32).max
        groups = (queries @ self.sample).reshape(len(queries), GROUPS, -1)
        return np.median(groups.max(axis=2), axis=1)

    def _pairs(self, itself, queries):
        """Return the pairs nearer than the bounds; no row is paired with itself.

        Returns:
            Three arrays with one entry per pair: the position in `queries`, the index
            of the row, and the nearness minus the bound.
        """
        pairs, space = [], np.empty(len(queries) * TILE, np.float32)
        for number, tile in enumerate(self.tiles):
            product = space[: len(queries) * tile.shape[1]]
            np.matmul(queries, tile, out=product.reshape(len(queries), -1))
            near = np.flatnonzero(product > 0)
            which, others = np.divmod(near, tile.shape[1])
            pairs.append((which, others + number * TILE, product[near]))
        which, others, nearness = map(np.concatenate, zip(*pairs, strict=True))
        strangers = others != itself[which]
        return which[strangers], others[strangers], nearness[strangers]


def _best(which, others, nearness, num_rows, count):
    """Return the `count` nearest others of each row, and the number of its pairs.

    The others of a row with fewer than `count` pairs are meaningless.
    """
    # Row numbers are below 256: as bytes, NumPy sorts them without comparisons.
    order = np.argsort(which.astype(np.uint8), kind="stable")
    which = which[order]
    found = np.bincount(which, minlength=num_rows)
    # A table with one line per row, filled from the left.
    place = np.arange(len(which)) - (np.cumsum(found) - found)[which]
    shape = num_rows, max(count, found.max())
    distances, names = np.full(shape, np.inf, np.float32), np.zeros(shape, np.int64)
    distances[which, place], names[which, place] = -nearness[order], others[order]
    chosen = np.argpartition(distances, count - 1, axis=1)[:, :count]
    return np.take_along_axis(names, chosen, axis=1), found
