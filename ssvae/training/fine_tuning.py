"""Fine-tuning, believed only if labels that it did not see speak for it."""

import dataclasses
from dataclasses import dataclass

import keras
import numpy as np

from ssvae.config.settings import Config
from ssvae.data import UNLABELED, Dataset
from ssvae.features.rounding import round_weights
from ssvae.training.choosing import best
from ssvae.training.left_out import deal
from ssvae.training.putting_aside import believe_inside
from ssvae.training.tuned_features import Told, stages, told_again
from ssvae.types import Say

# Fraction of the labels that the first tuning does not see, to decide by.
HIDDEN = 0.4
FROZEN, TUNED = "frozen", "tuned"


@dataclass(frozen=True)
class Check:
    """What tuning without some of the labels says of these labels.

    Attributes:
        classes: int array `(k,)`, the hidden labels.
        logits: Float arrays `(k, num_classes)`, by `FROZEN` and `TUNED`.
        believed: `TUNED` if it predicts the labels better, by the rule of
            `left_out.best`; else `FROZEN`.
        temperature: Divisor of the believed logits that calibrates them.
    """

    classes: np.ndarray
    logits: dict[str, np.ndarray]
    believed: str
    temperature: float

    def accuracy(self, name: str) -> float:
        """Return the fraction of the hidden labels that is predicted right."""
        return float(np.mean(self.logits[name].argmax(axis=1) == self.classes))

    def sentence(self) -> str:
        """Say what is believed, and why."""
        tuned, frozen = (100 * self.accuracy(name) for name in (TUNED, FROZEN))
        verdict = "It learns from all labels now."
        if self.believed == FROZEN:
            verdict = "That is not clearly better: the backbone stays as it was."
        return (
            f"{len(self.classes)} labels that the tuned backbone did not see are "
            f"predicted {tuned:.0f} % right; with the backbone as it was "
            f"{frozen:.0f} %. {verdict}"
        )


def fine_tune(
    extractor: keras.Model,
    dataset: Dataset,
    shares: np.ndarray,
    before: Told,
    name: str,
    config: Config,
    say: Say,
) -> tuple[Told, Check] | None:
    """Let the backbone of an extractor learn, if that makes the classifier better.

    First it learns without some of the labels. Only if these are then predicted better
    than with the frozen backbone, it learns again, from all labels.

    Args:
        extractor: Model of `build_extractor`. It gets the new weights, if any.
        dataset: `Dataset` with the labels of the budget.
        shares: Float array `(num_classes,)`; see `class_shares`.
        before: What is believed with the frozen backbone.
        name: Name of the learner that is believed, see `learners.TITLES`.
        config: `Config`; `fine_tune` and `seed` are read.
        say: Function that prints a line.

    Returns:
        The classifier of the new features, calibrated by labels that tuning did not
        see, and the check that spoke for it; None if the backbone stays as it was.
    """
    hidden = hidden_labels(dataset.labels, config.seed)
    if not hidden.any():
        say("A class has a single label, too few to let the backbone learn.")
        return None
    start = extractor.get_weights()
    check = checked(extractor, dataset, shares, before, hidden, config, say)
    extractor.set_weights(start)
    say(check.sentence())
    if check.believed == FROZEN:
        return None
    for _ in stages(extractor, dataset, shares, before, config, say):
        pass
    # Then the file of the model is smaller.
    round_weights(extractor)
    after = told_again(extractor, dataset, shares, name, config, say)
    return dataclasses.replace(after, temperature=check.temperature), check


def hidden_labels(labels: np.ndarray, seed: int) -> np.ndarray:
    """Return which labels tuning does not see, so that it can be judged by them.

    Args:
        labels: int array `(n,)`, classes; -1 for unlabeled.
        seed: Seed of the deal.

    Returns:
        bool array `(n,)`; none is hidden if a class has a single label.
    """
    parts = deal(labels, seed)
    count = parts.max() + 1
    if count < 2:
        return np.zeros(len(labels), bool)
    return (parts >= 0) & (parts < max(1, round(HIDDEN * count)))


def checked(
    extractor: keras.Model,
    dataset: Dataset,
    shares: np.ndarray,
    before: Told,
    hidden: np.ndarray,
    config: Config,
    say: Say,
) -> Check:
    """Tune without the hidden labels, and return what is then said of them.

    Args:
        extractor: See `fine_tune`; it keeps the new weights.
        dataset: See `fine_tune`.
        shares: See `fine_tune`.
        before: See `fine_tune`; its directions and vectors are used.
        hidden: bool array `(n,)`, see `hidden_labels`.
        config: See `fine_tune`.
        say: See `fine_tune`.
    """
    say(f"The backbone learns without {hidden.sum()} of the labels, to see if it pays.")
    known = without_labels(dataset, hidden)
    belief = believe_inside(before.vectors, known, shares, config.seed)
    frozen = dataclasses.replace(
        before, linear=belief.linear, temperature=belief.temperature
    )
    for _ in stages(extractor, known, shares, frozen, config, say):
        pass
    after = told_again(extractor, known, shares, belief.name, config, say)
    return compared(dataset.labels[hidden], hidden, frozen, after)


def compared(
    classes: np.ndarray, hidden: np.ndarray, frozen: Told, after: Told
) -> Check:
    """Return which of two classifiers predicts hidden labels better.

    Args:
        classes: int array `(k,)`, the hidden labels.
        hidden: bool array `(n,)`, which images they belong to.
        frozen: What is said with the frozen backbone.
        after: What is said with the tuned one.
    """
    logits = {
        name: told.linear(told.vectors[hidden])
        for name, told in ((FROZEN, frozen), (TUNED, after))
    }
    return Check(classes, logits, *best(logits, classes, FROZEN))


def without_labels(dataset: Dataset, hidden: np.ndarray) -> Dataset:
    """Return a data set without some labels; nothing is learned from these images."""
    return dataclasses.replace(
        dataset,
        labels=np.where(hidden, UNLABELED, dataset.labels),
        held_out=np.union1d(dataset.held_out, np.flatnonzero(hidden)),
    )
