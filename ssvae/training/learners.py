"""Learners of features: what each makes of a few labels and many unlabeled images."""

import numpy as np
from scipy import sparse
from scipy.special import log_softmax, softmax

from ssvae.data import UNLABELED
from ssvae.data.balance import ABSENT, are_equal
from ssvae.data.coarse import classes_and_groups
from ssvae.graph.poisson import spread_probabilities
from ssvae.vae.labels_alone import fit_labels_alone, fit_labels_and_groups
from ssvae.vae.mixture import Linear, corrections, fit_em

ALONE, EVEN, ESTIMATED, BOTH = "labels alone", "even", "estimated", "both"
DEEP, GROUPED = "deep", "groups"
# What a learner is called in a sentence.
TITLES = {
    ALONE: "the labels alone",
    EVEN: "mixtures of Gaussians with the expected share of each class",
    ESTIMATED: "mixtures of Gaussians with estimated shares of the classes",
    BOTH: "mixtures of Gaussians, with expected and with estimated shares",
    DEEP: "a mixture whose decoder has hidden layers",
    GROUPED: "mixtures of Gaussians that learn from labels of groups too",
}
# Part by which shares that are not equal are drawn towards equal ones. Measured on long
# tails of photographs: it costs few images of frequent classes, and saves many others.
SOFTENED = 0.1
# Rows that a learner is given, or all of them.
Rows = np.ndarray | slice


def fit_learners(
    vectors: np.ndarray,
    labels: np.ndarray,
    shares: np.ndarray,
    graph: sparse.csr_matrix | None = None,
    rows: Rows = slice(None),
    allowed: np.ndarray | None = None,
) -> dict[str, Linear]:
    """Return what each learner learns, by its name.

    EM ends at a different mixture from another start, and with one label per class the
    start matters. So it starts from the guesses of the labels alone, and from these
    times what the labels say when they spread over a graph. The mean of the classifiers
    is taken.

    Args:
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        shares: Float array `(num_classes,)`; see `class_shares`.
        graph: Sparse matrix `(k, k)`, the `neighbor_graph` of `vectors[rows]`; without
            it there is one start.
        rows: Rows of the vectors that the graph holds, the labeled ones among them.
        allowed: bool array `(n, num_classes)`, which classes each vector may be by the
            label of a group; None if there is no such label.
    """
    labeled = labels != UNLABELED
    if allowed is None:
        alone = fit_labels_alone(vectors[labeled], labels[labeled], len(shares))
    else:
        alone = fit_labels_and_groups(vectors, labels, allowed)
    learned = {ALONE: alone}
    if labeled.all():
        return learned
    shares = softened(shares)
    starts = [softmax(alone(vectors), axis=1)]
    told = labels if allowed is None else _told(labels, allowed)
    if graph is not None:
        starts.append(_start_by_graph(alone, vectors, told, shares, graph, rows))

    def mixtures(estimate):
        fits = (fit_em(vectors, told, start, shares, estimate) for start in starts)
        return mean_of([fit.classifier() for fit in fits])

    even, estimated = mixtures(False), mixtures(True)
    return {
        **learned,
        EVEN: even,
        ESTIMATED: estimated,
        BOTH: mean_of([even, estimated]),
    }


def softened(shares: np.ndarray) -> np.ndarray:
    """Return shares that are drawn a little towards equal ones.

    EM that keeps a rare class at its share gives up many of its images.

    Args:
        shares: Float array `(num_classes,)`; see `class_shares`. Equal ones stay.
    """
    present = shares > ABSENT
    equal = np.where(present, 1 / present.sum(), shares)
    return shares if are_equal(shares) else (1 - SOFTENED) * shares + SOFTENED * equal


def mean_of(linears: list[Linear]) -> Linear:
    """Return the classifier whose logits are the mean of those of others."""
    kernels, biases = zip(*((one.kernel, one.bias) for one in linears), strict=True)
    return Linear(np.mean(kernels, axis=0), np.mean(biases, axis=0))


def _told(labels, allowed):
    """Return which classes each vector may be, by labels and by those of groups."""
    own = np.eye(allowed.shape[1], dtype=bool)[labels]
    return np.where((labels != UNLABELED)[:, None], own, allowed)


def _start_by_graph(alone, vectors, told, shares, graph, rows):
    """Return q(y|f) of all vectors, to start EM from, with the help of a graph.

    `told` are labels, as `fit_em` takes them.
    """
    known, some = told[rows], vectors[rows]
    # Labels of groups are no sources: measured, they blur what the others say.
    classes, coarse = classes_and_groups(known)
    spread = spread_probabilities(graph, classes, len(shares))
    values = np.log(np.maximum(spread, 1e-20)) + log_softmax(alone(some), axis=1)
    if coarse is not None:
        values = coarse.kept_to(values)
    start = softmax(values + corrections(values, shares), axis=1)
    if len(known) == len(told):
        return _in_place(start, rows)
    # The other vectors get what a mixture of those in the graph says.
    return softmax(fit_em(some, known, start, shares).classifier()(vectors), axis=1)


def _in_place(values, rows):
    """Return the rows of all vectors in the order of the vectors."""
    if isinstance(rows, slice):
        return values
    return values[np.argsort(rows)]
