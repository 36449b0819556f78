"""The training step of the Keras backend in use.

`Trainer` is a `keras.Model` whose custom `train_step` and `test_step` run over the
model's `loss_terms`; `Seeds` are those of its noise; `as_input` makes what `fit` reads
best from endless batches; `start_workers` begins to train on several devices;
`device_name` says where the work is done; `BatchNormalization` is the layer, `Adam` the
optimizer. Each backend's file holds the seven, but for TensorFlow's last two: they have
a file of their own.
"""

import keras

if keras.backend.backend() == "tensorflow":
    from ssvae.backends.tensorflow import (
        Seeds,
        Trainer,
        as_input,
        device_name,
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
    "start_workers",
]
