"""Which pseudo-labels teach: graphs and border steps, compared by left-out labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import log_softmax

from ssvae.data import UNLABELED
from ssvae.data.balance import label_weights
from ssvae.graph.propagation import Propagation
from ssvae.training.estimate import Estimate, disagreement_of, estimate_accuracy
from ssvae.training.left_out import deal
from ssvae.vae.labels_alone import fit_labels_alone, fit_labels_and_groups

# Steps of diffusion that move borders a little, as suits classes that look alike.
NEAR_STEPS = 15
# Steps that move borders far, as suits classes that are clusters of their own: in a
# graph of fewer images than SMALL_GRAPH labels reach every image in FEW_STEPS.
FAR_STEPS, FEW_STEPS, SMALL_GRAPH = 200, 20, 5_000
# Fraction of the images that guesses must differ for, to be worth comparing them, if
# the comparison takes long: if there are more than QUICK images.
STAKE, QUICK = 0.05, 20_000
# Unlabeled images that the guesses of several turns are compared for, at most.
NUM_ASKED = 2_000


@dataclass(frozen=True)
class Teacher:
    """What guesses the classes of all images from the labels.

    Attributes:
        name: Features that the graph compares images by.
        propagation: `Propagation` over the graph.
        shares: Float array `(num_classes,)`, the expected share of each class.
        vectors: float32 array `(n, d)`, features from which the labels alone give
            evidence beside the graph; None for none.
        allowed: bool array `(n, num_classes)`, which classes each image may be by the
            label of a group; None if there is no such label.
    """

    name: str
    propagation: Propagation
    shares: np.ndarray
    vectors: np.ndarray | None = None
    allowed: np.ndarray | None = None

    def guesses(self, labels: np.ndarray, steps: Sequence[int]) -> list[np.ndarray]:
        """Return guesses for each number of border steps, int arrays `(n,)`."""
        evidence = None
        if self.vectors is not None:
            known = labels != UNLABELED
            if self.allowed is None:
                alone = fit_labels_alone(
                    self.vectors[known], labels[known], len(self.shares)
                )
            else:
                alone = fit_labels_and_groups(self.vectors, labels, self.allowed)
            evidence = log_softmax(alone(self.vectors), axis=1)
        spread, allowed = self.propagation, self.allowed
        first = spread.first_guesses(labels, self.shares, evidence, allowed)
        return [spread.settled(first, labels, number, allowed) for number in steps]


@dataclass(frozen=True)
class Taught:
    """The guesses that are believed.

    Attributes:
        guesses: int array `(n,)`, classes; -1 for an image that no label reaches.
        doubtful: bool array `(n,)`, images whose guesses depend on the border steps.
        sentence: Which guesses are believed and why; empty if there was no choice.
        estimate: The accuracy to expect of them; None if no label was left out.
    """

    guesses: np.ndarray
    doubtful: np.ndarray
    sentence: str
    estimate: Estimate | None


def chosen_teacher(
    teachers: Sequence[Teacher], labels: np.ndarray, border_steps: int | str, seed: int
) -> Taught:
    """Return the guesses of the teachers and the border steps that suit the labels.

    If moving the borders of the last teacher far changes few guesses, that is done.
    Otherwise the majority is believed of three ways to guess: by the last teacher with
    its borders moved a little and not at all, and by the first with them moved a
    little. One teacher alone moves them a little.
    Labels are left out in turn and guessed: another way to guess is believed if it
    guesses more of them right, by more than the standard error of the difference. With
    many images that is done only if the guesses differ.

    Args:
        teachers: One `Teacher` or more.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        border_steps: Steps that were stated, or "auto".
        seed: Seed of the deal of labels.
    """
    far = FAR_STEPS if len(labels) >= SMALL_GRAPH else FEW_STEPS
    steps = [0, NEAR_STEPS, far] if border_steps == "auto" else [int(border_steps)]
    made = np.array([teacher.guesses(labels, steps) for teacher in teachers])
    ways = list(product(range(len(teachers)), range(len(steps))))
    doubtful = np.any(made[-1] != made[-1, 0], axis=0)
    agree = max(np.mean(made[-1, -1] != made[way]) for way in ways) < STAKE
    usual = _usual(len(teachers), len(steps), agree)
    turns = None
    if not agree or len(labels) <= QUICK:
        turns = _Turns.of(teachers, labels, steps, seed)
    if turns is None:
        chosen = usual
        why = "No label was left out to compare."
    else:
        chosen = turns.best([[way] for way in ways], usual)
        percent = 100 * turns.right(chosen).mean()
        why = f"Labels left out in turn are guessed {percent:.0f} % right."
    texts = [
        f"a graph of {teachers[i].name}, borders moved by {steps[j]} steps"
        for i, j in chosen
    ]
    several = "the majority of " if len(texts) > 1 else ""
    estimate = None if turns is None else turns.estimate(chosen)
    guesses = majority(np.array([made[way] for way in chosen]))
    return Taught(
        guesses,
        doubtful,
        f"Pseudo-labels: by {several}{'; '.join(texts)}. {why}",
        estimate,
    )


def _usual(num_teachers, num_steps, agree):
    """Return the ways to guess that vote unless labels say otherwise."""
    first, last, near = 0, num_teachers - 1, num_steps // 2
    if agree:
        return [(last, num_steps - 1)]
    if first == last:
        return [(last, near)]
    return [(last, near), (last, 0), (first, near)]


def majority(guesses: np.ndarray) -> np.ndarray:
    """Return the class that most guess, of equally many the first one's choice.

    Args:
        guesses: int array `(ways, ...)`; -1 is no guess.
    """
    votes = np.array([(guesses == guess).sum(axis=0) for guess in guesses])
    votes = np.where(guesses == UNLABELED, 0, votes)
    return np.take_along_axis(guesses, votes.argmax(axis=0)[None], axis=0)[0]


@dataclass(frozen=True)
class _Turns:
    """What teachers guess while the labels are left out in turn.

    Attributes:
        labels: int array `(k,)`, the labels.
        hidden: int array `(teachers, steps, k)`, guesses of a label while it is hidden.
        asked: int array `(teachers, steps, turns, m)`, of some unlabeled images.
        weights: Float array `(k,)`, how much each label counts, see `label_weights`.
    """

    labels: np.ndarray
    hidden: np.ndarray
    asked: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, teachers, labels, steps, seed):
        """Leave the labels out in turn; None if a class has a single label."""
        parts = deal(labels, seed)
        labeled, unlabeled = np.flatnonzero(parts >= 0), np.flatnonzero(parts < 0)
        count = parts.max() + 1
        if count < 2:
            return None
        some = np.random.default_rng((seed, 13)).permutation(unlabeled)[:NUM_ASKED]
        hidden = np.zeros((len(teachers), len(steps), len(labeled)), int)
        asked = np.zeros((len(teachers), len(steps), count, len(some)), int)
        for part, (i, teacher) in product(range(count), enumerate(teachers)):
            known = np.where(parts == part, UNLABELED, labels)
            rows = parts[labeled] == part
            for j, guessed in enumerate(teacher.guesses(known, steps)):
                hidden[i, j, rows] = guessed[labeled[rows]]
                asked[i, j, part] = guessed[some]
        weights = label_weights(labels[labeled], teachers[0].shares)
        return cls(labels[labeled], hidden, asked, weights)

    def right(self, ways):
        """Return whether most votes of some ways are right, bool `(k,)`."""
        return majority(np.array([self.hidden[way] for way in ways])) == self.labels

    def estimate(self, ways):
        """Return the accuracy to expect of most votes of some ways."""
        each = majority(np.array([self.asked[way] for way in ways]))
        seen = self.right(ways), len(each), disagreement_of(each)
        return estimate_accuracy(*seen, weights=self.weights)

    def best(self, choices, usual):
        """Return what guesses most; the usual ways unless another is clearly so."""
        counted = self.weights / self.weights.mean()
        for ways in sorted(choices, key=lambda ways: -(self.right(ways) @ counted)):
            gain = (self.right(ways).astype(float) - self.right(usual)) * counted
            if gain.mean() > gain.std() / np.sqrt(len(gain)):
                return ways
        return usual
