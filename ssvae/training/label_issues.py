"""Labels that may be wrong: found by what the others say, and not learned from.

Labels are left out in turn and predicted from the others, by what learns from unlabeled
images too. `fit_noise` then says how likely each is wrong. Wrong labels also spoil what
is predicted of the others. So those that are rather wrong are taken out, and all are
predicted once more. Not again: labels that judged each other agree more than they
should. Where labels that are contradicted are rather right, all are learned from.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ssvae.data import UNLABELED, Dataset
from ssvae.files.atomic import replaced
from ssvae.training.label_noise import Noise, fit_noise
from ssvae.training.label_turns import Predict, dealt, in_turn
from ssvae.types import PathLike

# Probability from which a label counts as wrong, and does not predict others.
SURELY = 0.5
# Probability from which a wrong label is not learned from. Right labels that look wrong
# are those at the borders and of rare kinds of a class: one that is missing costs
# several times what a wrong one does that is believed.
DISTRUSTED = 0.9
# Part of the labels of a class that stay in any case: without any a class would be
# learned from unlabeled images that are guessed to be of another.
LEAST_KEPT = 0.4
# Part of the labels that may be contradicted, at most: if more are, what predicts errs
# so often, or so many labels are wrong, that it cannot say which.
MOST_CONTRADICTED = 0.4
# Part of the labels that is expected to be wrong, from which any is distrusted: fewer
# cost hardly anything, and may be right.
LEAST_WRONG = 0.05
# Labels per class, on average, from which any is distrusted: with fewer, a right label
# that is missing can cost more than all wrong ones that are believed.
LEAST_PER_CLASS = 8
# Unlabeled images that the turns are compared by, at most.
NUM_ASKED = 1_000


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
    noise, labels_err = _judged(predict, labels, rows, parts, kept, asked)
    if labels_err:
        kept[judged] = _believed(noise, given[judged], SURELY)
        noise, _ = _judged(predict, labels, rows, parts, kept, asked)
        kept[judged] = _believed(noise, given[judged], DISTRUSTED)
    if len(given) < LEAST_PER_CLASS * len(np.unique(given)):
        kept[:] = True
    wrong, likely = np.full(len(rows), np.nan), np.full(len(rows), UNLABELED)
    wrong[judged], likely[judged] = noise.wrong, noise.likely
    return LabelIssues(rows, given, likely, wrong, ~kept)


def _judged(predict, labels, rows, parts, kept, asked):
    """Return the `Noise` of labels that have parts, and whether the labels err."""
    logits, answers = in_turn(predict, labels, rows, parts, kept, asked)
    judged = parts >= 0
    told = logits[judged], labels[rows[judged]]
    noise = fit_noise(*told, answers)
    return noise, _labels_err(*told, noise)


def _labels_err(left_out, given, noise):
    """Return whether labels that are contradicted are rather wrong than right.

    If not, the classifier errs more often than the labels do. `left_out` are logits.
    """
    contradicted = left_out.argmax(axis=1) != given
    if noise.rate < LEAST_WRONG or contradicted.mean() > MOST_CONTRADICTED:
        return False
    return contradicted.any() and noise.wrong[contradicted].mean() > SURELY


def _believed(noise: Noise, given: np.ndarray, limit: float) -> np.ndarray:
    """Return which labels are wrong with a probability up to a limit, or are to stay.

    The result is a bool array `(k,)`; see `LEAST_KEPT`.
    """
    believed = noise.wrong <= limit
    for index in np.unique(given):
        members = np.flatnonzero(given == index)
        order = members[np.argsort(noise.wrong[members], kind="stable")]
        believed[order[: int(np.ceil(LEAST_KEPT * len(members)))]] = True
    return believed
