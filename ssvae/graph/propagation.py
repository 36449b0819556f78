"""Labels spread over a graph of similar images: the pseudo-labels of training."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee

from ssvae.data import UNLABELED, Dataset
from ssvae.graph.walk import Walk, apply_polynomial

# Iterations of Poisson learning.
NUM_ITERATIONS = 300
# Threshold dynamics: steps of the short diffusion, which moves borders a little, and
# the highest number of decisions after short diffusions and after long ones.
NEAR_STEPS = 30
NEAR_DECISIONS, FAR_DECISIONS = 10, 2
# Weight of a label in the short diffusion; a guess has 1.
LABEL_WEIGHT = 5
# Fraction by which a class's share of the images may differ from the expected share.
SHARE_TOLERANCE = 0.15


def propagate_labels(
    graph: sparse.csr_matrix, dataset: Dataset, shares: np.ndarray, border_steps: int
) -> np.ndarray:
    """Guess the class of every image from the labeled ones.

    Poisson learning (Calder, Cook, Thorpe and Slepcev 2020, algorithm 1), then
    `settle`. Only the training images and the labels of the budget are used.

    Args:
        graph: Symmetric sparse matrix `(n, n)`, the data set's `image_graph`.
        dataset: `Dataset` with n images, some labeled.
        shares: Float array `(num_classes,)`, the expected share of each class in the
            images.
        border_steps: Steps of `settle`; 0 to leave it out.

    Returns:
        int array `(n,)`, classes; -1 for an image that no path along the edges connects
        to a labeled one. Labeled images keep their class.
    """
    # This order brings neighbors together in memory, which halves the walks' time.
    order = reverse_cuthill_mckee(graph, symmetric_mode=True)
    graph, labels = graph[order][:, order], dataset.labels[order]
    labeled = np.flatnonzero(labels != UNLABELED)
    classes = labels[labeled]
    _, parts = connected_components(graph, directed=False)
    reached = np.isin(parts, parts[labeled])
    values = poisson_values(graph, labeled, classes, dataset.num_classes)
    # A class without labels is never guessed.
    values[:, np.bincount(classes, minlength=len(shares)) == 0] = -np.inf
    guesses = _balanced_classes(values, shares)
    guesses[labeled] = classes
    if border_steps:
        guesses = settle(graph, guesses, labeled, border_steps)
    guesses[~reached] = UNLABELED
    return guesses[np.argsort(order)]


def poisson_values(
    graph: sparse.csr_matrix, labeled: np.ndarray, classes: np.ndarray, num_classes: int
) -> np.ndarray:
    """Solve the graph's Poisson equation L u = sum_i (y_i - mean y) delta_i.

    The iteration u <- u + D^-1 (b - L u) spreads each label like heat from a point
    source. After n iterations u is (1 + W + ... + W^(n-1)) D^-1 b, where W is the
    random walk.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labeled: int array `(k,)`, indices of the labeled nodes.
        classes: int array `(k,)`, their classes.
        num_classes: Number of classes.

    Returns:
        float32 array `(n, num_classes)`; the largest value of a row is at the node's
        class.
    """
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    step = Walk(graph)
    one_hot = np.eye(num_classes, dtype=np.float32)[classes]
    source = np.zeros((graph.shape[0], num_classes), np.float32)
    source[labeled] = (one_hot - one_hot.mean(axis=0)) / degrees[labeled, None]
    return apply_polynomial(np.ones(NUM_ITERATIONS), step.__matmul__, source)


def settle(
    graph: sparse.csr_matrix, guesses: np.ndarray, labeled: np.ndarray, num_steps: int
) -> np.ndarray:
    """Move the borders between classes to where few edges cross them.

    A label in an odd place can win a cluster that has more edges to another class. So
    the classes are diffused along the edges for some steps, and each image takes the
    class it then holds most of; this is repeated until no class changes. It is called
    threshold dynamics (Merriman, Bence and Osher 1992) and shortens the borders.

    It starts twice: from the guesses, and from the result of a longer diffusion, which
    finds short borders farther away. Of the two results, the one with less weight of
    edges across borders is returned.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        guesses: int array `(n,)`, classes to start from.
        labeled: int array `(k,)`, indices of the labeled nodes. Their guesses are their
            given classes, and stay.
        num_steps: Steps of the longer diffusion, at least 1.

    Returns:
        int array `(n,)`.
    """
    step = Walk(graph)

    def moved(guesses, *dynamics):
        return _threshold_dynamics(step, guesses, labeled, *dynamics)

    near = min(NEAR_STEPS, num_steps), NEAR_DECISIONS, LABEL_WEIGHT
    far = moved(guesses, num_steps, FAR_DECISIONS, 0)
    candidates = moved(guesses, *near), moved(far, *near)
    return min(candidates, key=lambda guesses: _border(graph, guesses))


def _threshold_dynamics(step, guesses, labeled, num_steps, num_decisions, weight):
    """Diffuse and decide in turn; labels keep their class and diffuse by `weight`."""
    one_hot = np.eye(guesses.max() + 1, dtype=np.float32)
    sources = weight * one_hot[guesses[labeled]]
    power = np.eye(num_steps + 1)[-1]

    def diffused(values):
        if weight:
            values = values.copy()
            values[labeled] = sources
        return step @ values

    for _ in range(num_decisions):
        values = apply_polynomial(power, diffused, one_hot[guesses])
        decided = values.argmax(axis=1)
        decided[labeled] = guesses[labeled]
        if np.array_equal(decided, guesses):
            break
        guesses = decided
    return guesses


def _border(graph, guesses) -> float:
    """Return the weight of the edges between images of different classes."""
    edges = graph.tocoo()
    return edges.data[guesses[edges.row] != guesses[edges.col]].sum()


def _balanced_classes(values, shares):
    """Return each row's class: its largest value, after each class got a weight.

    The weights are changed until every class has its share, within `SHARE_TOLERANCE`,
    so that no class crowds out another.
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
