"""The training step of the Keras backend in use.

`Trainer` is a `keras.Model` whose custom `train_step` and `test_step` run over the
model's `loss_terms`; `as_input` makes what `fit` reads best from endless batches;
`device_name` says where the work is done. Each backend's file holds the three.
"""

import keras

if keras.backend.backend() == "tensorflow":
    from ssvae.backends.tensorflow import Trainer, as_input, device_name
elif keras.backend.backend() == "jax":
    from ssvae.backends.jax import Trainer, as_input, device_name
elif keras.backend.backend() == "torch":
    from ssvae.backends.torch import Trainer, as_input, device_name
else:
    raise ImportError(
        f"Keras runs on {keras.backend.backend()!r}; ssvae needs KERAS_BACKEND to be "
        "tensorflow, jax or torch"
    )

__all__ = ["Trainer", "as_input", "device_name"]
