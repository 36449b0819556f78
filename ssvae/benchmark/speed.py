"""How fast this machine trains and answers, beside what it could do."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

from ssvae.cli import console, process
from ssvae.config.settings import Config
from ssvae.hardware import peak_memory

# The model of the paper, as the best-known example has it, and the default recipe.
M2_MLP = {
    "labels": 0,
    "classifier_body": "mlp",
    "hidden_units": 500,
    "hidden_layers": 1,
    "latent_dim": 50,
    "top_classes": 0,
    "augment": "none",
    "propagation": "none",
    "ema_decay": 0.0,
}
SHAPES = {
    "m2-mlp, 100 a step": M2_MLP | {"unlabeled_batch_size": 100},
    "m2-mlp, 200 a step": M2_MLP | {"unlabeled_batch_size": 200},
    "default": {"labels": 100},
}
# Beside them where there is a GPU, which small batches do not fill.
LARGE = {"unlabeled_batch_size": 16_384}
GPU_SHAPES = {
    "m2-mlp, 16,384 a step": M2_MLP | LARGE,
    "m2-mlp, 16,384 a step, bfloat16": M2_MLP | LARGE | {"precision": "bfloat16"},
    "default, bfloat16": {"labels": 100, "precision": "bfloat16"},
}
# What is timed, steps at least, and how often; the median counts.
STEPS, REPEATS = 50, 5
IMAGES, MODEL = 10_000, "mnist-100"
# Of the square matrices whose product is the measure, and products in a row.
SIDE, GPU_SIDE, PRODUCTS = 2_048, 8_192, 10
# Floats that are copied to measure the bandwidth of a GPU's memory.
COPIED = 2**28


def measure_speed(say=console.say) -> dict:
    """Measure every shape of `SHAPES` in training, and the shipped model's answers.

    Each in a process of its own, which measures the matrix rate too; where there is a
    GPU, those of `GPU_SHAPES` as well.

    Args:
        say: Function that prints a line.

    Returns:
        A dict: `device`, where Keras computes; `copy_gigabytes`, what a GPU copies in
        its memory, 10^9 bytes read and written a second; and `speed`, a list of
        dicts: `what`, `images_per_second`; of training `first_step_seconds`,
        from the import of Keras to the end of the first step, `peak_memory_gib`,
        `flops_per_image`; `matrix_gflops`, float32 products in units of 10^9
        operations a second; and `share` of it, a fraction.
    """
    context = multiprocessing.get_context("spawn")

    def alone(measure, *arguments):
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(measure, *arguments).result()

    shapes, results = dict(SHAPES), []
    about = {"device": alone(device)}
    if about["device"] != "cpu":
        shapes |= GPU_SHAPES
        about["copy_gigabytes"] = alone(copy_rate)
    for what, settings in shapes.items():
        say(f"{what}: begun")
        results += alone(_training, what, settings)
    say("answers: begun")
    return about | {"speed": results + alone(_answers)}


def device() -> str:
    """Return where Keras computes, a GPU's name or `cpu`."""
    process.start_keras()
    from ssvae.backends.current import device_name

    return device_name()


def matrix_rate(dtype="float32") -> float:
    """Return the rate of matrix products, 10^9 operations a second.

    On a GPU they are of the precision that its library takes for float32.
    """
    import numpy as np
    from keras import ops

    side = SIDE if device() == "cpu" else GPU_SIDE
    factor = ops.full((side, side), 1 / side, dtype)

    def products():
        value = factor
        for _ in range(PRODUCTS):
            value = ops.matmul(value, factor)
        # JAX returns before it is done.
        return np.asarray(ops.convert_to_numpy(value[0, 0]))

    products()
    return PRODUCTS * 2 * side**3 / min(_seconds(products)) / 1e9


def copy_rate() -> float:
    """Return how fast the device reads and writes its memory, 10^9 bytes a second."""
    process.start_keras()
    from keras import ops

    values = ops.zeros((COPIED,), "float32")

    def copies():
        copied = values
        for _ in range(PRODUCTS):
            copied = copied + 1.0
        return float(copied[0])

    copies()
    return PRODUCTS * 2 * 4 * COPIED / min(_seconds(copies)) / 1e9


def _training(what, settings):
    """Return the figures of training with one shape."""
    began = time.perf_counter()
    process.start_keras()
    from ssvae.backends.current import as_input
    from ssvae.benchmark import flops
    from ssvae.data import Batches, draw_labels, load_dataset
    from ssvae.model import SSVAE
    from ssvae.training import epochs

    dataset = load_dataset("mnist")
    config = Config(**settings)
    draw = draw_labels(dataset.labels, config.labels, 10, config.seed)
    dataset = dataset.with_labels(*draw)
    sizes = config.labeled_batch_size, config.unlabeled_batch_size
    batches = Batches(dataset, *sizes, config.seed)
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    source = epochs.brought_near(batches)
    epochs.prepare(model, source)
    clock = _clock()
    # The first of them warms up.
    steps = 1 + STEPS * (REPEATS + 1)
    model.fit(
        as_input(source),
        epochs=1,
        # A launch is an epoch, or as many steps as it may have.
        steps_per_epoch=steps if model.resident is None else REPEATS + 2,
        shuffle=False,
        verbose=0,
        callbacks=[clock],
    )
    every = STEPS if model.resident is None else 1
    marks = clock.marks[every::every]
    rates = sorted((b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(marks))
    images = batches.images_per_step
    rate = images * rates[len(rates) // 2]
    num_labeled = images - config.unlabeled_batch_size
    sparing = _learns_from_few(model, batches.batch(clock.step)["unlabeled"])
    step = flops.of_training(model, num_labeled, config.unlabeled_batch_size, sparing)
    memory = peak_memory()
    matrix = matrix_rate(config.precision)
    return [
        {
            "what": what,
            "images_per_second": rate,
            "first_step_seconds": clock.marks[0][1] - began,
            "peak_memory_gib": memory,
            "flops_per_image": step / images,
            "matrix_gflops": matrix,
            "share": rate * step / images / 1e9 / matrix,
        }
    ]


def _clock():
    """Return a callback whose `marks` are steps and moments, after every launch."""
    from ssvae.training.steps import CountsSteps

    class Clock(CountsSteps):
        def __init__(self):
            super().__init__()
            self.marks = []

        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            # JAX returns before it is done.
            float(logs["loss"])
            self.marks.append((self.step, time.perf_counter()))

    return Clock()


def _learns_from_few(model, images):
    """Return whether the exact sum over classes is learned from by few of them."""
    from ssvae.vae.sums import num_summed, spared_weight

    config, count = model.config, model.num_classes
    if num_summed(config, count) < count or not config.spared_weight:
        return False
    logits = model(images)
    return float(spared_weight(logits)) < config.spared_weight


def _answers():
    """Return the figures of a trained model's answers."""
    process.start_keras()
    from ssvae.benchmark import flops
    from ssvae.data import load_dataset
    from ssvae.saving.find import find_model
    from ssvae.saving.keras_file import load_model

    model = load_model(find_model(MODEL))
    images, classes = (part[:IMAGES] for part in load_dataset("mnist").test_part())
    classifying = flops.of_network(model.classifier)
    encoding = sum(map(flops.of_network, (model.encoder_body, model.encoder_head)))
    decoding = flops.of_network(model.decoder)
    matrix = matrix_rate()
    results = []
    for name, work, count in (
        ("classify", lambda: model.predict_proba(images), classifying),
        ("embed", lambda: model.encode(images), classifying + encoding),
        ("generate", lambda: model.generate(classes), decoding),
    ):
        work()
        rate = len(images) / sorted(_seconds(work))[REPEATS // 2]
        results.append(
            {
                "what": name,
                "images_per_second": rate,
                "flops_per_image": count,
                "matrix_gflops": matrix,
                "share": rate * count / 1e9 / matrix,
            }
        )
    return results


def _seconds(work):
    """Return how long some work takes, each time it is done."""
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return seconds


def speed_table(figures) -> str:
    """Return figures of speed as Markdown, a row each, below what they are of.

    Args:
        figures: Dict with `machine`, text, and what `measure_speed` returned.
    """
    title = figures["machine"]
    if "copy_gigabytes" in figures:
        copied = f"{figures['copy_gigabytes']:,.0f} GB/s copied"
        title = f"{figures['device']} ({copied}), {title}"
    rows = [
        f"{title}:\n",
        "| | images/s | operations an image | share of the matrix rate | first step "
        "| memory |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for result in figures["speed"]:
        first, memory = "-", "-"
        if "first_step_seconds" in result:
            first = f"{result['first_step_seconds']:.1f} s"
            memory = f"{result['peak_memory_gib']:.2f} GiB"
        rows.append(
            f"| {result['what']} | {result['images_per_second']:,.0f} | "
            f"{result['flops_per_image'] / 1e6:.1f} million | "
            f"{100 * result['share']:.0f} % of {result['matrix_gflops']:.0f} GFLOP/s | "
            f"{first} | {memory} |"
        )
    return "\n".join(rows)
