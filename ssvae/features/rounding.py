"""Weights rounded to numbers of 16 bits, so that files that hold them are smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

# Largest error of rounding: its root mean square, as a fraction of that of the weights.
# Half of the last of 11 binary digits is less; more is lost of numbers below 6e-5.
MAX_ERROR = 2.0**-11


def rounded(values: np.ndarray) -> np.ndarray:
    """Return weights rounded to numbers that float16 holds exactly, in their own dtype.

    Vectors, which need little room, are returned as they are, and so are weights that
    rounding would change by more than `MAX_ERROR`.

    Args:
        values: Array of any shape.
    """
    if values.dtype != np.float32 or values.ndim < 2:
        return values
    with np.errstate(over="ignore"):
        half = values.astype(np.float16).astype(np.float32)
    error = np.sqrt(np.mean((half - values) ** 2))
    # Written so that an error that is infinite or no number keeps the weights.
    return half if error <= MAX_ERROR * np.sqrt(np.mean(values**2)) else values


def round_weights(network: keras.Model) -> None:
    """Round the weights of a network that is not going to learn; see `rounded`."""
    for variable in network.weights:
        variable.assign(rounded(np.array(variable.numpy())))
