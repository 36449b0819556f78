"""Nearest neighbors, by the distances of all pairs.

A search in clusters or along a graph of shortcuts takes less time and misses a few,
among them those that tie clusters together, along which labels spread. With 97 of 100
found, one image in ten was taken for another class in four draws of ten, where with all
of them it is one in a hundred.
"""

import numpy as np

from ssvae.hardware import on_all_cores

# The neighbors are searched in this many leading components, this many are found, and
# the nearest of them in all components are kept.
SEARCH_COMPONENTS = 40
NUM_CANDIDATES = 50
# Rows that neighbors are searched for at a time, 256 at most, and rows that these are
# compared with at a time: their distances stay in a core's cache.
ROWS, TILE = 128, 2000
# Of a tenth of the rows, dealt into so many hands, the best of each is taken. The
# middle one of these is the 13th best or so; some 130 of all rows are as near as it.
SAMPLED, HANDS = 10, 19


def nearest(vectors, num_neighbors):
    """Return each row's nearest others, nearest first.

    Args:
        vectors: float32 array `(n, d)`, the components that matter most first.
        num_neighbors: Neighbors wanted, less than n and at most `NUM_CANDIDATES`.

    Returns:
        Distances, float32 array `(n, num_neighbors)`, and indices, int array of the
        same shape.
    """
    search = _Search(vectors[:, :SEARCH_COMPONENTS])

    def found(start):
        rows = np.arange(start, min(start + ROWS, len(vectors)))
        candidates = search.candidates(rows)
        offsets = vectors[candidates] - vectors[rows, None]
        distances = np.sqrt(np.einsum("ijk,ijk->ij", offsets, offsets))
        order = np.argsort(distances, axis=1)[:, :num_neighbors]
        return [np.take_along_axis(a, order, axis=1) for a in (distances, candidates)]

    parts = on_all_cores(found, range(0, len(vectors), ROWS))
    return tuple(map(np.concatenate, zip(*parts, strict=True)))


class _Search:
    """Rows to be compared with rows: the nearness of a pair is one product.

    With p.q - |q|^2 / 2 in place of -|p - q|^2 / 2, which differ by what is the row's
    own, a row p finds the same q in the same order.
    """

    def __init__(self, vectors):
        self.count = len(vectors)
        squares = 0.5 * np.einsum("ij,ij->i", vectors, vectors)[:, None]
        ones = np.ones_like(squares)
        # The last is for a bound, less which the nearness of what is nearer is above 0.
        self.queries = np.concatenate([vectors, ones, 0 * ones], axis=1)
        points = np.concatenate([vectors, -squares, ones], axis=1)
        order = np.random.default_rng(0).permutation(self.count)
        size = self.count // SAMPLED // HANDS * HANDS
        self.sample = np.ascontiguousarray(points[order[:size]].T)
        starts = range(0, self.count, TILE)
        self.tiles = [
            np.ascontiguousarray(points[start : start + TILE].T) for start in starts
        ]

    def candidates(self, rows):
        """Return the nearest others of rows, `(len(rows), k)`, in no order."""
        count = min(NUM_CANDIDATES, self.count - 1)
        queries = self.queries[rows]
        queries[:, -1] = -self._bounds(queries)
        best, found = _best(*self._pairs(rows, queries), len(rows), count)
        for row in np.flatnonzero(found < count):
            nearness = np.concatenate(
                [self.queries[rows[row]] @ tile for tile in self.tiles]
            )
            nearness[rows[row]] = -np.inf
            best[row] = np.argpartition(-nearness, count - 1)[:count]
        return best

    def _bounds(self, queries):
        """Return what the nearest are above; none is, of too few rows for a sample."""
        if not self.sample.size:
            return np.finfo(np.float32).max
        hands = (queries @ self.sample).reshape(len(queries), HANDS, -1).max(axis=2)
        return np.median(hands, axis=1)

    def _pairs(self, rows, queries):
        """Return pairs above the bounds: places in `rows`, others, and how near."""
        pairs, space = [], np.empty(len(rows) * TILE, np.float32)
        for number, tile in enumerate(self.tiles):
            product = space[: len(rows) * tile.shape[1]]
            np.matmul(queries, tile, out=product.reshape(len(rows), -1))
            near = np.flatnonzero(product > 0)
            which, others = np.divmod(near, tile.shape[1])
            pairs.append((which, others + number * TILE, product[near]))
        which, others, nearness = map(np.concatenate, zip(*pairs, strict=True))
        strangers = others != rows[which]
        return which[strangers], others[strangers], nearness[strangers]


def _best(which, others, nearness, num_rows, count):
    """Return the `count` nearest of each row's pairs, and how many there are."""
    # Sorted by row, as bytes, which takes no comparisons; then a table of all rows.
    order = np.argsort(which.astype(np.uint8), kind="stable")
    which = which[order]
    found = np.bincount(which, minlength=num_rows)
    place = np.arange(len(which)) - (np.cumsum(found) - found)[which]
    shape = num_rows, max(count, found.max())
    distances, names = np.full(shape, np.inf, np.float32), np.zeros(shape, np.int64)
    distances[which, place], names[which, place] = -nearness[order], others[order]
    chosen = np.argpartition(distances, count - 1, axis=1)[:, :count]
    return np.take_along_axis(names, chosen, axis=1), found
