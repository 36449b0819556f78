"""Which images to label next: those with many similar images that no label reaches."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ssvae.graph.walk import random_walk

# Images suggested after each training.
NUM_SUGGESTIONS = 50
# Chance that a random walk ends before each step. Walks with REACH search for labels;
# the shorter ones with SURROUNDINGS end at images similar to the one they start from.
REACH, SURROUNDINGS = 0.2, 0.5
# Clusters in doubt that are asked about first, at most, and the least share of all
# images that one has: a smaller one is not worth a label.
MAX_DOUBTS, LEAST_DOUBT = 3, 5e-4
# Chances below this count as 0, which keeps the arrays sparse.
LEAST_CHANCE = 1e-3


def suggest(
    graph: sparse.csr_matrix,
    labeled: np.ndarray,
    candidates: np.ndarray,
    count: int = NUM_SUGGESTIONS,
    doubtful: np.ndarray | None = None,
) -> np.ndarray:
    """Choose images to label, each as if those chosen before it were labeled already.

    A label reaches an image with the chance that a random walk from the image arrives
    at the label; the walk follows the edges and may end before every step. The chosen
    image is the one whose surroundings are reached least: the mean is taken over the
    images at which shorter walks from it end. So a single odd image is not chosen, and
    a group without a label is. Miller and Calder 2023 (arXiv:2210.15786) found that it
    explores well to let labels count less with distance and to ask for the image that
    is reached least.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labeled: int array `(k,)`, indices of the labeled images.
        candidates: int array `(m,)`, indices of the images that may be chosen.
        count: Number of images to choose; fewer if there are fewer candidates.
        doubtful: bool array `(n,)`, images whose class the labels do not decide. One
            image of each of their largest clusters comes first.

    Returns:
        int64 array `(count,)`, best first.
    """
    step = random_walk(graph)
    backwards = step.T.tocsr()
    unreached = np.ones(graph.shape[0], np.float32)
    open_ones = np.zeros(graph.shape[0], bool)
    open_ones[candidates] = True
    open_ones[labeled] = False
    for index in labeled:
        reach(unreached, backwards, index)
    asked = [] if doubtful is None else _doubts(graph, doubtful & open_ones)
    chosen: list[int] = []
    for _ in range(min(count, int(open_ones.sum()))):
        if len(chosen) < len(asked):
            index = asked[len(chosen)]
        else:
            wanted = surroundings(step, unreached)
            wanted[~open_ones] = -1
            index = int(wanted.argmax())
        chosen.append(index)
        open_ones[index] = False
        reach(unreached, backwards, index)
    return np.array(chosen, np.int64)


def least_sure(probabilities: np.ndarray, count: int = NUM_SUGGESTIONS) -> np.ndarray:
    """Return the images with the closest two likeliest classes, the classes in turn.

    This is margin sampling (Scheffer et al. 2001), for models without a graph, with the
    same number of images from each predicted class.

    Args:
        probabilities: Float array `(n, num_classes)`.
        count: Number of images.

    Returns:
        int64 array `(count,)`, best first.
    """
    first, second = np.sort(probabilities, axis=1)[:, :-3:-1].T
    order = np.argsort(first - second, kind="stable")
    classes = probabilities.argmax(axis=1)[order]
    # The rank of each image within its class. Sorted by rank, the classes take turns.
    turns = np.zeros(len(order), int)
    for index in range(probabilities.shape[1]):
        members = classes == index
        turns[members] = np.arange(members.sum())
    return order[np.argsort(turns, kind="stable")][:count]


def _doubts(graph, doubtful):
    """Return the image with the heaviest edges of each of the largest clusters."""
    members = np.flatnonzero(doubtful)
    inside = graph[members][:, members]
    _, clusters = connected_components(inside, directed=False)
    sizes = np.bincount(clusters)
    degrees = np.asarray(inside.sum(axis=1)).ravel()
    least = max(2, LEAST_DOUBT * graph.shape[0])
    largest = np.argsort(-sizes, kind="stable")[:MAX_DOUBTS]
    return [
        int(members[np.where(clusters == cluster, degrees, -1).argmax()])
        for cluster in largest
        if sizes[cluster] >= least
    ]


def reach(unreached: np.ndarray, backwards: sparse.csr_matrix, index: int) -> None:
    """Lower `unreached` by the chance that a walk from each image gets to `index`."""
    shape = (1, backwards.shape[0])
    start = sparse.csr_matrix(([1.0], ([0], [index])), shape, np.float32)
    visits = start
    for _ in range(round(4 / REACH)):
        visits = (1 - REACH) * (visits @ backwards) + start
        visits.data[visits.data < LEAST_CHANCE] = 0
        visits.eliminate_zeros()
    # The expected visits, divided by those of a walk that starts at `index`, are the
    # chance of at least one visit.
    chances = visits.data / visits[0, index]
    unreached[visits.indices] *= 1 - np.minimum(chances, 1)


def surroundings(step: sparse.csr_matrix, values: np.ndarray) -> np.ndarray:
    """Return for each image the mean of `values` over the ends of walks from it."""
    total = values
    for _ in range(round(4 / SURROUNDINGS)):
        total = (1 - SURROUNDINGS) * (step @ total) + values
    return SURROUNDINGS * total
