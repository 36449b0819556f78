"""Labels spread over a graph of similar images: what the classifier starts from."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.polynomial.chebyshev import poly2cheb
from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee

from ssvae.data import UNLABELED
from ssvae.graph.construction import random_walk
from ssvae.hardware import cores_here

NUM_ITERATIONS = 300
# What a walk's polynomials may be off by, of the sum of their terms.
PRECISION = 1e-5
# Steps of diffusion before a decision that moves borders a little, and how many
# decisions may follow one another: a little, and far.
NEAR_STEPS = 30
NEAR_DECISIONS, FAR_DECISIONS = 10, 2
# How much more than a guess a label sends out along the edges, when borders move near.
LABEL_WEIGHT = 5
# How far, as a fraction, a class's share of the images may be from what is asked for.
SHARE_TOLERANCE = 0.15


def propagate_labels(graph, dataset, shares, border_steps) -> np.ndarray:
    """Guess the class of every image from the labeled ones.

    Poisson learning (Calder, Cook, Thorpe and Slepcev 2020, algorithm 1), then
    `settle`. It uses the training images and the labels of the budget alone.

    Args:
        graph: Symmetric sparse matrix `(n, n)`, the data set's `image_graph`.
        dataset: `Dataset` with n images, some labeled.
        shares: Float array `(num_classes,)`, the share of the images that each class
            is taken to have.
        border_steps: Steps of `settle`; 0 to leave it out.

    Returns:
        int array `(n,)`, classes; the labeled images keep theirs, and -1 stands where
        no way along the edges leads to a labeled one.
    """
    # Neighbors stand side by side then, which spares the walks half of their time.
    order = reverse_cuthill_mckee(graph, symmetric_mode=True)
    graph, labels = graph[order][:, order], dataset.labels[order]
    labeled = np.flatnonzero(labels != UNLABELED)
    classes = labels[labeled]
    _, parts = connected_components(graph, directed=False)
    reached = np.isin(parts, parts[labeled])
    values = poisson_values(graph, labeled, classes, dataset.num_classes)
    # What nothing is labeled of is no guess.
    values[:, np.bincount(classes, minlength=len(shares)) == 0] = -np.inf
    guesses = _balanced_classes(values, shares)
    guesses[labeled] = classes
    if border_steps:
        guesses = settle(graph, guesses, labeled, border_steps)
    guesses[~reached] = UNLABELED
    return guesses[np.argsort(order)]


def poisson_values(graph, labeled, classes, num_classes) -> np.ndarray:
    """Solve the graph's Poisson equation L u = sum_i (y_i - mean y) delta_i.

    By the iteration u <- u + D^-1 (b - L u), which spreads each label like heat from a
    point source. After n of them u is (1 + W + ... + W^(n-1)) D^-1 b, W the random
    walk.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labeled: int array `(k,)`, indices of the labeled nodes.
        classes: int array `(k,)`, their classes.
        num_classes: Number of classes.

    Returns:
        float32 array `(n, num_classes)`; a node's class is where its row is largest.
    """
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    step = _Walk(graph)
    one_hot = np.eye(num_classes, dtype=np.float32)[classes]
    source = np.zeros((graph.shape[0], num_classes), np.float32)
    source[labeled] = (one_hot - one_hot.mean(axis=0)) / degrees[labeled, None]
    return _applied(np.ones(NUM_ITERATIONS), step.__matmul__, source)


def settle(graph, guesses, labeled, num_steps) -> np.ndarray:
    """Move the borders between classes to where few edges cross them.

    A label in a strange place can win a cluster that belongs, by most of its edges, to
    another class. Every image's class is diffused along the edges for a while and each
    image takes the class it holds most of, until none changes: threshold dynamics
    (Merriman, Bence and Osher 1992), which shorten the borders. This is done from the
    guesses, and from what a longer diffusion makes of them, which finds short borders
    farther away; returned are the guesses whose borders cross less weight of edges.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        guesses: int array `(n,)`, classes to start from.
        labeled: int array `(k,)`, indices of the labeled nodes; their guesses are their
            classes, which they keep.
        num_steps: Steps of the longer diffusion, at least 1.

    Returns:
        int array `(n,)`.
    """
    step = _Walk(graph)

    def moved(guesses, *dynamics):
        return _threshold_dynamics(step, guesses, labeled, *dynamics)

    near = min(NEAR_STEPS, num_steps), NEAR_DECISIONS, LABEL_WEIGHT
    far = moved(guesses, num_steps, FAR_DECISIONS, 0)
    candidates = moved(guesses, *near), moved(far, *near)
    return min(candidates, key=lambda guesses: _border(graph, guesses))


class _Walk:
    """The `random_walk` of a graph, whose rows all cores share.

    `walk @ values`, arrays `(n, k)`, is what the matrix alone would give.
    """

    def __init__(self, graph):
        matrix, cores = random_walk(graph), len(cores_here())
        ends = np.linspace(0, matrix.shape[0], cores + 1).astype(int)
        self._parts = [matrix[start:end] for start, end in pairwise(ends)]
        self._pool = ThreadPoolExecutor(cores)

    def __matmul__(self, values):
        means = self._pool.map(lambda part: part @ values, self._parts)
        return np.concatenate(list(means))


def _threshold_dynamics(step, guesses, labeled, num_steps, num_decisions, weight):
    """Diffuse and decide in turn; labels keep their class and send it out by weight."""
    one_hot = np.eye(guesses.max() + 1, dtype=np.float32)
    sources = weight * one_hot[guesses[labeled]]
    power = np.eye(num_steps + 1)[-1]

    def diffused(values):
        if weight:
            values = values.copy()
            values[labeled] = sources
        return step @ values

    for _ in range(num_decisions):
        values = _applied(power, diffused, one_hot[guesses])
        decided = values.argmax(axis=1)
        decided[labeled] = guesses[labeled]
        if np.array_equal(decided, guesses):
            break
        guesses = decided
    return guesses


def _applied(coefficients, step, values):
    """Return a polynomial of a walk's step, applied to values.

    It is written as a series of Chebyshev polynomials, which are applied in turn by
    T_(k+1) v = 2 step(T_k v) - T_(k-1) v. For the n-th power some multiple of the root
    of n steps is enough (Sachdeva and Vishnoi 2014, section 3).

    Args:
        coefficients: Of the powers of a step, float array, the constant first; at
            least one other.
        step: Function of values that returns values; linear, or linear and something
            added if the coefficients sum to one.
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


def _border(graph, guesses) -> float:
    """Return the weight of the edges between images of different classes."""
    edges = graph.tocoo()
    return edges.data[guesses[edges.row] != guesses[edges.col]].sum()


def _balanced_classes(values, shares):
    """Return each row's class, columns weighted so that no class crowds out another.

    The weights are moved until every class has its share, within tolerance.
    """
    count, num_classes = values.shape
    weights = np.ones(num_classes, np.float32)
    for _ in range(100):
        classes = (values * weights).argmax(axis=1)
        lack = 1 - np.bincount(classes, minlength=num_classes) / count / shares
        lack -= np.clip(lack, -SHARE_TOLERANCE, SHARE_TOLERANCE)
        if not lack.any():
            break
        weights = np.clip(weights + 0.1 * lack, 0.5, 2).astype(np.float32)
    return classes
