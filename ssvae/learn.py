"""A model learned from a data set: graph, batches, epochs, and what is fitted after."""

import time
from dataclasses import dataclass

import numpy as np

from ssvae import command
from ssvae.data import Batches
from ssvae.errors import InputError

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


def learn(dataset, config, folder, init=None, callbacks=()) -> Learned:
    """Train a model.

    Args:
        dataset: `Dataset` with the labels of the budget.
        config: `Config`.
        folder: Path of the folder that shows how training goes; see `ssvae.live`.
        init: Path of a run folder or `.keras` file whose weights to start from.
        callbacks: More Keras callbacks.
    """
    command.start_keras()
    with command.interrupts_held_back():
        from ssvae import fitted
        from ssvae.average import averaged
        from ssvae.backends import device_name
        from ssvae.live import LiveFolder
        from ssvae.model import SSVAE
        from ssvae.progress import TrainingProgress

    progress, live = TrainingProgress(), LiveFolder(folder)

    def say(text):
        progress.say(text)
        live.say(text)

    say(_summary(dataset, config, device_name()))
    began = time.perf_counter()
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    if init:
        _start_from(model, init)
    elif model.m1 is not None:
        _fit_m1(model.m1, dataset, config.m1(), say)
    graph, pseudo_labels = _spread_labels(dataset, config, say)
    batches = _batches(dataset, config, pseudo_labels)
    say(f"{config.epochs} epochs of {batches.steps_per_epoch} steps.")
    _run(model, batches, [progress, live, *callbacks])
    model = averaged(model)
    live.say("Fitting the prior, the temperature and the scores.")
    fitted.fit(model, dataset, pseudo_labels)
    seconds = time.perf_counter() - began
    images = config.epochs * batches.steps_per_epoch * batches.images_per_step
    live.say("Looking for what to label next.")
    to_label = _to_label(model, dataset, graph)
    live.close()
    return Learned(model, progress.history, seconds, images / seconds, to_label)


def num_unlabeled(dataset, config) -> int:
    """Return how many unlabeled images training looks at."""
    return len(dataset.unlabeled) if config.unlabeled_batch_size else 0


def _start_from(model, init):
    """Give a model the weights of a trained one of the same networks."""
    from ssvae.runs import load_model

    trained = load_model(init)
    shapes, needed = ([w.shape for w in m.weights] for m in (trained, model))
    if shapes != needed:
        raise InputError(
            f"init: the networks of {str(init)!r} are not those asked for: need the "
            "same image size, number of classes, bodies, hidden_units and latent_dim"
        )
    model.set_weights(trained.get_weights())
    model.step.assign(0)


def _fit_m1(m1, dataset, config, say):
    """Train a plain VAE and give `m1` its weights."""
    from ssvae.average import averaged
    from ssvae.model import SSVAE
    from ssvae.progress import TrainingProgress

    say("First M1, the plain VAE whose latents take the images' place.")
    plain = SSVAE(dataset.image_shape, ("any",), config)
    batches = _batches(dataset.with_labels([], []), config)
    say(f"{config.epochs} epochs of {batches.steps_per_epoch} steps.")
    _run(plain, batches, [TrainingProgress()])
    m1.set_weights(averaged(plain).get_weights())


def _run(model, batches, callbacks):
    """Compile the model and fit it to the batches."""
    from ssvae.backends import as_input

    model.compile(batches.steps_per_epoch)
    try:
        model.fit(
            as_input(batches),
            epochs=model.config.epochs,
            steps_per_epoch=batches.steps_per_epoch,
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
        )
    finally:
        callbacks[0].stop()


def _spread_labels(dataset, config, say):
    """Return the graph of similar images and pseudo-labels, if so configured."""
    if config.propagation == "none" or not num_unlabeled(dataset, config):
        return None, None
    from ssvae.graph import image_graph
    from ssvae.propagate import propagate_labels

    say("Spreading the labels over the graph of similar images.")
    graph = image_graph(dataset.images, config)
    return graph, propagate_labels(graph, dataset, config.border_steps)


def _batches(dataset, config, pseudo_labels=None):
    """Return the batches that a config asks for."""
    return Batches(
        dataset,
        config.labeled_batch_size,
        config.unlabeled_batch_size,
        config.seed,
        pseudo_labels,
    )


def _to_label(model, dataset, graph):
    """Return images that it would help most to label."""
    from ssvae.acquire import least_sure, suggest

    if model.num_classes == 1:
        return np.zeros(0, np.int64)
    if graph is not None:
        return suggest(graph, dataset.labeled, dataset.unlabeled)
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
