"""Which pseudo-labels teach: graphs and border steps, compared by left-out labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import log_softmax

from ssvae.data import UNLABELED
from ssvae.graph.propagation import Propagation
from ssvae.training.estimate import Estimate, disagreement_of, estimate_accuracy
from ssvae.training.left_out import deal
from ssvae.vae.labels_alone import fit_labels_alone

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
    """

    name: str
    propagation: Propagation
    shares: np.ndarray
    vectors: np.ndarray | None = None

    def guesses(self, labels: np.ndarray, steps: Sequence[int]) -> list[np.ndarray]:
        """Return guesses for each number of border steps, int arrays `(n,)`."""
        evidence = None
        if self.vectors is not None:
            known = labels != UNLABELED
            alone = fit_labels_alone(
                self.vectors[known], labels[known], len(self.shares)
            )
            evidence = log_softmax(alone(self.vectors), axis=1)
        first = self.propagation.first_guesses(labels, self.shares, evidence)
        return [self.propagation.settled(first, labels, number) for number in steps]


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
    """Return the guesses of the teacher and the border steps that suit the labels.

    The usual choice is the last teacher, whose borders are moved far if that changes
    few guesses, and by `NEAR_STEPS` otherwise. Labels are left out in turn and guessed:
    another choice is believed if it guesses more of them right, by more than the
    standard error of the difference. With many images that is done only if the guesses
    differ.

    Args:
        teachers: One `Teacher` or more.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        border_steps: Steps that were stated, or "auto".
        seed: Seed of the deal of labels.
    """
    far = FAR_STEPS if len(labels) >= SMALL_GRAPH else FEW_STEPS
    steps = [0, NEAR_STEPS, far] if border_steps == "auto" else [int(border_steps)]
    ways = list(product(range(len(teachers)), range(len(steps))))
    made = [teacher.guesses(labels, steps) for teacher in teachers]
    last = len(teachers) - 1
    doubtful = np.any([made[last][0] != other for other in made[last]], axis=0)
    most, usual = (last, len(steps) - 1), (last, len(steps) // 2)
    differ = max(np.mean(made[last][-1] != made[i][j]) for i, j in ways)
    if differ < STAKE:
        usual = most
    turns = None
    if differ >= STAKE or len(labels) <= QUICK:
        turns = _Turns.of(teachers, labels, steps, seed)
    if turns is None:
        i, j = usual
        why = "No label was left out to compare."
    else:
        i, j = _best(turns.right, ways, usual)
        percent = 100 * turns.right[i, j].mean()
        why = f"Labels left out in turn are guessed {percent:.0f} % right."
    sentence = (
        f"Pseudo-labels: by a graph of {teachers[i].name}, borders moved by "
        f"{steps[j]} steps. {why}"
    )
    estimate = None if turns is None else turns.estimate(i, j)
    return Taught(made[i][j], doubtful, sentence, estimate)


@dataclass(frozen=True)
class _Turns:
    """What teachers guess while the labels are left out in turn.

    Attributes:
        right: bool array `(teachers, steps, k)`, whether a label was guessed.
        guesses: int array `(teachers, steps, turns, m)`, of some unlabeled images.
    """

    right: np.ndarray
    guesses: np.ndarray

    @classmethod
    def of(cls, teachers, labels, steps, seed):
        """Leave the labels out in turn; None if a class has a single label."""
        parts = deal(labels, seed)
        labeled, unlabeled = np.flatnonzero(parts >= 0), np.flatnonzero(parts < 0)
        count = parts.max() + 1
        if count < 2:
            return None
        asked = np.random.default_rng((seed, 13)).permutation(unlabeled)[:NUM_ASKED]
        right = np.zeros((len(teachers), len(steps), len(labeled)), bool)
        guesses = np.zeros((len(teachers), len(steps), count, len(asked)), int)
        for part, (i, teacher) in product(range(count), enumerate(teachers)):
            known = np.where(parts == part, UNLABELED, labels)
            hidden = parts[labeled] == part
            rows = labeled[hidden]
            for j, guessed in enumerate(teacher.guesses(known, steps)):
                right[i, j, hidden] = guessed[rows] == labels[rows]
                guesses[i, j, part] = guessed[asked]
        return cls(right, guesses)

    def estimate(self, i, j):
        """Return the accuracy to expect of one way."""
        each = self.guesses[i, j]
        return estimate_accuracy(self.right[i, j], len(each), disagreement_of(each))


def _best(right, ways, usual):
    """Return the way that guesses most; the usual one unless another is clearly so."""
    for way in sorted(ways, key=lambda way: -right[way].mean()):
        gain = right[way].astype(float) - right[usual]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            return way
    return usual
