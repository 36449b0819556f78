"""The files of a run folder, and the figures in them, measured once."""

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from ssvae.backends.current import device_name
from ssvae.config.settings import Config
from ssvae.data import UNLABELED, Dataset, save_labels
from ssvae.data.content import Content
from ssvae.data.images import binarized
from ssvae.evaluation.examples import examples_of
from ssvae.hardware import peak_memory
from ssvae.runs.card import model_card
from ssvae.runs.folder import CONTENT_FILE, SHOWN_FILE
from ssvae.runs.labeling import SUGGESTIONS_FILE, save_suggestions
from ssvae.runs.samples import sample_grid
from ssvae.runs.source import FILE, KEY, paths_from
from ssvae.runs.unusual import save_unusual
from ssvae.runs.versions import versions
from ssvae.saving.find import MODEL_FILE
from ssvae.saving.keras_file import save_model
from ssvae.training.estimate import no_estimate
from ssvae.training.learn import Learned
from ssvae.training.outline import num_unlabeled
from ssvae.training.outside import Outside
from ssvae.training.putting_aside import figures as unknown_figures
from ssvae.training.stopwatch import MEASURING
from ssvae.training.strangest import unusual_images
from ssvae.training.trusting import save_list


class Measured(NamedTuple):
    """What `measure` found.

    Attributes:
        metrics: The figures for `metrics.json`.
        probabilities: The answers for the test part, float32 `(m, num_classes)`; None
            without one, and for a model without classes.
    """

    metrics: dict[str, Any]
    probabilities: np.ndarray | None


def measure(learned: Learned, dataset: Dataset) -> Measured:
    """Measure a model on the test part.

    Without a test part, or without labels in it, the figures that need them are None.

    Args:
        learned: `Learned`.
        dataset: The `Dataset` that the model was learned from.
    """
    learned.stopwatch.begin(MEASURING)
    model = learned.model
    accuracy = elbo = probabilities = None
    if dataset.read_test is not None:
        images, labels = dataset.read_test()
        # Features take longest: they are computed once.
        logits = model.logits(images) if model.has_features else None
        shown = binarized(images, 0) if model.config.pixels == "binary" else images
        elbo = float(model.elbo(shown, logits=logits).mean())
        if dataset.num_classes > 1:
            probabilities = model.predict_proba(images, logits=logits)
            right = (probabilities.argmax(-1) == labels)[labels != UNLABELED]
            # Nothing is known of a test part without labels.
            accuracy = float(np.mean(right)) if len(right) else None
    figures = {"test_accuracy": accuracy, "test_elbo": elbo}
    return Measured(_metrics(learned, dataset, figures), probabilities)


def _metrics(learned, dataset, figures):
    """Return the content of `metrics.json`; see `measure`."""
    config, accuracy = learned.model.config, figures["test_accuracy"]
    backend = keras.backend.backend()
    return {
        "test_accuracy": accuracy,
        "test_error": None if accuracy is None else 1 - accuracy,
        "test_elbo": figures["test_elbo"],
        "num_labels": len(dataset.labeled),
        "num_unlabeled": num_unlabeled(_taught(learned, dataset), config),
        "num_held_out": len(dataset.held_out),
        "num_group_labels": len(dataset.coarse.rows) if dataset.coarse else 0,
        "num_none_labels": len(dataset.outside),
        "seed": config.seed,
        "dataset": dataset.name,
        "recipe": config.recipe,
        "keras_backend": backend,
        "device": device_name(),
        "versions": versions("keras", backend, "numpy"),
        **_beliefs(learned),
        **(learned.issues.figures() if learned.issues else {}),
        **_shares(learned, dataset),
        **_unknown(learned, dataset),
        **_expected(learned, dataset),
        "train_seconds": learned.seconds,
        "images_per_second": learned.images_per_second,
        "stage_seconds": learned.stopwatch.seconds(),
        "peak_memory_gib": peak_memory(),
    }


def _classes(learned, dataset):
    """Return the class that each image to label next is taken for."""
    rows = learned.to_label
    logits = learned.classified.logits[rows] if learned.classified else None
    return learned.model.predict_proba(dataset.images[rows], logits=logits).argmax(1)


def _beliefs(learned):
    """Return what a model of features believes, and why."""
    if learned.classified is None:
        return {}
    right = learned.classified.left_out_accuracy
    return {
        "believed": learned.classified.believed,
        "left_out_accuracy": None if np.isnan(right) else right,
    }


def _shares(learned, dataset):
    """Return the shares of the classes that training took, if it asked for them."""
    known = learned.classified or learned.spread
    if not known or known.shares is None:
        return {}
    return known.shares.figures(dataset.class_names)


def _taught(learned, dataset):
    """Return the data set without the images that were put aside."""
    return learned.outside.put_aside(dataset) if learned.outside else dataset


def _unknown(learned, dataset):
    """Return what was found of images that seem to belong to no class, if anything."""
    if learned.outside is None or not len(learned.outside.sure):
        return {}
    return unknown_figures(learned.outside, dataset)


def _expected(learned, dataset):
    """Return the accuracy to expect on new images, or why nobody knows."""
    if learned.model.num_classes == 1:
        return {}
    known = learned.classified or learned.spread
    if known and known.estimate:
        return known.estimate.figures()
    counts = np.bincount(dataset.labels[dataset.labeled])
    if counts[counts > 0].min() == 1:
        return no_estimate("a class has a single label, which cannot be left out")
    return no_estimate("no label was left out")


def begin(folder: Path, dataset: Dataset, config: Config) -> None:
    """Write what a run is resumed with: settings, labels, and what its images are."""
    (folder / "config.toml").write_text(config.to_toml(), encoding="utf-8")
    paths = {KEY: paths_from(folder, config)}
    save_labels(folder / FILE, dataset, **paths)
    path = folder / CONTENT_FILE
    # That of a run that is resumed was compared, and stays.
    if not path.exists():
        Content.of(dataset).save(path)


def write(
    folder: Path,
    name: str,
    learned: Learned,
    dataset: Dataset,
    measured: Measured,
) -> None:
    """Write all other files of a run folder.

    Args:
        folder: Path of the folder to write into.
        name: Name of the folder when it is complete.
        learned: `Learned`.
        dataset: The `Dataset` that the model was learned from.
        measured: What `measure` returned.
    """
    model = learned.model
    with open(folder / "history.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, learned.history[0])
        writer.writeheader()
        writer.writerows(learned.history)
    if len(learned.to_label):
        taken_for = _classes(learned, dataset)
        names = dataset.class_names
        path = folder / SUGGESTIONS_FILE
        save_suggestions(path, learned.to_label, taken_for, names, dataset.files)
    if learned.issues:
        told = dataset.class_names, dataset.files
        save_list(learned.issues, folder / "label_issues.csv", *told)
    metrics, probabilities = measured
    found = learned.outside or Outside.none(len(dataset.images))
    unusual = unusual_images(model, dataset, found, learned.classified)
    if len(unusual.rows):
        metrics = {**metrics, "num_unusual_alone": unusual.num_alone}
        save_unusual(folder, unusual, dataset.images, dataset.files)
    text = json.dumps(metrics, indent=2) + "\n"
    (folder / "metrics.json").write_text(text, encoding="utf-8")
    save_model(model, folder / MODEL_FILE)
    sample_grid(model).save(folder / "samples.png")
    examples_of(model, dataset, probabilities).save(folder / SHOWN_FILE)
    card = model_card(model.config, metrics, name)
    (folder / "README.md").write_text(card, encoding="utf-8")
