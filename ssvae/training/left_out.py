"""What is believed: learners compared by labels that are left out in turn.

Unlabeled images must never make a classifier worse than the labels alone. So every
learner learns from a part of the labels and predicts the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import log_softmax

from ssvae.data import UNLABELED
from ssvae.data.balance import are_equal, label_weights
from ssvae.graph.construction import neighbor_graph
from ssvae.hardware import on_all_cores
from ssvae.training.calibrate import calibrated
from ssvae.training.estimate import (
    Estimate,
    accuracy_of_a_turn,
    disagreement_of,
    estimate_accuracy,
)
from ssvae.training.learners import ALONE, BOTH, EVEN, TITLES, fit_learners
from ssvae.vae.mixture import Linear
from ssvae.vae.temperature import fit_temperature

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


@dataclass(frozen=True)
class Belief:
    """The learner that is believed, and how it predicts labels that it did not see.

    Attributes:
        name: Its name, a key of `TITLES`.
        learned: The `Linear` that each learner learned from all labels, by its name.
        left_out: float array `(k, num_classes)`, logits of the labeled images, each
            without its own label; None if there are too few labels.
        alone: The same of the labels alone.
        temperature: Divisor of the logits that calibrates them, see `calibrated`.
        estimate: The accuracy to expect; None if there are too few labels.
    """

    name: str
    learned: dict[str, Linear]
    left_out: np.ndarray | None
    alone: np.ndarray | None
    temperature: float
    estimate: Estimate | None

    @property
    def linear(self) -> Linear:
        """What the believed learner learned from all labels."""
        return self.learned[self.name]

    def sentence(self, classes: np.ndarray) -> str:
        """Say what is believed, and why; `classes` are those of the labeled images."""
        if self.left_out is None or self.alone is None:
            return (
                f"Believed: {TITLES[self.name]}. A class has a single label, which "
                "cannot be left out to compare."
            )
        right, alone = (
            100 * np.mean(logits.argmax(axis=1) == classes)
            for logits in (self.left_out, self.alone)
        )
        doubt = "" if right >= alone else ", a difference that may be chance"
        return (
            f"Believed: {TITLES[self.name]}. Labels left out in turn are predicted "
            f"{right:.0f} % right; from the labels alone {alone:.0f} %{doubt}."
        )


def believe(
    vectors: np.ndarray,
    labels: np.ndarray,
    shares: np.ndarray,
    seed: int,
    more: Mapping[str, Callable[..., Linear]] | None = None,
    allowed: np.ndarray | None = None,
) -> Belief:
    """Return the learner that predicts left-out labels best.

    The usual one is `BOTH`. Another one is believed if its cross-entropy on the
    left-out labels, with the temperature that suits it, is lower by more than the
    standard error of the difference.

    Args:
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        shares: Float array `(num_classes,)`; see `class_shares`.
        seed: Seed of the draws.
        more: More learners by their names, if there are unlabeled images: functions of
            vectors, labels and shares.
        allowed: bool array `(n, num_classes)`, which classes each image may be by the
            label of a group; None if there is no such label. These labels are never
            left out, and `more` learners do not see them.
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
        if part is None or graph is None:
            return fit_learners(*seen, graph, rows, may_be)
        near = _within(graph, kept_without(part))
        return fit_learners(*seen, near, allowed=may_be)

    count = parts.max() + 1
    folds = [None, *range(count if count > 1 else 0)]
    learned, *others = on_all_cores(learned_without, folds)
    for name, learn in (more or {}).items() if len(unlabeled) else ():
        # One fold after another: each takes all cores.
        for part, each in zip(folds, [learned, *others], strict=True):
            each[name] = learn(*seen_without(part))
    usual = usual_of(learned, shares)
    if not others:
        return Belief(usual, learned, None, None, 1.0, None)
    left_out = {name: np.zeros((len(labeled), len(shares))) for name in learned}
    for part, linears in enumerate(others):
        hidden = parts == part
        for name, linear in linears.items():
            left_out[name][hidden[labeled]] = linear(vectors[hidden])
    weights = label_weights(labels[labeled], shares)
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


def best(
    left_out: dict[str, np.ndarray],
    classes: np.ndarray,
    usual: str,
    weights: np.ndarray | None = None,
) -> tuple[str, float]:
    """Return the name of the learner to believe, and its temperature.

    Args:
        left_out: Float arrays `(k, num_classes)`, logits of images whose labels were
            left out, by the learner's name.
        classes: int array `(k,)`, these labels.
        usual: Name of the learner that is believed unless another is better by more
            than the standard error of the difference.
        weights: Float array `(k,)`, how much each label counts, see `label_weights`;
            None for each alike.
    """
    counted = np.ones(len(classes)) if weights is None else weights / weights.mean()
    losses, temperatures = {}, {}
    for name, logits in left_out.items():
        temperatures[name] = fit_temperature(logits, classes, counted)
        log_q = log_softmax(logits / temperatures[name], axis=1)
        losses[name] = -log_q[np.arange(len(classes)), classes] * counted
    best = usual
    for name in sorted(losses, key=lambda name: losses[name].mean()):
        gain = losses[usual] - losses[name]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            best = name
            break
    return best, temperatures[best]
