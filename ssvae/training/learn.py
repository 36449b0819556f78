"""A model learned from a data set: graph, batches, epochs, and fits after training."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ssvae.backends.current import device_name
from ssvae.backends.workers import Workers
from ssvae.config.settings import Config
from ssvae.data import Batches, Dataset
from ssvae.data.balance import class_shares
from ssvae.data.store import room_for
from ssvae.model import SSVAE
from ssvae.runs import checkpoints
from ssvae.runs.folder import CLASSIFIED_FILE, ISSUES_FILE, M1_FOLDER, SPREAD_FILE
from ssvae.training.checkpointing import Checkpointing
from ssvae.training.counting import Counting
from ssvae.training.epochs import run_epochs
from ssvae.training.feature_learning import Classified, learn_classifier
from ssvae.training.forecast import Forecast, expected_seconds
from ssvae.training.initial_weights import (
    described_backbone,
    first_weights,
    learn_m1,
)
from ssvae.training.label_issues import LabelIssues
from ssvae.training.live import LiveFolder
from ssvae.training.named_callbacks import Named, made_callbacks
from ssvae.training.outline import num_unlabeled, outline, summary
from ssvae.training.outside import Outside
from ssvae.training.progress import TrainingProgress
from ssvae.training.putting_aside import kept_outside
from ssvae.training.spread import Spread, spread_labels
from ssvae.training.stopwatch import FITS, GRAPH, M1, PIXELS, Stopwatch
from ssvae.training.suggesting import by_graph, by_model, without_copies
from ssvae.types import PathLike
from ssvae.vae import fitted
from ssvae.vae.average import averaged

# Images that are made smaller at once.
CHUNK = 200


@dataclass(frozen=True)
class Learned:
    """The result of training.

    Attributes:
        model: The `SSVAE` to keep, with averaged weights.
        history: One dict per epoch, see `TrainingProgress`.
        seconds: Seconds that training took.
        stopwatch: `Stopwatch` of the stages of training; it counts on.
        images_per_second: Images shown per second, over all epochs.
        to_label: int array `(k,)`, indices of the images to label next, those that
            would help most first.
        classified: `Classified` of a model of features; None for others.
        spread: `Spread` of a model that learned from pseudo-labels; None for others.
        issues: `LabelIssues`, which labels may be wrong; None if nothing is known.
        outside: `Outside`, images that seem to belong to no class; None if nobody
            asked.
    """

    model: SSVAE
    history: list[dict[str, float]]
    seconds: float
    stopwatch: Stopwatch
    images_per_second: float
    to_label: np.ndarray
    classified: Classified | None = None
    spread: Spread | None = None
    issues: LabelIssues | None = None
    outside: Outside | None = None


def learn(
    dataset: Dataset,
    config: Config,
    folder: Path,
    init: PathLike | None = None,
    callbacks: Sequence[Named] = (),
    workers: Workers | None = None,
) -> Learned | None:
    """Train a model, or resume its training.

    Args:
        dataset: `Dataset` with only the labels of the budget.
        config: `Config`.
        folder: Path of the folder for checkpoints and progress, see `LiveFolder`; if it
            holds a checkpoint, training resumes from it.
        init: Path of a run folder or `.keras` file whose weights to start from.
        callbacks: More Keras callbacks, or names of `NEEDED`.
        workers: `Workers` that train together; this process alone if None.

    Returns:
        What was learned; None for workers that are not the chief.
    """
    workers = workers or Workers()
    resumed = checkpoints.newest(folder)
    progress = TrainingProgress(resumed)
    stopwatch = progress.stopwatch
    forecast = Forecast(expected_seconds(config, dataset), stopwatch)
    live = LiveFolder(folder, resumed, forecast)

    def say(text):
        progress.say(text)
        live.say(text)

    say(summary(dataset, config, device_name()))
    with workers.scope():
        backbone = described_backbone(config, folder, init)
        model = SSVAE(dataset.image_shape, dataset.class_names, config, backbone)
    if resumed is None:
        first_weights(model, init)
    if resumed is None and not init and model.m1 is not None:
        m1_folder = folder / M1_FOLDER
        stopwatch.begin(M1)
        stopwatch.add(M1, learn_m1(model.m1, dataset, m1_folder, workers, say))
    shares = class_shares(dataset, config.class_prior)
    model.log_prior.assign(np.log(shares))
    spread = classified = None
    if model.has_features:
        path = folder / CLASSIFIED_FILE
        with Counting("Features", progress, live) as count:
            classified = learn_classifier(
                model, dataset, shares, path, say, count, stopwatch.begin
            )
        live.know(classified.estimate)
        stopwatch.begin(PIXELS)
        dataset = as_drawn(model, dataset)
    elif config.propagation != "none" and num_unlabeled(dataset, config):
        stopwatch.begin(GRAPH)
        spread = spread_labels(dataset, config, shares, folder / SPREAD_FILE, say)
        live.know(spread.estimate)
    issues = LabelIssues.load(folder / ISSUES_FILE)
    if issues is not None:
        dataset = issues.trusted(dataset)
    outside = kept_outside(folder, dataset)
    dataset = outside.put_aside(dataset)
    known = classified or spread
    if known and known.shares:
        shares = known.shares.values
        model.log_prior.assign(np.log(shares))
    stopwatch.begin(PIXELS)
    batches = _batches(dataset, config, spread, shares, classified)
    for line in outline(model, batches, resumed):
        say(line)
    keeping = Checkpointing(folder, progress, resumed)
    more = made_callbacks(callbacks, folder, config, say)
    run_epochs(model, batches, [progress, live, *more, keeping], workers, resumed)
    if not workers.is_chief:
        return None
    stopwatch.begin(FITS)
    kept = averaged(model)
    say("Fitting the prior, the temperature and the scores.")
    if classified:
        told = classified.logits, classified.temperature
        density = classified.surprise, classified.density
        fitted.fit(kept, dataset, None, *told, *density)
    else:
        fitted.fit(kept, dataset, spread.pseudo_labels if spread else None)
    seconds = progress.seconds()
    images = progress.step * batches.images_per_step
    say("Looking for what to label next.")
    to_label = _to_label(kept, dataset, spread, classified)
    return Learned(
        kept,
        progress.history,
        seconds,
        stopwatch,
        images / seconds,
        to_label,
        classified,
        spread,
        issues,
        outside,
    )


def as_drawn(model: SSVAE, dataset: Dataset) -> Dataset:
    """Return a data set with its images in the `pixel_shape` of a model."""
    if model.pixel_shape == dataset.image_shape:
        return dataset
    drawn = room_for(len(dataset.images), model.pixel_shape)
    for start in range(0, len(drawn), CHUNK):
        small = model.as_drawn(dataset.images[start : start + CHUNK])
        drawn[start : start + CHUNK] = np.rint(255 * small)
    return dataclasses.replace(dataset, images=drawn)


def _batches(dataset, config, spread, shares, classified):
    """Return the batches to train on; see `Batches`."""
    return Batches(
        dataset,
        config.labeled_batch_size,
        config.unlabeled_batch_size,
        config.seed,
        spread.pseudo_labels if spread else None,
        shares,
        classified.logits if classified else None,
        config.epoch_steps,
    )


def _to_label(model, dataset, spread, classified):
    """Return the images to label next, best first; see `ssvae.training.suggesting`."""
    count = model.config.suggest
    if classified and classified.to_label is not None:
        return without_copies(dataset, classified.to_label)[:count]
    if spread:
        return by_graph(spread, dataset, count)
    return by_model(model, dataset, count, classified and classified.logits)
