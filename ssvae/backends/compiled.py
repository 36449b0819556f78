"""One program of many small operations, where the Keras backend can make one."""

import keras


def fused(function):
    """Return a function of tensors as one program of XLA; on PyTorch, as it is."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function
