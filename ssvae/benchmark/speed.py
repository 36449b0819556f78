"""How fast this machine trains and answers, and which part of its best that is."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from ssvae.benchmark.machine_rates import copy_rate, device
from ssvae.benchmark.timing import time_answers, time_training
from ssvae.cli import console
from ssvae.types import Say

# The model of the paper, Kingma et al. 2014, as its best-known example has it.
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
# Settings that training is timed with, by name.
SHAPES: dict[str, dict[str, Any]] = {
    "m2-mlp, 100 a step": M2_MLP | {"unlabeled_batch_size": 100},
    "m2-mlp, 200 a step": M2_MLP | {"unlabeled_batch_size": 200},
    "default": {"labels": 100},
}
# More of them on a GPU, which small batches do not fill.
LARGE = {"unlabeled_batch_size": 16_384}
GPU_SHAPES: dict[str, dict[str, Any]] = {
    "m2-mlp, 16,384 a step": M2_MLP | LARGE,
    "m2-mlp, 16,384 a step, bfloat16": M2_MLP | LARGE | {"precision": "bfloat16"},
    "default, bfloat16": {"labels": 100, "precision": "bfloat16"},
}


def measure_speed(say: Say = console.say) -> dict[str, Any]:
    """Measure training with every shape, and the answers of a shipped model.

    Each is measured in a process of its own, together with the rate of matrix products.

    Args:
        say: Function that prints a line.

    Returns:
        A dict: `device`, where Keras computes; on a GPU `copy_gigabytes`, what it reads
        and writes in its memory, 10^9 bytes per second; and `speed`, a list of the
        figures of `ssvae.benchmark.timing`.
    """
    context = multiprocessing.get_context("spawn")

    def alone(measure: Callable[..., Any], *arguments: Any) -> Any:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(measure, *arguments).result()

    shapes, results = dict(SHAPES), []
    about: dict[str, Any] = {"device": alone(device)}
    if about["device"] != "cpu":
        shapes |= GPU_SHAPES
        about["copy_gigabytes"] = alone(copy_rate)
    for what, settings in shapes.items():
        say(f"{what}: started")
        results.append(alone(time_training, what, settings))
    say("answers: started")
    return about | {"speed": results + alone(time_answers)}
