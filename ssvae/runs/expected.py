"""How good a model is expected to be on new images, in a sentence."""

import json
from pathlib import Path
from typing import Any

from ssvae.saving.find import find_model, saved_models
from ssvae.saving.hub import is_on_hub
from ssvae.types import PathLike

# Gain of accuracy, a fraction, that is worth a word.
WORTH_TELLING = 0.01
# Accuracy from which on whole percents would hide how many errors are left.
HIGH = 0.95


def expected(metrics: dict[str, Any]) -> str:
    """Say how good a model is expected to be; empty for a run that did not ask.

    Args:
        metrics: Content of a run's `metrics.json`.
    """
    accuracy = metrics.get("estimated_accuracy")
    if accuracy is None:
        reason = metrics.get("estimated_accuracy_missing")
        return f"Estimated accuracy: none, because {reason}." if reason else ""
    curve = metrics["expected_with_more_labels"]
    source = "labels left out and unlabeled images" if curve else "labels left out"
    more = "".join(map(_gain(metrics), curve or ()))
    digits = 1 if accuracy > HIGH else 0
    values = (accuracy, *metrics["estimated_accuracy_interval"])
    told, low, high = (f"{100 * value:.{digits}f}" for value in values)
    span = f"{told} % ({low} to {high} %)"
    return f"Estimated accuracy: {span}, from {source}{more}."


def expected_of(run: PathLike) -> str:
    """Say how good the model of a run folder is expected to be; empty if nobody knows.

    Args:
        run: What `find_model` takes. A file by itself has no figures.
    """
    is_folder = Path(run).is_dir() or str(run) in saved_models() or is_on_hub(run)
    if not is_folder:
        return ""
    path = find_model(run).with_name("metrics.json")
    if not path.is_file():
        return ""
    metrics = json.loads(path.read_text(encoding="utf-8"))
    return expected(metrics) if metrics.get("estimated_accuracy") else ""


def _gain(metrics):
    """Return a function that says what twice the labels bring, if it is worth it."""
    count, accuracy = metrics["num_labels"], metrics["estimated_accuracy"]

    def told(point):
        gain = point["accuracy"] - accuracy
        if point["labels"] != 2 * count or gain < WORTH_TELLING:
            return ""
        points = round(100 * gain)
        return f"; {count:,} more labels: about {points} point{'s' * (points > 1)}"

    return told
