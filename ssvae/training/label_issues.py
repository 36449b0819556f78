"""Labels that may be wrong: found by what the others say, and not learned from.

Labels are left out in turn and predicted from the others, by what learns from unlabeled
images too. `fit_noise` then says how likely each is wrong. Wrong labels also spoil what
is predicted of the others. So those that are surely wrong are taken out, and all are
predicted once more, until none changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ssvae.data import UNLABELED, Dataset
from ssvae.files.atomic import replaced
from ssvae.training.label_noise import Noise, fit_noise
from ssvae.types import PathLike

# Labels of a class that are needed to judge one of them: two predict it.
LEAST_LABELS = 3
# Probability from which a label counts as wrong.
SURELY = 0.5
# Nats of evidence that there are wrong labels at all, from which any is distrusted. A
# hundred clean labels of photographs that are hard to tell reach 11.
LEAST_EVIDENCE = 12.0
# Part of the labels of a class that stay in any case.
LEAST_KEPT = 0.4
# Part of the labels that may look wrong, at most: if more do, rather the classifier
# errs, and all labels are learned from.
MOST_SUSPECTED = 0.25
# Labels per class, on average, from which any is distrusted: with five, images that are
# hard to tell lose more by a right label that is missing than by a wrong one.
LEAST_PER_CLASS = 8
# Rounds of taking labels out, at most, and parts that they are dealt into.
NUM_ROUNDS, NUM_PARTS = 4, 5
# Unlabeled images that the turns are compared by, at most.
NUM_ASKED = 1_000

# Function of labels, int array `(n,)`, that returns logits, `(n, num_classes)`.
Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class LabelIssues:
    """How likely each label is wrong.

    Attributes:
        rows: int64 array `(k,)`, the labeled images, ascending.
        given: int64 array `(k,)`, their labels.
        likely: int64 array `(k,)`, the likeliest other class; -1 if nothing is known.
        wrong: float64 array `(k,)`, the probability that the label is wrong; NaN if
            nothing is known, because its class has too few labels.
        distrusted: bool array `(k,)`, labels that are not learned from.
    """

    rows: np.ndarray
    given: np.ndarray
    likely: np.ndarray
    wrong: np.ndarray
    distrusted: np.ndarray

    @property
    def suspected(self) -> np.ndarray:
        """Which labels are rather wrong than right, bool array `(k,)`."""
        return self.wrong > SURELY

    @property
    def order(self) -> np.ndarray:
        """Places of all labels, int array `(k,)`, the likeliest to be wrong first."""
        return np.argsort(-np.nan_to_num(self.wrong, nan=-1.0), kind="stable")

    def trusted(self, dataset: Dataset) -> Dataset:
        """Return the data set without the labels that are distrusted."""
        if not self.distrusted.any():
            return dataset
        labels = dataset.labels.copy()
        labels[self.rows[self.distrusted]] = UNLABELED
        return dataclasses.replace(dataset, labels=labels)

    def trusting_all(self) -> LabelIssues:
        """Return the same findings, all labels believed."""
        return dataclasses.replace(self, distrusted=np.zeros(len(self.rows), bool))

    def figures(self) -> dict[str, Any]:
        """Return counts of labels for `metrics.json`."""
        known = ~np.isnan(self.wrong)
        return {
            "num_labels_suspected": int(self.suspected.sum()),
            "num_labels_distrusted": int(self.distrusted.sum()),
            "expected_wrong_labels": (
                float(self.wrong[known].sum()) if known.any() else None
            ),
        }

    def sentence(self) -> str:
        """Say how many labels may be wrong; empty if none is."""
        suspected, distrusted = self.suspected.sum(), self.distrusted.sum()
        if not suspected:
            return ""
        believed = f"{distrusted:,} of them are not learned from"
        if not distrusted:
            believed = "all are learned from"
        return (
            f"Labels: {suspected:,} of {len(self.rows):,} may be wrong, by what the "
            f"others say; {believed}. See label_issues.csv."
        )

    def save(self, path: PathLike) -> None:
        """Save it as an `.npz` file."""
        with replaced(Path(path)) as partial:
            np.savez(partial, **vars(self))

    @classmethod
    def load(cls, path: PathLike) -> LabelIssues | None:
        """Load a file that `save` wrote; None if there is none."""
        if not Path(path).exists():
            return None
        with np.load(path) as kept:
            return cls(**{name: kept[name] for name in cls.__annotations__})


def find_label_issues(
    predict: Predict, labels: np.ndarray, seed: int
) -> LabelIssues | None:
    """Return how likely each label is wrong; None if too few can be left out.

    Args:
        predict: What learns from labels and unlabeled images, and predicts all images.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        seed: Seed of the deal of labels into parts.
    """
    rows = np.flatnonzero(labels != UNLABELED)
    given = labels[rows]
    parts = dealt(given, seed)
    judged = np.flatnonzero(parts >= 0)
    if len(np.unique(given[judged])) < 2:
        return None
    unlabeled = np.flatnonzero(labels == UNLABELED)
    asked = np.random.default_rng((seed, 19)).permutation(unlabeled)[:NUM_ASKED]
    kept = np.ones(len(rows), bool)
    for _ in range(NUM_ROUNDS):
        logits, answers = _in_turn(predict, labels, rows, parts, kept, asked)
        noise = fit_noise(logits[judged], given[judged], answers)
        # Without those that were taken out, the others tell less of how many are wrong.
        if kept.all() and noise.evidence < LEAST_EVIDENCE:
            break
        believed = kept.copy()
        believed[judged] = _believed(noise, given[judged])
        if np.array_equal(believed, kept):
            break
        kept = believed
    wrong, likely = np.full(len(rows), np.nan), np.full(len(rows), UNLABELED)
    wrong[judged], likely[judged] = noise.wrong, noise.likely
    is_few = len(given) < LEAST_PER_CLASS * len(np.unique(given))
    if is_few or np.mean(noise.wrong > SURELY) > MOST_SUSPECTED:
        kept[:] = True
    return LabelIssues(rows, given, likely, wrong, ~kept)


def dealt(given: np.ndarray, seed: int) -> np.ndarray:
    """Deal labels into `NUM_PARTS` parts, those of each class evenly.

    Args:
        given: int array `(k,)`, labels.
        seed: Seed of the deal.

    Returns:
        int array `(k,)`, numbers of parts from 0; -1 for the labels of a class that has
        fewer than `LEAST_LABELS`.
    """
    rng = np.random.default_rng((seed, 18))
    parts = np.full(len(given), -1)
    for index in np.unique(given):
        members = rng.permutation(np.flatnonzero(given == index))
        if len(members) >= LEAST_LABELS:
            first = rng.integers(NUM_PARTS)
            parts[members] = (np.arange(len(members)) + first) % NUM_PARTS
    return parts


def _in_turn(predict, labels, rows, parts, kept, asked):
    """Return logits of labels while they are left out, and of the images asked about.

    The left-out images stay as unlabeled ones, as those asked about are.
    """
    logits, answers = None, []
    for part in np.unique(parts[parts >= 0]):
        known = np.full(len(labels), UNLABELED)
        seen = kept & (parts != part)
        known[rows[seen]] = labels[rows[seen]]
        values = predict(known)
        if logits is None:
            logits = np.zeros((len(rows), values.shape[1]))
        logits[parts == part] = values[rows[parts == part]]
        answers.append(values[asked])
    return logits, np.array(answers)


def _believed(noise: Noise, given: np.ndarray) -> np.ndarray:
    """Return which labels are believed, bool array `(k,)`; see `LEAST_KEPT`."""
    believed = noise.wrong <= SURELY
    for index in np.unique(given):
        members = np.flatnonzero(given == index)
        order = members[np.argsort(noise.wrong[members], kind="stable")]
        believed[order[: int(np.ceil(LEAST_KEPT * len(members)))]] = True
    return believed
