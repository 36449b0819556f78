"""Semi-supervised variational autoencoders in Keras.

Everything public is here and imported when first used.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "Config": "ssvae.config.settings",
    "SSVAE": "ssvae.model",
    "load_dataset": "ssvae.data",
    "load_model": "ssvae.saving.keras_file",
    "prepare_process": "ssvae.cli.process",
    "train": "ssvae.training.run",
}

__all__ = [
    "SSVAE",
    "Config",
    "load_dataset",
    "load_model",
    "prepare_process",
    "train",
]


def __getattr__(name):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'ssvae' has no attribute {name!r}")


def __dir__():
    return [*globals(), *__all__]
