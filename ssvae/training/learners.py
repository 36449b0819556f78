"""Learners of features: what each makes of a few labels and many unlabeled images."""

import numpy as np
from scipy import sparse
from scipy.special import log_softmax, softmax

from ssvae.data import UNLABELED
from ssvae.graph.poisson import spread_probabilities
from ssvae.vae.labels_alone import fit_labels_alone
from ssvae.vae.mixture import Linear, corrections, fit_em

ALONE, EVEN, ESTIMATED, BOTH = "labels alone", "even", "estimated", "both"
DEEP = "deep"
# What a learner is called in a sentence.
TITLES = {
    ALONE: "the labels alone",
    EVEN: "mixtures of Gaussians with the expected share of each class",
    ESTIMATED: "mixtures of Gaussians with estimated shares of the classes",
    BOTH: "mixtures of Gaussians, with expected and with estimated shares",
    DEEP: "a mixture whose decoder has hidden layers",
}
# Rows that a learner is given, or all of them.
Rows = np.ndarray | slice


def fit_learners(
    vectors: np.ndarray,
    labels: np.ndarray,
    shares: np.ndarray,
    graph: sparse.csr_matrix | None = None,
    rows: Rows = slice(None),
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
    """
    labeled = labels != UNLABELED
    alone = fit_labels_alone(vectors[labeled], labels[labeled], len(shares))
    learned = {ALONE: alone}
    if labeled.all():
        return learned
    starts = [softmax(alone(vectors), axis=1)]
    if graph is not None:
        starts.append(_start_by_graph(alone, vectors, labels, shares, graph, rows))

    def mixtures(estimate):
        fits = (fit_em(vectors, labels, start, shares, estimate) for start in starts)
        return mean_of([fit.classifier() for fit in fits])

    even, estimated = mixtures(False), mixtures(True)
    return {
        **learned,
        EVEN: even,
        ESTIMATED: estimated,
        BOTH: mean_of([even, estimated]),
    }


def mean_of(linears: list[Linear]) -> Linear:
    """Return the classifier whose logits are the mean of those of others."""
    kernels, biases = zip(*((one.kernel, one.bias) for one in linears), strict=True)
    return Linear(np.mean(kernels, axis=0), np.mean(biases, axis=0))


def _start_by_graph(alone, vectors, labels, shares, graph, rows):
    """Return q(y|f) of all vectors, to start EM from, with the help of a graph."""
    known, some = labels[rows], vectors[rows]
    spread = spread_probabilities(graph, known, len(shares))
    values = np.log(np.maximum(spread, 1e-20)) + log_softmax(alone(some), axis=1)
    start = softmax(values + corrections(values, shares), axis=1)
    if len(known) == len(labels):
        return _in_place(start, rows)
    # The other vectors get what a mixture of those in the graph says.
    return softmax(fit_em(some, known, start, shares).classifier()(vectors), axis=1)


def _in_place(values, rows):
    """Return the rows of all vectors in the order of the vectors."""
    if isinstance(rows, slice):
        return values
    return values[np.argsort(rows)]
