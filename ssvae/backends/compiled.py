"""Many small operations compiled into one program, if the Keras backend can."""

from collections.abc import Callable

import keras

from ssvae.types import Tensor


def fused(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function of tensors compiled by XLA; on PyTorch, return it unchanged."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function
