"""What this machine can do at best: matrix products and copies per second."""

import time
from collections.abc import Callable
from typing import Any

from ssvae.cli import process

# Functions import what needs Keras, which starts in the process that measures.

# Times that each piece of work is measured.
REPEATS = 5
# Side of the square matrices that are multiplied, on a CPU and on a GPU, and how many
# products follow one another.
SIDE, GPU_SIDE, PRODUCTS = 2_048, 8_192, 10
# Floats that are copied to measure the bandwidth of a GPU's memory.
COPIED = 2**28


def device() -> str:
    """Return where Keras computes: a GPU's name or `cpu`."""
    process.start_keras()
    from ssvae.backends.current import device_name

    return device_name()


def matrix_rate(dtype: str = "float32") -> float:
    """Return the rate of matrix products, 10^9 operations per second.

    On a GPU they have the precision that its library chooses for `dtype`: float32 may
    mean TF32.
    """
    import numpy as np
    from keras import ops

    side = SIDE if device() == "cpu" else GPU_SIDE
    factor = ops.full((side, side), 1 / side, dtype)

    def products():
        value = factor
        for _ in range(PRODUCTS):
            value = ops.matmul(value, factor)
        # JAX returns before the product is computed.
        return np.asarray(ops.convert_to_numpy(value[0, 0]))

    products()
    return PRODUCTS * 2 * side**3 / min(seconds_of(products)) / 1e9


def copy_rate() -> float:
    """Return how fast the device reads and writes its memory, 10^9 bytes per second."""
    process.start_keras()
    from keras import ops

    values = ops.zeros((COPIED,), "float32")

    def copies():
        copied = values
        for _ in range(PRODUCTS):
            copied = copied + 1.0
        return float(copied[0])

    copies()
    return PRODUCTS * 2 * 4 * COPIED / min(seconds_of(copies)) / 1e9


def seconds_of(work: Callable[[], Any]) -> list[float]:
    """Return the seconds that some work takes, each of `REPEATS` times."""
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return seconds
