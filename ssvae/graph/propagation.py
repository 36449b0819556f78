"""Labels spread over a graph of similar images: the pseudo-labels of training."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee
from scipy.special import softmax

from ssvae.data import UNLABELED, Dataset
from ssvae.graph.poisson import as_probabilities, poisson_values
from ssvae.graph.walk import Walk, apply_polynomial

# Threshold dynamics: steps of the short diffusion, which moves borders a little, and
# the highest number of decisions after short diffusions and after long ones.
NEAR_STEPS = 30
NEAR_DECISIONS, FAR_DECISIONS = 10, 2
# Weight of a label in the short diffusion; a guess has 1.
LABEL_WEIGHT = 5
# Fraction by which a class's share of the images may differ from the expected share.
SHARE_TOLERANCE = 0.15
# Corrections of log-probabilities, which bring each class to its share.
NUM_CORRECTIONS = 8


def propagate_labels(
    graph: sparse.csr_matrix, dataset: Dataset, shares: np.ndarray, border_steps: int
) -> np.ndarray:
    """Guess the class of every image from the labeled ones.

    `Propagation.first_guesses`, then `Propagation.settled`. Only the training images
    and the labels of the budget are used.

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
    propagation = Propagation(graph)
    guesses = propagation.first_guesses(dataset.labels, shares)
    return propagation.settled(guesses, dataset.labels, border_steps)


class Propagation:
    """A graph over which labels spread.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
    """

    def __init__(self, graph: sparse.csr_matrix):
        # This order brings neighbors together in memory, which halves the walks' time.
        self._order = reverse_cuthill_mckee(graph, symmetric_mode=True)
        self._place = np.argsort(self._order)
        self._graph = graph[self._order][:, self._order]
        _, self._parts = connected_components(self._graph, directed=False)

    def first_guesses(
        self,
        labels: np.ndarray,
        shares: np.ndarray,
        evidence: np.ndarray | None = None,
        allowed: np.ndarray | None = None,
    ) -> np.ndarray:
        """Guess classes by Poisson learning (Calder, Cook, Thorpe and Slepcev 2020).

        Args:
            labels: int array `(n,)`, classes; -1 for unlabeled.
            shares: Float array `(num_classes,)`, the expected share of each class.
            evidence: Float array `(n, num_classes)`, log-probabilities of classes by
                something else than the graph, or None. They are added to those of
                `poisson.as_probabilities`.
            allowed: bool array `(n, num_classes)`, which classes each image may be, or
                None. An image whose group has no label is guessed to be anything.

        Returns:
            int array `(n,)`, classes; those of labeled images are their own.
        """
        ordered = labels[self._order]
        labeled = np.flatnonzero(ordered != UNLABELED)
        classes = ordered[labeled]
        values = poisson_values(self._graph, labeled, classes, len(shares))
        if evidence is not None:
            values = _with_evidence(values, evidence[self._order], shares)
        if allowed is not None:
            # A group is no source: measured, that blurs what the labels say.
            allowed = _possible(allowed[self._order], classes)
            values = np.where(allowed, values, -np.inf)
        # A class without labels is never guessed.
        values[:, np.bincount(classes, minlength=len(shares)) == 0] = -np.inf
        guesses = _balanced_classes(values, shares)
        guesses[labeled] = classes
        return guesses[self._place]

    def settled(
        self,
        guesses: np.ndarray,
        labels: np.ndarray,
        num_steps: int,
        allowed: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return guesses whose borders are moved, see `settle`; 0 steps move none.

        An image that no path connects to a labeled one gets -1.
        """
        guesses, ordered = guesses[self._order], labels[self._order]
        labeled = np.flatnonzero(ordered != UNLABELED)
        if allowed is not None:
            allowed = _possible(allowed[self._order], ordered[labeled])
        if num_steps:
            guesses = settle(self._graph, guesses, labeled, num_steps, allowed)
        guesses[~np.isin(self._parts, self._parts[labeled])] = UNLABELED
        return guesses[self._place]

    def free_guesses(self, labels: np.ndarray, num_classes: int) -> np.ndarray:
        """Guess classes as labels spread, no class kept at a share.

        Args:
            labels: int array `(n,)`, classes; -1 for unlabeled.
            num_classes: Number of classes.

        Returns:
            int array `(n,)`, classes; one without labels is never guessed.
        """
        ordered = labels[self._order]
        labeled = np.flatnonzero(ordered != UNLABELED)
        classes = ordered[labeled]
        values = poisson_values(self._graph, labeled, classes, num_classes)
        values[:, np.bincount(classes, minlength=num_classes) == 0] = -np.inf
        return values.argmax(axis=1)[self._place]


def _possible(allowed, classes):
    """Return which classes each image may be, of those that have labels.

    An image whose group has no label may be anything.
    """
    labeled = np.bincount(classes, minlength=allowed.shape[1]) > 0
    possible = allowed & labeled
    return np.where(possible.any(axis=1, keepdims=True), possible, True)


def _with_evidence(values, evidence, shares):
    """Return probabilities, as multiples of what `shares` expect, that can be balanced.

    `_balanced_classes` weights them by factors between 0.5 and 2.
    """
    log_q = np.log(np.maximum(as_probabilities(values), 1e-20)) + evidence
    known = shares > 0
    for _ in range(NUM_CORRECTIONS):
        means = softmax(log_q, axis=1).mean(axis=0)
        log_q[:, known] += np.log(shares[known] / np.maximum(means[known], 1e-6))
    return softmax(log_q, axis=1).astype(np.float32)


def settle(
    graph: sparse.csr_matrix,
    guesses: np.ndarray,
    labeled: np.ndarray,
    num_steps: int,
    allowed: np.ndarray | None = None,
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
        allowed: bool array `(n, num_classes)`, which classes each node may be; None if
            each may be any.

    Returns:
        int array `(n,)`.
    """
    step = Walk(graph)

    def moved(guesses, *dynamics):
        return _threshold_dynamics(step, guesses, labeled, *dynamics, allowed)

    near = min(NEAR_STEPS, num_steps), NEAR_DECISIONS, LABEL_WEIGHT
    far = moved(guesses, num_steps, FAR_DECISIONS, 0)
    candidates = moved(guesses, *near), moved(far, *near)
    return min(candidates, key=lambda guesses: _border(graph, guesses))


def _threshold_dynamics(
    step, guesses, labeled, num_steps, num_decisions, weight, allowed
):
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
        if allowed is not None:
            values = np.where(allowed[:, : len(one_hot)], values, -1)
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
