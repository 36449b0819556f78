"""How fast this machine trains and answers, beside what it could do."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

from ssvae import command
from ssvae.config import Config
from ssvae.machine import peak_memory

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
# What is timed, and how often; the median counts.
STEPS, REPEATS = 50, 5
IMAGES, MODEL = 10_000, "mnist-100"
# Of the square matrices whose product is the measure, and products in a row.
SIDE, PRODUCTS = 2_048, 10


def measure_speed(say=command.say) -> list[dict]:
    """Measure every shape of `SHAPES` in training, and the shipped model's answers.

    Each in a process of its own, which measures the matrix rate too.

    Args:
        say: Function that prints a line.

    Returns:
        A list of dicts: `what`, `images_per_second`; of training `first_step_seconds`,
        from the import of Keras to the end of the first step, `peak_memory_gib`,
        `flops_per_image`; `matrix_gflops`, float32 products in units of 10^9
        operations a second; and `share` of it, a fraction.
    """
    context = multiprocessing.get_context("spawn")
    results = []
    for what in (*SHAPES, "answers"):
        say(f"{what}: begun")
        measure = _answers if what == "answers" else _training
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            results += pool.submit(measure, what).result()
    return results


def matrix_rate() -> float:
    """Return the rate of float32 matrix products, 10^9 operations a second."""
    import numpy as np
    from keras import ops

    factor = ops.full((SIDE, SIDE), 1 / SIDE, "float32")

    def products():
        value = factor
        for _ in range(PRODUCTS):
            value = ops.matmul(value, factor)
        # JAX returns before it is done.
        return np.asarray(ops.convert_to_numpy(value[0, 0]))

    products()
    return PRODUCTS * 2 * SIDE**3 / min(_seconds(products)) / 1e9


def _training(what):
    """Return the figures of training with one shape."""
    began = time.perf_counter()
    command.start_keras()
    import keras

    from ssvae import flops
    from ssvae.backends import as_input
    from ssvae.data import Batches, draw_labels, load_dataset
    from ssvae.model import SSVAE

    dataset = load_dataset("mnist")
    config = Config(**SHAPES[what])
    draw = draw_labels(dataset.labels, config.labels, 10, config.seed)
    dataset = dataset.with_labels(*draw)
    sizes = config.labeled_batch_size, config.unlabeled_batch_size
    batches = Batches(dataset, *sizes, config.seed)
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    model.compile(batches.steps_per_epoch)
    ends = []
    model.fit(
        as_input(batches),
        epochs=1,
        steps_per_epoch=1 + STEPS * (REPEATS + 1),
        shuffle=False,
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
            )
        ],
    )
    # The first of them warms up.
    marks = ends[STEPS::STEPS]
    seconds = sorted(b - a for a, b in pairwise(marks))
    images = batches.images_per_step
    rate = STEPS * images / seconds[len(seconds) // 2]
    num_labeled = images - config.unlabeled_batch_size
    sparing = _learns_from_few(model, batches.batch(len(ends))["unlabeled"])
    step = flops.of_training(model, num_labeled, config.unlabeled_batch_size, sparing)
    memory, matrix = peak_memory(), matrix_rate()
    return [
        {
            "what": what,
            "images_per_second": rate,
            "first_step_seconds": ends[0] - began,
            "peak_memory_gib": memory,
            "flops_per_image": step / images,
            "matrix_gflops": matrix,
            "share": rate * step / images / 1e9 / matrix,
        }
    ]


def _learns_from_few(model, images):
    """Return whether the exact sum over classes is learned from by few of them."""
    from keras import ops

    from ssvae.sums import num_summed, spared_weight

    config, count = model.config, model.num_classes
    if num_summed(config, count) < count or not config.spared_weight:
        return False
    logits = model.classify(ops.cast(images, "float32") / 255.0)
    return float(spared_weight(logits)) < config.spared_weight


def _answers(what):
    """Return the figures of a trained model's answers."""
    command.start_keras()
    from ssvae import flops
    from ssvae.data import load_dataset
    from ssvae.saving import find_model, load_model

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
        figures: Dict with `machine`, text, and `speed`, what `measure_speed` returned.
    """
    rows = [
        f"{figures['machine']}:\n",
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
