"""Weights that are there before training: of another run, a backbone, or M1."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ssvae.backends.workers import Workers
from ssvae.config.settings import Config
from ssvae.data import Batches, Dataset
from ssvae.errors import InputError
from ssvae.features.described import needs_description
from ssvae.model import SSVAE
from ssvae.runs import checkpoints
from ssvae.saving.archive import BACKBONE, read_model
from ssvae.saving.find import MODEL_FILE, find_model
from ssvae.saving.keras_file import load_model
from ssvae.training.checkpointing import Checkpointing
from ssvae.training.epochs import run_epochs
from ssvae.training.progress import TrainingProgress
from ssvae.types import PathLike, Say
from ssvae.vae.average import averaged
from ssvae.vae.feature_classifier import load_pretrained
from ssvae.vae.networks import FROM_CLASS, LOGITS

if TYPE_CHECKING:
    from ssvae.vae.m2 import M2


def described_backbone(
    config: Config, folder: Path, init: PathLike | None
) -> dict[str, Any] | None:
    """Return what a saved model says of the backbone that a run needs.

    Then neither the backbone's file nor a download is needed again.

    Args:
        config: `Config` of the run.
        folder: Folder of the run, which holds a model if the run is resumed.
        init: Path of a run folder or `.keras` file to start from, or None.

    Returns:
        See `backbones.to_config`; None to look for what the config names.
    """
    if not needs_description(config):
        return None
    models = [folder / MODEL_FILE, *([find_model(init)] if init else [])]
    for path in models:
        if path.exists():
            found, _ = read_model(path)
            asked = {"backbone": config.backbone, "backbone_size": config.backbone_size}
            if asked.items() <= found["config"].items():
                return found.get(BACKBONE)
    return None


def first_weights(model: SSVAE, init: PathLike | None) -> None:
    """Give a new model the weights of a run to start from, or of its backbone.

    Args:
        model: An `SSVAE` that is not trained.
        init: See `copy_weights`; None to start from a pretrained backbone, if the
            model's config names one, and random weights.
    """
    if init:
        copy_weights(model, init)
    elif model.has_features:
        load_pretrained(model.classifier, model.config)


def copy_weights(model: SSVAE, init: PathLike) -> None:
    """Copy the weights of a trained model with the same bodies into `model`.

    The weights of a class go to the class of the same name. A class that the trained
    model does not have keeps its random weights.

    Args:
        model: An `SSVAE` that is not trained.
        init: Path of a run folder or `.keras` file, or name of a shipped model.

    Raises:
        InputError: If the networks have other shapes.
    """
    # `find_model` refuses a SavedModel, so this is an `SSVAE`.
    trained = cast(SSVAE, load_model(find_model(init)))
    names = trained.class_names
    shared = [name for name in model.class_names if name in names]
    new = [model.class_names.index(name) for name in shared]
    old = [names.index(name) for name in shared]
    for source, target in zip(trained.weights, model.weights, strict=False):
        if target is model.log_prior:
            continue
        values, given = np.array(target.numpy()), source.numpy()
        layer = target.path.split("/")[-2]
        if layer in (LOGITS, FROM_CLASS) and names != model.class_names:
            # One row per class.
            axis = -1 if layer == LOGITS else 0
            rows, known = np.moveaxis(values, axis, 0), np.moveaxis(given, axis, 0)
            if rows.shape[1:] == known.shape[1:]:
                rows[new] = known[old]
                given = values
        if given.shape != values.shape or len(trained.weights) != len(model.weights):
            raise InputError(
                f"init: the networks of {str(init)!r} are not those asked for: need "
                "the same image size, bodies, hidden_units and latent_dim"
            )
        target.assign(given)
    model.step.assign(0)


def learn_m1(
    m1: M2, dataset: Dataset, folder: Path, workers: Workers, say: Say
) -> float:
    """Train M1, a plain VAE, or resume its training; give `m1` its weights.

    Args:
        m1: The part of the model that takes the weights.
        dataset: `Dataset`; no label of it is read.
        folder: Path of the folder for M1's checkpoints; made here if need be.
        workers: `Workers` that train together.
        say: Function that prints a line.

    Returns:
        Seconds of M1's training before it was interrupted; 0 if it never was.
    """
    say("First M1, the plain VAE whose latents take the images' place.")
    folder.mkdir(exist_ok=True)
    config, resumed = m1.config, checkpoints.newest(folder)
    with workers.scope():
        plain = SSVAE(dataset.image_shape, ("any",), config)
    batches = Batches(
        dataset.with_labels([], []),
        config.labeled_batch_size,
        config.unlabeled_batch_size,
        config.seed,
    )
    say(f"{config.epochs} epochs of {batches.steps_per_epoch} steps.")
    progress = TrainingProgress(resumed)
    keeping = Checkpointing(folder, progress, resumed)
    run_epochs(plain, batches, [progress, keeping], workers, resumed)
    m1.set_weights(averaged(plain).get_weights())
    return resumed.seconds if resumed else 0.0
