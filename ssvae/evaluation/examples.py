"""The images of a run that pages show, chosen and answered by its model."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ssvae.data import UNLABELED, Dataset, open_dataset, read_labels
from ssvae.data.store import take
from ssvae.evaluation.codes import LEAST_MAPPED, embed, in_use, map_codes
from ssvae.hardware import one_thread
from ssvae.runs.shown import (
    HELD_OUT,
    MAX_BYTES,
    TEST,
    TRAINING,
    Shown,
    encoded,
)
from ssvae.runs.source import located
from ssvae.types import Say

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Images of a test part that are answered, at most; and images of a part without
# labels, which are only looked at, of models that are quick or that have features.
MOST_TESTED, MANY_LOOKED_AT, FEW_LOOKED_AT = 20_000, 2_000, 400
# Pictures that are drawn at random, at most: more points hide each other on a map.
# And mistakes that are kept besides, those that the model is surest of.
MOST_DRAWN, MISTAKES = 2_000, 120


def examples_of(
    model: "SSVAE", dataset: Dataset, probabilities: np.ndarray | None = None
) -> Shown:
    """Choose the images that pages show of a model, and keep its answers for them.

    They are of the test part; without one they are images that were held out of
    training, and without those they are training images.

    Args:
        model: An `SSVAE`.
        dataset: The `Dataset` that it was learned from.
        probabilities: Its calibrated answers for the whole test part, float array
            `(m, num_classes)`, if they are known already.
    """
    rng = np.random.default_rng(0)
    part, images, labels, probabilities = _part(model, dataset, probabilities, rng)
    if probabilities is None:
        probabilities = model.predict_proba(images)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero((labels != predicted) & (labels != UNLABELED))
    if model.num_classes == 1:
        wrong = wrong[:0]
    kept, num_drawn = _kept(images, confidence, wrong, rng)
    few = min(num_drawn, FEW_LOOKED_AT) if model.has_features else num_drawn
    pictures = take(images, kept)
    means, _ = model.encode(pictures[:few], predicted[kept[:few]])
    return Shown(
        part,
        dataset.class_names,
        np.where(labels < dataset.num_classes, labels, UNLABELED),
        predicted,
        confidence,
        kept,
        pictures,
        num_drawn,
        in_use(means),
    )


def examples_of_run(model: "SSVAE", run: Path, say: Say | None = None) -> Shown:
    """Return the same for a run of an older version, from the images it learned from.

    Args:
        model: The `SSVAE` of the run.
        run: Path of the run folder.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If the images are not on this machine.
    """
    config = located(model.config, run)
    height, width, _ = model.image_shape
    dataset = open_dataset(config, say=say, size=(height, width))
    dataset = dataset.without(config.left_out)
    draw = read_labels(run / "labels.json", dataset)
    dataset = dataset.with_labels(*draw).hold_out(config.held_out, config.seed)
    return examples_of(model, dataset)


def with_places(model: "SSVAE", shown: Shown) -> Shown:
    """Return the same with the places of its images on a map, which takes seconds.

    Args:
        model: The `SSVAE` of the run.
        shown: What the pages show of it.

    Raises:
        InputError: If there are fewer than `LEAST_MAPPED` images.
    """
    codes = embed(model, shown.images[: shown.num_drawn])
    # On a busy machine the threads of t-SNE wait for one another, for minutes.
    with one_thread():
        return shown.with_places(map_codes(codes))


def _part(model, dataset, probabilities, rng):
    """Return the part to show: its name, images, labels, and answers if known."""
    if dataset.read_test is not None:
        images, labels = dataset.read_test()
        rows = _some(len(images), MOST_TESTED, rng)
        answers = None if probabilities is None else probabilities[rows]
        return TEST, take(images, rows), labels[rows], answers
    few = FEW_LOOKED_AT if model.has_features else MANY_LOOKED_AT
    if len(dataset.held_out) >= LEAST_MAPPED:
        rows = dataset.held_out[_some(len(dataset.held_out), few, rng)]
        return HELD_OUT, take(dataset.images, rows), dataset.labels[rows], None
    rows = _some(len(dataset.images), few, rng)
    return TRAINING, take(dataset.images, rows), dataset.labels[rows], None


def _some(count, most, rng):
    """Return ascending rows, `most` of them at most."""
    return np.sort(rng.permutation(count)[:most])


def _kept(images, confidence, wrong, rng):
    """Return which images have a picture, and how many of these are drawn."""
    drawn = rng.permutation(len(images))[:MOST_DRAWN]
    sure = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    # A few mistakes always have room.
    drawn = drawn[: max(LEAST_MAPPED, _fit(images[drawn], 0.8 * MAX_BYTES))]
    others = np.setdiff1d(sure, drawn, assume_unique=True)
    others = others[np.argsort(-confidence[others], kind="stable")]
    others = others[: _fit(images[others], 0.2 * MAX_BYTES)]
    return np.concatenate([drawn, others]), len(drawn)


def _fit(images, room):
    """Return how many of the pictures fit, one after the other, into so many bytes."""
    size = 0
    for count, picture in enumerate(encoded(images)):
        size += len(picture)
        if size > room:
            return count
    return len(images)
