"""Classes of images, and how far to trust them: `python -m ssvae.predict RUN`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser, number
from ssvae.data.groups import group_table, read_groups
from ssvae.evaluation.unusual import Usual
from ssvae.files.atomic import new_file
from ssvae.files.tables import Table
from ssvae.runs.expected import expected_of
from ssvae.types import ArrayLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

SURE, UNSURE, UNUSUAL = "sure", "unsure", "unusual"
# The reason if only the score tells.
UNLIKE = "it is unlike the images that the model learned from"


class Grouped(NamedTuple):
    """A model's answers for n images at the level of groups of classes.

    Attributes:
        groups: List of n names, the likeliest group; a class in no group is one itself.
        probability: float32 array `(n,)`, its probability: the sum over its classes.
    """

    groups: list[str]
    probability: np.ndarray


class Predictions(NamedTuple):
    """A model's answers for n images.

    Attributes:
        classes: int64 array `(n,)`, the likeliest class.
        probability: float32 array `(n,)`, its calibrated probability.
        score: float64 array `(n,)`, how unusual the image is; see `SSVAE.score`.
        verdict: List of n words: `"sure"`; `"unsure"` if the probability is too low;
            `"unusual"` if the image is unlike those that the model was trained on.
        reason: List of n texts: why an image is `"unusual"`; "" for others.
    """

    classes: np.ndarray
    probability: np.ndarray
    score: np.ndarray
    verdict: list[str]
    reason: list[str]


def predict(
    model: SSVAE,
    images: ArrayLike,
    confidence: float = 0.9,
    false_alarms: float = 0.01,
    usual: Usual | None = None,
    lacks: Sequence[str] = (),
) -> Predictions:
    """Classify images, and say which answers not to trust.

    An image with next to nothing on it, or with lines that no image of the model has,
    is `"unusual"`, whatever its score. No other image is `"unusual"` to a model that
    has no scores of usual images to compare with: that of a run that was interrupted
    before its end.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
        confidence: Probability below which the answer is `"unsure"`, 0 to 1.
        false_alarms: Fraction of usual images that may be called `"unusual"`, 0 to 1.
        usual: `Usual` of the model, if it is known already.
        lacks: Why each picture, before it was brought to the model's size, is unlike
            the model's images, "" if it is not: such images are `"unusual"`. See
            `ssvae.data.reading.brought.Brought`.

    Raises:
        ValueError: If the images do not fit the model.
    """
    usual = Usual.of(model) if usual is None else usual
    reasons = usual.oddities(model, images, lacks)
    return judged(model, *model.assess(images), confidence, false_alarms, reasons)


def judged(
    model: SSVAE,
    probabilities: np.ndarray,
    score: np.ndarray,
    confidence: float = 0.9,
    false_alarms: float = 0.01,
    reasons: Sequence[str] = (),
) -> Predictions:
    """Return what `predict` returns for images that `model.assess` has seen.

    Args:
        model: An `SSVAE`.
        probabilities: What `model.assess` returned, `(n, num_classes)`.
        score: What `model.assess` returned, `(n,)`.
        confidence: See `predict`.
        false_alarms: See `predict`.
        reasons: What `Usual.oddities` returned for the images; empty if nobody asked.
    """
    classes = probabilities.argmax(axis=1)
    probability = probabilities.max(axis=1)
    told = list(reasons) or [""] * len(score)
    if len(model.fitted.usual_scores):
        for row in np.flatnonzero(score > model.fitted.threshold(false_alarms)):
            told[row] = told[row] or UNLIKE
    unusual = np.array([bool(text) for text in told], bool)
    verdict = np.select([unusual, probability < confidence], [UNUSUAL, UNSURE], SURE)
    return Predictions(classes, probability, score, verdict.tolist(), told)


def grouped(
    probabilities: np.ndarray,
    class_names: Sequence[str],
    groups: Mapping[str, Sequence[str]],
) -> Grouped:
    """Return which group of classes each image belongs to.

    Args:
        probabilities: Float array `(n, num_classes)`, rows that sum to 1.
        class_names: One name per class.
        groups: Names of classes by the name of their group, each class in one at most.

    Raises:
        InputError: If a group holds an unknown class.
    """
    table = group_table(groups, class_names, "the model")
    alone = np.flatnonzero(~table.any(axis=0)).tolist()
    names = [*groups, *(class_names[index] for index in alone)]
    table = np.concatenate([table, np.eye(len(class_names), dtype=bool)[alone]])
    sums = probabilities @ table.T.astype(probabilities.dtype)
    best = sums.argmax(axis=1)
    return Grouped([names[one] for one in best], sums.max(axis=1))


def main() -> None:
    """Read the flags, classify images, write a table."""
    parser = Parser(
        command="predict",
        description="Classify images and write a table, one row per image: its class, "
        "the calibrated probability of the class, a score of how unusual the image "
        "is, a verdict: sure, unsure or unusual, and why it is unusual.",
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
    parser.add_argument(
        "--groups",
        metavar="FILE",
        help="file with groups of classes, as for ssvae.train: the table then has two "
        "columns more, the likeliest group and its probability",
    )
    flags = parser.parse_args()
    groups = read_groups(flags.groups) if flags.groups else {}
    model = sources.open_model(flags.run)
    group_table(groups, model.class_names, "the model")
    images = sources.open_images(flags, model)
    names = np.array(model.class_names)
    verdicts = {SURE: 0, UNSURE: 0, UNUSUAL: 0}
    usual = Usual.of(model, flags.run)
    began = time.perf_counter()
    kinds = (".csv", ".parquet", ".npz")
    with new_file(flags.out, kinds, flags.overwrite) as path, Table(path) as table:
        for rows, places in console.with_progress(images, "predicting"):
            lacks = [images.lacks.get(place, "") for place in places]
            reasons = usual.oddities(model, rows, lacks)
            probabilities, score = model.assess(rows)
            answers = judged(
                model,
                probabilities,
                score,
                flags.confidence,
                flags.false_alarms,
                reasons,
            )
            columns = {
                "image": places,
                "class": names[answers.classes].tolist(),
                "probability": answers.probability,
                "score": answers.score,
                "verdict": answers.verdict,
                "reason": answers.reason,
            }
            if groups:
                both = grouped(probabilities, model.class_names, groups)
                columns["group"] = both.groups
                columns["group_probability"] = both.probability
            table.write(columns)
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
