"""Classes of images, and how far to trust them: `python -m ssvae.predict RUN`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser, number
from ssvae.evaluation.emptiness import are_empty, least_contrast
from ssvae.files.atomic import new_file
from ssvae.files.tables import Table
from ssvae.runs.expected import expected_of
from ssvae.types import ArrayLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

SURE, UNSURE, UNUSUAL = "sure", "unsure", "unusual"


class Predictions(NamedTuple):
    """A model's answers for n images.

    Attributes:
        classes: int64 array `(n,)`, the likeliest class.
        probability: float32 array `(n,)`, its calibrated probability.
        score: float64 array `(n,)`, how unusual the image is; see `SSVAE.score`.
        verdict: List of n words: `"sure"`; `"unsure"` if the probability is too low;
            `"unusual"` if the image is unlike those that the model was trained on.
    """

    classes: np.ndarray
    probability: np.ndarray
    score: np.ndarray
    verdict: list[str]


def predict(
    model: SSVAE,
    images: ArrayLike,
    confidence: float = 0.9,
    false_alarms: float = 0.01,
    least: float | None = None,
) -> Predictions:
    """Classify images, and say which answers not to trust.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
        confidence: Probability below which the answer is `"unsure"`, 0 to 1.
        false_alarms: Fraction of usual images that may be called `"unusual"`, 0 to 1.
        least: What `least_contrast` returned for the model, if it was called already.

    An image with next to nothing on it is `"unusual"`, whatever its score. No other
    image is `"unusual"` to a model that has no scores of usual images to compare with:
    that of a run that was interrupted before its end.

    Raises:
        ValueError: If the images do not fit the model.
    """
    least = least_contrast(model) if least is None else least
    empty = are_empty(model, images, least)
    return judged(model, *model.assess(images), confidence, false_alarms, empty)


def judged(
    model: SSVAE,
    probabilities: np.ndarray,
    score: np.ndarray,
    confidence: float = 0.9,
    false_alarms: float = 0.01,
    empty: np.ndarray | None = None,
) -> Predictions:
    """Return what `predict` returns for images that `model.assess` has seen.

    Args:
        model: An `SSVAE`.
        probabilities: What `model.assess` returned, `(n, num_classes)`.
        score: What `model.assess` returned, `(n,)`.
        confidence: See `predict`.
        false_alarms: See `predict`.
        empty: What `are_empty` returned for the images; None if nobody asked.
    """
    classes = probabilities.argmax(axis=1)
    probability = probabilities.max(axis=1)
    unusual = np.zeros(len(score), bool)
    if len(model.fitted.usual_scores):
        unusual = score > model.fitted.threshold(false_alarms)
    if empty is not None:
        unusual = unusual | empty
    verdict = np.select([unusual, probability < confidence], [UNUSUAL, UNSURE], SURE)
    return Predictions(classes, probability, score, verdict.tolist())


def main() -> None:
    """Read the flags, classify images, write a table."""
    parser = Parser(
        prog="python -m ssvae.predict",
        description="Classify images and write a table, one row per image: its class, "
        "the calibrated probability of the class, a score of how unusual the image "
        "is, and a verdict: sure, unsure or unusual.",
    )
    arguments.add_run(parser)
    arguments.add_images(parser)
    meaning = "table to write: .csv, .parquet or .npz"
    arguments.add_output(parser, meaning, "predictions.csv")
    parser.add_argument(
        "--confidence",
        type=number(0, 1),
        default=0.9,
        metavar="P",
        help="probability below which the verdict is unsure (0.9)",
    )
    arguments.add_false_alarms(parser)
    flags = parser.parse_args()
    model = sources.open_model(flags.run)
    images = sources.open_images(flags, model)
    names = np.array(model.class_names)
    verdicts = {SURE: 0, UNSURE: 0, UNUSUAL: 0}
    least = least_contrast(model)
    began = time.perf_counter()
    kinds = (".csv", ".parquet", ".npz")
    with new_file(flags.out, kinds, flags.overwrite) as path, Table(path) as table:
        for rows, places in console.with_progress(images, "predicting"):
            answers = predict(model, rows, flags.confidence, flags.false_alarms, least)
            table.write(
                {
                    "image": places,
                    "class": names[answers.classes].tolist(),
                    "probability": answers.probability,
                    "score": answers.score,
                    "verdict": answers.verdict,
                }
            )
            for verdict in answers.verdict:
                verdicts[verdict] += 1
    count = sum(verdicts.values())
    cost = console.cost(count, began)
    summary = {"images": count, **verdicts, "skipped": len(images.skipped)}
    if told := expected_of(flags.run):
        console.say(told)
    console.report(flags, summary | cost | {"out": flags.out})


if __name__ == "__main__":
    process.run(main, "ssvae.predict")
