"""The Keras backend in use.

Each backend's file holds the same names, each with what that backend needs:

- `Trainer`: a `keras.Model` with a `train_step` and a `test_step` over `loss_terms`.
- `Seeds`: seeds of the noise.
- `as_input`: turns endless batches into what `fit` reads fastest.
- `start_workers`: begins training on several devices.
- `device_name`: the device that computes.
- `is_out_of_memory`: whether an error means that memory is full.
- `BatchNormalization` and `Adam`: the layer and the optimizer; TensorFlow's are in
  `tensorflow_layers`.
"""

import keras

if keras.backend.backend() == "tensorflow":
    from ssvae.backends.tensorflow import (
        Seeds,
        Trainer,
        as_input,
        device_name,
        is_out_of_memory,
        start_workers,
    )
    from ssvae.backends.tensorflow_layers import Adam, BatchNormalization
elif keras.backend.backend() == "jax":
    from ssvae.backends.jax import (
        Adam,
        BatchNormalization,
        Seeds,
        Trainer,
        as_input,
        device_name,
        is_out_of_memory,
        start_workers,
    )
elif keras.backend.backend() == "torch":
    from ssvae.backends.torch import (
        Adam,
        BatchNormalization,
        Seeds,
        Trainer,
        as_input,
        device_name,
        is_out_of_memory,
        start_workers,
    )
else:
    raise ImportError(
        f"Keras runs on {keras.backend.backend()!r}; ssvae needs KERAS_BACKEND to be "
        "tensorflow, jax or torch"
    )

__all__ = [
    "Adam",
    "BatchNormalization",
    "Seeds",
    "Trainer",
    "as_input",
    "device_name",
    "is_out_of_memory",
    "start_workers",
]
