"""How large a described network would be, found without room for its weights."""

import copy
import math
import threading
from typing import Any

import keras

from ssvae.errors import InputError

# Weights of a network, at most, and values of one of its maps of one image: one
# gibibyte and a quarter of it as float32.
MAX_WEIGHTS, MAX_VALUES = 2**28, 2**26


def check_size(model: dict[str, Any], side: int) -> None:
    """Check that a network has no absurd number of weights, or size of maps.

    It is made once without values of its weights, in a thread of its own: Keras keeps
    what it still has to initialize, and the names that are taken, for each thread.

    Args:
        model: Keras's description of a model.
        side: Side of its images, pixels.

    Raises:
        InputError: If the network is too large.
        Exception: What Keras raises for a wrong description.
    """
    failed: list[Exception] = []

    def check():
        try:
            _check(model, side)
        # Raised again in the thread that asked.
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=check)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _check(model, side):
    """Make a network without values, and look at its sizes."""
    from keras.src.backend.common import global_state

    with keras.StatelessScope(initialize_variables=False):
        # Keras empties the description that it follows.
        made = keras.saving.deserialize_keras_object(copy.deepcopy(model))
    # Of every layer that was made, also where no output needs it.
    variables = global_state.get_global_attribute("uninitialized_variables") or []
    weights = sum(math.prod(variable.shape) for variable in variables)
    if weights > MAX_WEIGHTS:
        raise InputError(f"it has {weights:,} weights: need at most {MAX_WEIGHTS:,}")
    for shape in _shapes(made):
        values = math.prod(side if length is None else length for length in shape[1:])
        if values > MAX_VALUES:
            raise InputError(
                f"one of its maps is {shape}: need at most {MAX_VALUES:,} values"
            )


def _shapes(made):
    """Yield the shape of every output of every layer of a model, and of its parts."""
    waiting = [made]
    while waiting:
        part = waiting.pop()
        waiting += getattr(part, "layers", ())
        if inner := getattr(part, "network", None):
            waiting.append(inner)
        for operation in getattr(part, "operations", ()):
            for node in operation._inbound_nodes:
                yield from (tensor.shape for tensor in node.output_tensors)
