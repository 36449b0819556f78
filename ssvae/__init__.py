"""Semi-supervised variational autoencoders in Keras.

All public names are here. Each is imported when it is first used, so that
`import ssvae` does not start Keras.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssvae.cli.process import prepare_process
    from ssvae.config.settings import Config
    from ssvae.data import load_dataset
    from ssvae.data.suited import suited_config
    from ssvae.estimator.classifier import SSVAEClassifier
    from ssvae.model import SSVAE
    from ssvae.saving.keras_file import load_model
    from ssvae.training.run import train

__version__ = "0.2.0"

# The module of each public name.
_HOMES = {
    "Config": "ssvae.config.settings",
    "SSVAE": "ssvae.model",
    "SSVAEClassifier": "ssvae.estimator.classifier",
    "load_dataset": "ssvae.data",
    "load_model": "ssvae.saving.keras_file",
    "prepare_process": "ssvae.cli.process",
    "suited_config": "ssvae.data.suited",
    "train": "ssvae.training.run",
}

__all__ = [
    "SSVAE",
    "Config",
    "SSVAEClassifier",
    "load_dataset",
    "load_model",
    "prepare_process",
    "suited_config",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'ssvae' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
