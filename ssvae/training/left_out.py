"""What is believed: learners compared by labels that are left out in turn.

Unlabeled images must never make a classifier worse than the labels alone. So every
learner learns from a part of the labels and predicts the others.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import sparse

from ssvae.data import UNLABELED
from ssvae.data.balance import are_equal, label_weights
from ssvae.graph.construction import neighbor_graph
from ssvae.hardware import on_all_cores
from ssvae.training.belief import Belief
from ssvae.training.calibrate import calibrated
from ssvae.training.choosing import best, lowest
from ssvae.training.estimate import (
    accuracy_of_a_turn,
    disagreement_of,
    estimate_accuracy,
)
from ssvae.training.learners import ALONE, BOTH, EVEN, GROUPED, fit_learners
from ssvae.vae.mixture import Linear

# Parts that the labels of each class are dealt into, at most.
NUM_PARTS = 5
# Unlabeled images that learners learn from while labels are left out, at most.
NUM_UNLABELED = 10_000
# Unlabeled images that the learners of the turns do not see but are asked about, at
# most, and as a part of the unlabeled images.
NUM_ASKED, PART_ASKED = 1000, 1 / 5
# Weight of an image's edge to itself, where left-out images are cut from a graph: some
# would be without edges.
FAINT = 1e-6


def believe(
    vectors: np.ndarray,
    labels: np.ndarray,
    shares: np.ndarray,
    seed: int,
    more: Mapping[str, Callable[..., Linear]] | None = None,
    allowed: np.ndarray | None = None,
) -> Belief:
    """Return the learner that predicts left-out labels best.

    The usual one is `BOTH`; see `usual_of`. Another one is believed if its
    cross-entropy on the left-out labels, with the temperature that suits it, is lower
    by more than the standard error of the difference. Labels of groups teach if the
    cross-entropy of the usual learner is lower with them than without them.

    Args:
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        shares: Float array `(num_classes,)`; see `class_shares`.
        seed: Seed of the draws.
        more: More learners by their names, if there are unlabeled images: functions of
            vectors, labels and shares.
        allowed: bool array `(n, num_classes)`, which classes each image may be by the
            label of a group; None if there is no such label. These labels are never
            left out, and only `GROUPED` learns from them.
    """
    parts = deal(labels, seed)
    labeled, unlabeled = np.flatnonzero(parts >= 0), np.flatnonzero(parts < 0)
    shuffled = np.random.default_rng((seed, 10)).permutation(unlabeled)
    grouped, free = shuffled[:0], shuffled
    if allowed is not None:
        any_class = allowed[shuffled].all(axis=1)
        grouped, free = shuffled[~any_class], shuffled[any_class]
    asked = free[: min(NUM_ASKED, int(PART_ASKED * len(unlabeled)))]
    rows = np.concatenate([labeled, grouped, free[:NUM_UNLABELED]])

    def kept_without(part):
        # Not even as unlabeled images: those are told too surely by who learned them.
        return (parts[rows] != part) & ~np.isin(rows, asked)

    def seen_without(part):
        some = slice(None) if part is None else rows[kept_without(part)]
        return vectors[some], labels[some], shares

    def allowed_without(part):
        some = slice(None) if part is None else rows[kept_without(part)]
        return None if allowed is None else allowed[some]

    # Made once: the graph does not depend on the labels.
    graph = neighbor_graph(vectors[rows]) if len(unlabeled) else None

    def learned_without(part):
        seen, may_be = seen_without(part), allowed_without(part)
        near = graph, rows
        if part is not None and graph is not None:
            near = _within(graph, kept_without(part)), slice(None)
        fits = fit_learners(*seen, *near)
        if may_be is not None:
            fits[GROUPED] = fit_learners(*seen, *near, may_be)[usual_of(fits, shares)]
        return fits

    count = parts.max() + 1
    folds = [None, *range(count if count > 1 else 0)]
    learned, *others = on_all_cores(learned_without, folds)
    for name, learn in (more or {}).items() if len(unlabeled) else ():
        # One fold after another: each takes all cores.
        for part, each in zip(folds, [learned, *others], strict=True):
            each[name] = learn(*seen_without(part))
    usual = usual_of(learned, shares)
    if not others:
        # What people said is not doubted without a reason.
        usual = GROUPED if GROUPED in learned else usual
        return Belief(usual, learned, None, None, 1.0, None)
    left_out = {name: np.zeros((len(labeled), len(shares))) for name in learned}
    for part, linears in enumerate(others):
        hidden = parts == part
        for name, linear in linears.items():
            left_out[name][hidden[labeled]] = linear(vectors[hidden])
    weights = label_weights(labels[labeled], shares)
    if GROUPED in learned:
        pair = {name: left_out[name] for name in (usual, GROUPED)}
        usual = lowest(pair, labels[labeled], weights)
    name, _ = best(left_out, labels[labeled], usual, weights)
    answers = np.stack([linears[name](vectors[asked]) for linears in others])
    judged = _judged(left_out[name], labels[labeled], answers, weights)
    return Belief(name, learned, left_out[name], left_out[ALONE], *judged)


def usual_of(learned: Mapping[str, Linear], shares: np.ndarray) -> str:
    """Return the name of the learner that is believed unless another is better.

    Shares that are estimated again are of use where those given are only assumed.

    Args:
        learned: The learners by their names.
        shares: Float array `(num_classes,)`; see `believe`.
    """
    if BOTH not in learned:
        return ALONE
    return BOTH if are_equal(shares) else EVEN


def _judged(left_out, classes, answers, weights):
    """Return temperature and estimate; `answers` are logits of the images asked about.

    They are of shape `(num_turns, m, num_classes)`. `weights` are those of the labels.
    """
    seen = (
        left_out.argmax(axis=1) == classes,
        len(answers),
        disagreement_of(answers.argmax(axis=2)),
    )
    asked = answers.reshape(-1, answers.shape[-1])
    accuracy = accuracy_of_a_turn(*seen, weights)
    temperature = calibrated(left_out, classes, asked, accuracy, weights)
    return temperature, estimate_accuracy(*seen, weights=weights)


def _within(graph, kept):
    """Return the part of a graph that joins the images that are kept."""
    part = graph[kept][:, kept]
    own = sparse.identity(part.shape[0], dtype=graph.dtype, format="csr")
    return (part + FAINT * own).tocsr()


def deal(labels: np.ndarray, seed: int) -> np.ndarray:
    """Deal the labels of each class into parts of about the same size.

    Args:
        labels: int array `(n,)`, classes; -1 for unlabeled.
        seed: Seed of the deal.

    Returns:
        int array `(n,)`, numbers of parts from 0; -1 for an unlabeled image. There is
        one part only if a class has a single label.
    """
    rng = np.random.default_rng((seed, 9))
    labeled = labels != UNLABELED
    counts = np.bincount(labels[labeled])
    num_parts = min(NUM_PARTS, counts[counts > 0].min())
    parts = np.full(len(labels), -1)
    for index in np.flatnonzero(counts):
        members = rng.permutation(np.flatnonzero(labels == index))
        parts[members] = np.arange(len(members)) % num_parts
    return parts
