"""How good a classifier is, told without a test set.

Labels that are left out in turn are predicted right or wrong. They are few. So the
classifiers of the turns are also asked about unlabeled images: where they contradict
each other, one of them is wrong (Jiang, Nagarajan, Baek and Kolter 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtri

# Log-odds by which two classifiers agree more often than they are right, if they share
# all labels; without shared labels 0. Its standard deviation from data set to data set.
# Measured over ten data sets, with halves and with fifths of the labels left out.
OVERAGREEMENT, SPREAD = 0.9, 0.5
# Log-odds of accuracy, mean and standard deviation, if nobody could be asked.
UNKNOWN = 0.5, 3.0
# Accuracy that all labels bring over those of a turn, in units of the disagreement over
# the square root of the turns; its standard deviation, as a fraction of it.
GAIN, GAIN_SPREAD = 0.32, 0.5
# Standard deviation by which a test of new images differs from images like the training
# images, in units of that of a single answer: the test is small, and drawn otherwise.
DRIFT = 0.04
# Probability that the interval holds the accuracy.
COVERAGE = 0.9
# Labels more that a curve tells of, as multiples of the labels there are.
MORE = (0.5, 1, 2, 4)
# Log-odds of accuracy that are considered, and quantiles of a normal distribution.
_ODDS = np.linspace(-5, 11, 1601)
_NORMAL = ndtri((np.arange(25) + 0.5) / 25)


@dataclass(frozen=True)
class Estimate:
    """The accuracy to expect on new images.

    Attributes:
        accuracy: Fraction, 0 to 1; so are the next two.
        low: Lower end of the interval that holds it with probability `COVERAGE`.
        high: Upper end of the interval.
        num_labels: Labels that were learned from.
        learnable: Fraction of new images that endless labels would turn from wrong to
            right; 0 if it is not known.
    """

    accuracy: float
    low: float
    high: float
    num_labels: int
    learnable: float

    @classmethod
    def of(cls, values: np.ndarray) -> Estimate:
        """Return the estimate whose values are in an array, in their order."""
        accuracy, low, high, num_labels, learnable = values.tolist()
        return cls(accuracy, low, high, int(num_labels), learnable)

    def with_more(self, count: int) -> float:
        """Return the accuracy to expect with so many labels more.

        The part of the error that is due to few labels falls as 1 / labels.
        """
        return self.accuracy + self.learnable * count / (self.num_labels + count)

    def figures(self) -> dict[str, Any]:
        """Return it for `metrics.json`; the curve has labels and accuracies."""
        curve = [
            {"labels": self.num_labels + more, "accuracy": self.with_more(more)}
            for more in (round(self.num_labels * part) for part in MORE)
        ]
        return {
            "estimated_accuracy": self.accuracy,
            "estimated_accuracy_interval": [self.low, self.high],
            "expected_with_more_labels": curve if self.learnable else None,
        }


def no_estimate(reason: str) -> dict[str, Any]:
    """Return what `metrics.json` says instead of an estimate, and why."""
    return {
        "estimated_accuracy": None,
        "estimated_accuracy_interval": None,
        "estimated_accuracy_missing": reason,
    }


def estimate_accuracy(
    right: np.ndarray,
    num_turns: int,
    disagreement: float | None = None,
    gain: float = GAIN,
    weights: np.ndarray | None = None,
) -> Estimate:
    """Estimate the accuracy of a classifier that learned from all labels.

    The accuracy of a turn has a prior that the disagreement gives, and the left-out
    labels are draws that succeed with this probability. All labels then bring a little
    more than those of a turn.

    Args:
        right: bool array `(k,)`, whether each label was predicted while it was left
            out.
        num_turns: Turns in which all labels were left out, each once; 2 or more.
        disagreement: What `disagreement_of` returned; None if nobody could be asked.
        gain: What `GAIN` is for these classifiers.
        weights: Float array `(k,)`, how much each label counts, see `label_weights`;
            None for each as one.
    """
    odds, chances = _of_a_turn(right, num_turns, disagreement, weights)
    # The normal quantiles stand for a draw each, with equal weights.
    middles = np.cumsum(chances) - chances / 2
    levels = expit(np.interp((np.arange(99) + 0.5) / 99, middles, odds))
    gain = 0.0 if disagreement is None else gain * disagreement / np.sqrt(num_turns)
    gains = np.maximum(gain * (1 + GAIN_SPREAD * _NORMAL), 0)
    draws = np.minimum(levels[:, None] + gains, 1)
    drifts = DRIFT * np.sqrt(draws * (1 - draws))[..., None] * _NORMAL
    draws = np.clip(draws[..., None] + drifts, 0, 1).ravel()
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(draws, (tail, 1 - tail))
    accuracy = float(draws.mean())
    learnable = min(gain * (num_turns - 1), 1 - accuracy)
    return Estimate(accuracy, float(low), float(high), len(right), float(learnable))


def accuracy_of_a_turn(
    right: np.ndarray,
    num_turns: int,
    disagreement: float | None = None,
    weights: np.ndarray | None = None,
) -> float:
    """Return the expected accuracy without the labels of one turn.

    The arguments are those of `estimate_accuracy`.
    """
    odds, chances = _of_a_turn(right, num_turns, disagreement, weights)
    return float(chances @ expit(odds))


def disagreement_of(guesses: np.ndarray) -> float | None:
    """Return how often two of several classifiers contradict each other.

    Args:
        guesses: int array `(num_turns, m)`, classes of m images that none of them
            learned from.

    Returns:
        Fraction, mean over the pairs; never 0, which m images could not show. None if
        there are no images.
    """
    count = guesses.shape[1]
    if not count:
        return None
    pairs = combinations(guesses, 2)
    contradicted = np.mean([np.mean(one != other) for one, other in pairs])
    return float(np.clip(contradicted, 0.5 / (count + 1), 1 - 0.5 / (count + 1)))


def _of_a_turn(right, num_turns, disagreement, weights):
    """Return log-odds of the accuracy without the labels of a turn, and chances."""
    mean, spread = UNKNOWN
    if disagreement is not None:
        shared = (num_turns - 2) / (num_turns - 1)
        mean, spread = logit(1 - disagreement) - OVERAGREEMENT * shared, SPREAD
    each = np.ones(len(right)) if weights is None else weights
    hits, count = each @ right, each.sum()
    scores = hits * _ODDS - count * np.logaddexp(0, _ODDS)
    scores = scores - 0.5 * ((_ODDS - mean) / spread) ** 2
    chances = np.exp(scores - scores.max())
    return _ODDS, chances / chances.sum()
