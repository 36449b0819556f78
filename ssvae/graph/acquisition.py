"""Which images to label next: those that stand for many which no label reaches."""

import numpy as np
from scipy import sparse

from ssvae.graph.construction import random_walk

# Images suggested after each training.
NUM_SUGGESTIONS = 50
# Chance that a walk ends before each step: of walks that look for a label, and of the
# shorter ones that an image's surroundings are made of.
REACH, SURROUNDINGS = 0.2, 0.5
# Chances below this are taken for 0.
LEAST_CHANCE = 1e-3


def suggest(graph, labeled, candidates, count=NUM_SUGGESTIONS) -> np.ndarray:
    """Choose images to label, each as if those before it were labeled already.

    A label reaches an image as far as a random walk along the edges, which may end at
    every step, gets from the image to the label. Chosen is the image whose surroundings
    are reached least, by the mean over the ends of shorter walks from it: a single odd
    image is passed over, a group without a label is found. That labels count less the
    farther they are, and that the least reached is asked for next, is what Miller and
    Calder 2023 (arXiv:2210.15786) found to explore well.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labeled: int array `(k,)`, indices of the labeled images.
        candidates: int array `(m,)`, indices of those that may be chosen.
        count: How many to choose; fewer if there are fewer candidates.

    Returns:
        int64 array `(count,)`, the most wanted first.
    """
    step = random_walk(graph)
    backwards = step.T.tocsr()
    unreached = np.ones(graph.shape[0], np.float32)
    open_ones = np.zeros(graph.shape[0], bool)
    open_ones[candidates] = True
    open_ones[labeled] = False
    for index in labeled:
        _reach(unreached, backwards, index)
    chosen = []
    for _ in range(min(count, int(open_ones.sum()))):
        wanted = _surroundings(step, unreached)
        wanted[~open_ones] = -1
        index = int(wanted.argmax())
        chosen.append(index)
        open_ones[index] = False
        _reach(unreached, backwards, index)
    return np.array(chosen, np.int64)


def least_sure(probabilities, count=NUM_SUGGESTIONS) -> np.ndarray:
    """Return the images whose two likeliest classes are closest, in turn by class.

    For models that know no graph: margin sampling (Scheffer et al. 2001), with as many
    images of each predicted class.

    Args:
        probabilities: Float array `(n, num_classes)`.
        count: How many.

    Returns:
        int64 array `(count,)`, the most wanted first.
    """
    first, second = np.sort(probabilities, axis=1)[:, :-3:-1].T
    order = np.argsort(first - second, kind="stable")
    classes = probabilities.argmax(axis=1)[order]
    # An image's place among those of its class; sorted by it, the classes take turns.
    turns = np.zeros(len(order), int)
    for index in range(probabilities.shape[1]):
        members = classes == index
        turns[members] = np.arange(members.sum())
    return order[np.argsort(turns, kind="stable")][:count]


def _reach(unreached, backwards, index):
    """Lower `unreached` by the chance that a walk gets from each image to `index`."""
    shape = (1, backwards.shape[0])
    start = sparse.csr_matrix(([1.0], ([0], [index])), shape, np.float32)
    visits = start
    for _ in range(round(4 / REACH)):
        visits = (1 - REACH) * (visits @ backwards) + start
        visits.data[visits.data < LEAST_CHANCE] = 0
        visits.eliminate_zeros()
    # Expected visits, over those of a walk that starts there: the chance of one.
    chances = visits.data / visits[0, index]
    unreached[visits.indices] *= 1 - np.minimum(chances, 1)


def _surroundings(step, values):
    """Return the mean of values over the ends of walks from each image."""
    total = values
    for _ in range(round(4 / SURROUNDINGS)):
        total = (1 - SURROUNDINGS) * (step @ total) + values
    return SURROUNDINGS * total
