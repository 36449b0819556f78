"""A model learned from a data set: graph, batches, epochs, and what is fitted after."""

from dataclasses import dataclass

import numpy as np

from ssvae.backends.current import device_name
from ssvae.backends.workers import Workers
from ssvae.data import Batches
from ssvae.data.balance import class_shares
from ssvae.errors import InputError
from ssvae.graph.acquisition import least_sure
from ssvae.graph.spread import spread_labels
from ssvae.model import SSVAE
from ssvae.runs import checkpoints
from ssvae.runs.folder import M1_FOLDER, SPREAD_FILE
from ssvae.saving.find import find_model
from ssvae.saving.keras_file import load_model
from ssvae.training.checkpointing import Checkpointing
from ssvae.training.epochs import run_epochs
from ssvae.training.live import LiveFolder
from ssvae.training.progress import TrainingProgress
from ssvae.vae import fitted
from ssvae.vae.average import averaged
from ssvae.vae.networks import FROM_CLASS, LOGITS
from ssvae.vae.sums import which_summed

# Unlabeled images among which a model without a graph looks for what to label.
CANDIDATES = 5_000


@dataclass(frozen=True)
class Learned:
    """What came of training.

    Attributes:
        model: The `SSVAE` to keep, with averaged weights.
        history: List of a dict an epoch.
        seconds: How long it took.
        images_per_second: Images that passed by a second, over all epochs.
        to_label: int array `(k,)`, images to label next, the most wanted first.
    """

    model: object
    history: list[dict]
    seconds: float
    images_per_second: float
    to_label: np.ndarray


def learn(
    dataset, config, folder, init=None, callbacks=(), workers=None
) -> Learned | None:
    """Train a model, or go on where its training was broken off.

    Args:
        dataset: `Dataset` with the labels of the budget.
        config: `Config`.
        folder: Path of the folder that shows how training goes, see
            `ssvae.training.live`, and takes its checkpoints; where one lies there,
            training goes on from it.
        init: Path of a run folder or `.keras` file whose weights to start from.
        callbacks: More Keras callbacks.
        workers: `Workers` that train together; this process alone where not given.

    Returns:
        None to workers that are not the chief.
    """
    workers = workers or Workers()
    resumed = checkpoints.newest(folder)
    progress, live = TrainingProgress(resumed), LiveFolder(folder, resumed)

    def say(text):
        progress.say(text)
        live.say(text)

    say(_summary(dataset, config, device_name()))
    with workers.scope():
        model = SSVAE(dataset.image_shape, dataset.class_names, config)
    if resumed is None and init:
        _start_from(model, init)
    elif resumed is None and model.m1 is not None:
        progress.before += _fit_m1(model.m1, dataset, folder / M1_FOLDER, workers, say)
    shares = class_shares(dataset, config.class_prior)
    model.log_prior.assign(np.log(shares))
    spread, pseudo_labels = None, None
    if config.propagation != "none" and num_unlabeled(dataset, config):
        spread = spread_labels(dataset, config, shares, folder / SPREAD_FILE, say)
        pseudo_labels = spread.pseudo_labels
    batches = _batches(dataset, config, pseudo_labels, shares)
    say(f"{config.epochs} epochs of {batches.steps_per_epoch} steps.")
    if model.num_classes > 1 and num_unlabeled(dataset, config):
        say(f"The unlabeled bound is summed over {which_summed(model)}.")
    if resumed is not None:
        say(f"Going on after step {resumed.step}.")
    keeping = Checkpointing(folder, progress, resumed)
    run_epochs(model, batches, [progress, live, *callbacks, keeping], workers, resumed)
    if not workers.is_chief:
        return None
    model = averaged(model)
    live.say("Fitting the prior, the temperature and the scores.")
    fitted.fit(model, dataset, pseudo_labels)
    seconds = progress.seconds()
    images = config.epochs * batches.steps_per_epoch * batches.images_per_step
    live.say("Looking for what to label next.")
    to_label = spread.to_label(dataset) if spread else _doubtful(model, dataset)
    return Learned(model, progress.history, seconds, images / seconds, to_label)


def num_unlabeled(dataset, config) -> int:
    """Return how many unlabeled images training looks at."""
    return len(dataset.unlabeled) if config.unlabeled_batch_size else 0


def _start_from(model, init):
    """Give a model the weights of a trained one with the same bodies.

    What belongs to a class goes to the class of the same name; a new class keeps the
    weights it was begun with.
    """
    trained = load_model(find_model(init))
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


def _fit_m1(m1, dataset, folder, workers, say):
    """Train a plain VAE, or go on with it, and give `m1` its weights.

    Returns how long it had been trained before it was broken off, seconds.
    """
    say("First M1, the plain VAE whose latents take the images' place.")
    folder.mkdir(exist_ok=True)
    config, resumed = m1.config, checkpoints.newest(folder)
    with workers.scope():
        plain = SSVAE(dataset.image_shape, ("any",), config)
    batches = _batches(dataset.with_labels([], []), config)
    say(f"{config.epochs} epochs of {batches.steps_per_epoch} steps.")
    progress = TrainingProgress(resumed)
    keeping = Checkpointing(folder, progress, resumed)
    run_epochs(plain, batches, [progress, keeping], workers, resumed)
    m1.set_weights(averaged(plain).get_weights())
    return resumed.seconds if resumed else 0.0


def _batches(dataset, config, pseudo_labels=None, shares=None):
    """Return the batches that a config asks for."""
    return Batches(
        dataset,
        config.labeled_batch_size,
        config.unlabeled_batch_size,
        config.seed,
        pseudo_labels,
        shares,
    )


def _doubtful(model, dataset):
    """Return unlabeled images whose class a model without a graph is least sure of."""
    if model.num_classes == 1:
        return np.zeros(0, np.int64)
    rng = np.random.default_rng((model.config.seed, 4))
    some = rng.permutation(dataset.unlabeled)[:CANDIDATES]
    if not len(some):
        return some
    return some[least_sure(model.predict_proba(dataset.images[some]))]


def _summary(dataset, config, device):
    """Say what is trained on what."""
    height, width, channels = dataset.image_shape
    return (
        f"Training recipe {config.recipe} with seed {config.seed} on {device}.\n"
        f"Data: {dataset.name}, {len(dataset.images):,} images of "
        f"{height}x{width}x{channels}: {len(dataset.labeled):,} labeled in "
        f"{dataset.num_classes} classes, {num_unlabeled(dataset, config):,} unlabeled."
    )
