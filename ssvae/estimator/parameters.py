"""Parameters of an estimator, checked when it is fitted, as settings."""

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np

from ssvae.config.settings import Config
from ssvae.errors import InputError

# Parameters that are settings of the same name.
SETTINGS = "features", "epochs", "class_prior", "trust_labels"
# Seeds are below this.
SEEDS = 2**31 - 1


def stated_settings(estimator: Any) -> dict[str, Any]:
    """Return the settings that an estimator's parameters state.

    Args:
        estimator: An `SSVAEClassifier`.

    Raises:
        InputError: If `config` or `random_state` is something else.
    """
    config = estimator.config
    if config is not None and not isinstance(config, Config):
        raise InputError(
            f"config: got a {type(config).__name__}, need an ssvae.Config, or None"
        )
    given = {name: getattr(estimator, name) for name in SETTINGS}
    stated = {name: value for name, value in given.items() if value is not None}
    prior = stated.get("class_prior", "")
    if isinstance(prior, Iterable) and not isinstance(prior, str):
        stated["class_prior"] = " ".join(str(float(share)) for share in prior)
    if estimator.random_state is not None or config is None:
        stated["seed"] = seed_of(estimator.random_state)
    return stated


def seed_of(random_state: int | np.random.RandomState | None) -> int:
    """Return the seed that a random state stands for, 0 or more.

    Args:
        random_state: int, a seed; `RandomState`, which gives one; None for one of
            NumPy's global generator.
    """
    from sklearn.utils import check_random_state

    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(SEEDS))
