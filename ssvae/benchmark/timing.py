"""How fast a model trains and answers, measured in the process that calls.

Figures are dicts for JSON. Each has `what`, the name of the work; `images_per_second`;
`flops_per_image`, floating-point operations; `matrix_gflops`, the machine's rate of
matrix products in the same precision, 10^9 operations per second; and `share`, the
fraction of that rate that the work reaches.
"""

import time
from itertools import pairwise
from statistics import median
from typing import Any

from ssvae.benchmark.machine_rates import REPEATS, matrix_rate, seconds_of
from ssvae.cli import process
from ssvae.config.settings import Config
from ssvae.hardware import peak_memory

# Functions import what needs Keras, which starts in the process that measures.

# Steps that are timed together; the median of several such times counts.
STEPS = 50
# Images that are answered, and the shipped model that answers.
IMAGES, MODEL = 10_000, "mnist-100"


def time_training(what: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Time training on MNIST; Keras must not have been imported before.

    Args:
        what: Name of the settings.
        settings: Fields of `Config`.

    Returns:
        The figures, and in addition `first_step_seconds`, from the import of Keras to
        the end of the first step, and `peak_memory_gib`.
    """
    began = time.perf_counter()
    process.start_keras()
    from ssvae.benchmark import flops
    from ssvae.data import Batches, draw_labels, load_dataset
    from ssvae.model import SSVAE

    dataset = load_dataset("mnist")
    config = Config(**settings)
    draw = draw_labels(dataset.labels, config.labels, 10, config.seed)
    dataset = dataset.with_labels(*draw)
    sizes = config.labeled_batch_size, config.unlabeled_batch_size
    batches = Batches(dataset, *sizes, config.seed)
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    marks = _train(model, batches)
    images, num_unlabeled = batches.images_per_step, config.unlabeled_batch_size
    sparing = _learns_from_few(model, batches.batch(marks[-1][0])["unlabeled"])
    step = flops.of_training(model, images - num_unlabeled, num_unlabeled, sparing)
    starting = {
        "first_step_seconds": marks[0][1] - began,
        # Before the large matrices of `matrix_rate` are made.
        "peak_memory_gib": peak_memory(),
    }
    matrix = matrix_rate(config.precision)
    rate = images * _steps_per_second(model, marks)
    return _figures(what, rate, step / images, matrix) | starting


def time_answers() -> list[dict[str, Any]]:
    """Time a trained model's answers; return the figures of each kind of answer."""
    process.start_keras()
    from ssvae.benchmark import flops
    from ssvae.data import load_dataset
    from ssvae.saving.find import find_model
    from ssvae.saving.keras_file import load_model

    model: Any = load_model(find_model(MODEL))
    images, classes = (part[:IMAGES] for part in load_dataset("mnist").test_part())
    classifying = flops.of_network(model.classifier)
    encoders = model.encoder_body, model.encoder_head
    encoding = sum(flops.of_network(network) for network in encoders)
    decoding = flops.of_network(model.decoder)
    matrix = matrix_rate()
    results = []
    for name, work, count in (
        ("classify", lambda: model.predict_proba(images), classifying),
        ("embed", lambda: model.encode(images), classifying + encoding),
        ("generate", lambda: model.generate(classes), decoding),
    ):
        # The first call compiles.
        work()
        rate = len(images) / median(seconds_of(work))
        results.append(_figures(name, rate, count, matrix))
    return results


def _figures(what, rate, flops, matrix):
    """Return the figures of so many images per second and operations per image."""
    return {
        "what": what,
        "images_per_second": rate,
        "flops_per_image": flops,
        "matrix_gflops": matrix,
        "share": rate * flops / 1e9 / matrix,
    }


def _train(model, batches):
    """Train for as long as is timed; return (steps so far, moment) of every launch."""
    from ssvae.backends.current import as_input
    from ssvae.training import epochs
    from ssvae.training.steps import CountsSteps

    marks = []

    class Clock(CountsSteps):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            # JAX returns before the loss is computed.
            float(logs["loss"])
            marks.append((self.step, time.perf_counter()))

    source = epochs.brought_near(batches)
    epochs.prepare(model, source)
    # The first step compiles, and the first STEPS after it warm up.
    steps = 1 + STEPS * (REPEATS + 1)
    model.fit(
        as_input(source),
        epochs=1,
        # A launch is one step, or as many as a device with its own memory takes.
        steps_per_epoch=steps if model.resident is None else REPEATS + 2,
        shuffle=False,
        verbose=0,
        callbacks=[Clock()],
    )
    return marks


def _steps_per_second(model, marks):
    """Return the median rate of steps, after those that warm up."""
    every = STEPS if model.resident is None else 1
    return median(
        (later[0] - earlier[0]) / (later[1] - earlier[1])
        for earlier, later in pairwise(marks[every::every])
    )


def _learns_from_few(model, images):
    """Return whether the gradient of the sum over all classes leaves some out."""
    from ssvae.vae.sums import num_summed, spared_weight

    config, count = model.config, model.num_classes
    if num_summed(config, count) < count or not config.spared_weight:
        return False
    logits = model(images)
    return float(spared_weight(logits)) < config.spared_weight
