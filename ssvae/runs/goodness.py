"""How good a model is, in one figure and in words that need no other knowledge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssvae.runs.folder import partial_folder

# File of a run folder that names the classes.
LABELS_FILE = "labels.json"

# Accuracy from which on whole percents would hide how many errors are left.
HIGH = 0.95
# Part of the way from chance to perfect that a model must have gone to be called good.
LEAST = 0.2


@dataclass(frozen=True)
class Goodness:
    """The accuracy of a model on new images.

    Attributes:
        accuracy: Fraction, 0 to 1; None if nobody knows it.
        low: Lower end of the interval that holds it; None if it was measured.
        high: Upper end of the interval.
        measured: Whether it was measured on a test part, and not estimated.
        num_classes: Number of classes.
        missing: Why nobody knows it; empty if it is known.
    """

    accuracy: float | None
    low: float | None
    high: float | None
    measured: bool
    num_classes: int
    missing: str = ""

    @property
    def is_chance(self) -> bool:
        """Whether the model may be no better than one that guesses."""
        if self.accuracy is None:
            return False
        chance = 1 / max(1, self.num_classes)
        low = self.accuracy if self.low is None else self.low
        return low <= chance or self.accuracy < chance + LEAST * (1 - chance)

    def figure(self) -> str:
        """Return the accuracy in percent: "93 %"; "unknown" if nobody knows it."""
        return "unknown" if self.accuracy is None else self._percent(self.accuracy)

    def span(self) -> str:
        """Return the interval in percent: "90 to 96 %"; empty if there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"{self._percent(self.low)[:-2]} to {self._percent(self.high)}"

    def sentence(self) -> str:
        """Return in words how good the model is."""
        if self.accuracy is None:
            return f"Nobody knows how good it is: {self.missing}."
        if self.measured:
            words = f"It is right on {self.figure()} of the test images."
        else:
            words = f"Of new images it is expected to get {self.figure()} right"
            words += f", from {self.span()}." if self.span() else "."
        if self.is_chance:
            words += " That is hardly better than guessing: label more images."
        return words

    def compared(self, before: Goodness) -> str:
        """Return in words whether it is better than another; empty if unknown."""
        if self.accuracy is None or before.accuracy is None:
            return ""
        gain = 100 * (self.accuracy - before.accuracy)
        if before._holds(self.accuracy) or self._holds(before.accuracy):
            return (
                f"That is {gain:+.1f} points against the model before: too little to "
                "tell which of the two is better."
            )
        if gain >= 0:
            return f"That is {gain:.1f} points better than the model before."
        return f"That is {-gain:.1f} points worse than the model before: use that one."

    def _holds(self, accuracy):
        """Return whether an accuracy is within the interval, if there is one."""
        if self.low is None or self.high is None:
            return False
        return self.low <= accuracy <= self.high

    def _percent(self, value):
        digits = 1 if (self.accuracy or 0) > HIGH else 0
        return f"{100 * value:.{digits}f} %"


def num_classes_of(out: Path) -> int:
    """Return the number of classes of a run, complete or not; 0 if nobody knows it.

    Args:
        out: Path of the run folder.
    """
    for folder in (out, partial_folder(out)):
        try:
            content = json.loads((folder / LABELS_FILE).read_text(encoding="utf-8"))
            return len(content["class_names"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return 0


def goodness(figures: Mapping[str, Any], num_classes: int) -> Goodness:
    """Return how good a model is.

    Args:
        figures: Content of `metrics.json`, or of the `progress.json` of a run.
        num_classes: Number of its classes.
    """
    if (accuracy := figures.get("test_accuracy")) is not None:
        return Goodness(accuracy, None, None, True, num_classes)
    accuracy = figures.get("estimated_accuracy")
    if accuracy is not None:
        low, high = figures["estimated_accuracy_interval"]
        return Goodness(accuracy, low, high, False, num_classes)
    missing = figures.get("estimated_accuracy_missing") or "it was not estimated"
    return Goodness(None, None, None, False, num_classes, missing)
