"""Functions and models compiled, if the Keras backend can."""

import functools
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


@functools.lru_cache(maxsize=1)
def for_inference(model: keras.Model) -> Callable[[Tensor], Tensor]:
    """Return a function that calls a model quickly, without gradients.

    TensorFlow and JAX compile the model when the function first sees images of a shape,
    with the weights as inputs. The function of the last model is kept.

    Args:
        model: A built `keras.Model` of one input and one output.

    Returns:
        Function from a tensor or array `(n, ...)` to the model's output.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # Not XLA: on a CPU its convolutions are slower.
        return tf.function(
            lambda images: model(images, training=False),
            autograph=False,
            reduce_retracing=True,
        )
    if keras.backend.backend() == "jax":
        import jax

        stateless = jax.jit(lambda *values: model.stateless_call(*values)[0])

        def call(images):
            variables = model.trainable_variables, model.non_trainable_variables
            return stateless(*([v.value for v in part] for part in variables), images)

        return call
    import torch

    @torch.no_grad()
    def without_gradients(images):
        return model(images, training=False)

    return without_gradients
