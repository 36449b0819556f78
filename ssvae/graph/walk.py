"""Random walks along the edges of a graph: one step, and polynomials of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.polynomial.chebyshev import poly2cheb
from scipy import sparse

from ssvae.hardware import cores_here

# Error allowed in the polynomial of a random walk, as a fraction of the sum of its
# coefficients.
PRECISION = 1e-5


def random_walk(graph: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the matrix that gives each node the weighted mean of its neighbors."""
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    return (sparse.diags(1 / degrees).astype(np.float32) @ graph).tocsr()


class Walk:
    """The `random_walk` of a graph; all cores compute its products.

    `walk @ values`, an array `(n, k)`, equals the product of the matrix and the values.
    """

    def __init__(self, graph: sparse.csr_matrix):
        matrix, cores = random_walk(graph), len(cores_here())
        ends = np.linspace(0, matrix.shape[0], cores + 1).astype(int)
        self._parts = [matrix[start:end] for start, end in pairwise(ends)]
        self._pool = ThreadPoolExecutor(cores)

    def __matmul__(self, values: np.ndarray) -> np.ndarray:
        means = self._pool.map(lambda part: part @ values, self._parts)
        return np.concatenate(list(means))


def apply_polynomial(
    coefficients: np.ndarray,
    step: Callable[[np.ndarray], np.ndarray],
    values: np.ndarray,
) -> np.ndarray:
    """Return a polynomial of a random walk's step, applied to values.

    The polynomial becomes a series of Chebyshev polynomials T_k. They are computed one
    after the other: T_(k+1) v = 2 step(T_k v) - T_(k-1) v. Small terms at the end are
    left out: the n-th power needs only a multiple of sqrt(n) steps (Sachdeva and
    Vishnoi 2014, section 3).

    Args:
        coefficients: Float array, the coefficients of the powers of a step from the
            0th; at least two.
        step: Function of values that returns values. It is linear; if the coefficients
            sum to one, it may also add a constant.
        values: Array `(n, k)`.
    """
    series = poly2cheb(coefficients)
    rest = np.cumsum(np.abs(series[::-1]))[::-1]
    series = series[rest > PRECISION * rest[0]].astype(np.float32)
    before, now = values, step(values)
    total = series[0] * before + series[1] * now
    for factor in series[2:]:
        after = step(now)
        after *= 2
        after -= before
        before, now = now, after
        total += factor * now
    return total
