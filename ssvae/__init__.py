"""Semi-supervised variational autoencoders in Keras.

Everything public is here and imported when first used.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "Config": "ssvae.config",
    "SSVAE": "ssvae.model",
    "load_dataset": "ssvae.data",
    "load_model": "ssvae.saving",
}

__all__ = ["SSVAE", "Config", "load_dataset", "load_model", "train"]


def __getattr__(name):
    if name == "train":
        # A module that can be called: it is both the command's and the function's.
        return importlib.import_module("ssvae.train")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'ssvae' has no attribute {name!r}")


def __dir__():
    return [*globals(), *__all__]
