"""Settings that suit a data set, for those that nobody stated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ssvae.config.settings import Config

if TYPE_CHECKING:
    from ssvae.data import Dataset

RECIPE = "suggested"
# Training steps: with fewer the networks stay half learned, however small the data set.
MIN_STEPS = 1_500
# Images: in a graph of fewer, labels reach every image in FEW_STEPS diffusion steps.
SMALL_GRAPH, FEW_STEPS = 5_000, 20
# Height times width times channels: larger images need convolutions.
MAX_DENSE = 1_024


def suggest(dataset: Dataset, config: Config) -> dict[str, Any]:
    """Return settings that suit a data set better than the defaults.

    Args:
        dataset: `Dataset`.
        config: `Config`; only its batch sizes are read.

    Returns:
        A dict of settings for `Config.replace`. For a data set like MNIST it holds
        only the recipe's name.
    """
    default = Config()
    suited: dict[str, Any] = {"recipe": RECIPE}
    height, width, channels = dataset.image_shape
    batch = config.unlabeled_batch_size or config.labeled_batch_size
    steps_per_epoch = max(1, math.ceil(len(dataset.images) / batch))
    epochs = math.ceil(MIN_STEPS / steps_per_epoch)
    if epochs > default.epochs:
        suited["epochs"] = epochs
    if len(dataset.images) < SMALL_GRAPH:
        suited["border_steps"] = FEW_STEPS
    if channels == 3:
        suited |= {"likelihood": "logistic", "augment": "objects"}
    if height * width * channels > MAX_DENSE:
        suited |= {"vae_body": "conv", "latent_dim": 2 * default.latent_dim}
    return suited


def as_lines(config: Config) -> list[str]:
    """Return the settings that differ from the defaults, each as a line of TOML.

    Settings at what `augment` chooses are left out too.
    """
    usual = Config(augment=config.augment).to_toml().splitlines()
    lines = config.to_toml().splitlines()
    stated = [line for line in lines if line not in usual]
    if config.augment != Config().augment:
        stated += [line for line in lines if line.startswith("augment = ")]
    return stated
