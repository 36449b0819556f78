"""Settings that suit a data set, where nobody stated them."""

import math

from ssvae.config.settings import Config

RECIPE = "suggested"
# Fewer steps leave the networks half learned, however small the data set.
MIN_STEPS = 1_500
# In a graph of fewer images labels reach everything within fewer steps of diffusion.
SMALL_GRAPH, FEW_STEPS = 5_000, 20
# What is larger than this, height times width times channels, is left to convolutions.
MAX_DENSE = 1_024


def suggest(dataset, config) -> dict:
    """Return settings that suit a data set better than the defaults.

    Args:
        dataset: `Dataset`.
        config: `Config`, of which the batch sizes are read.

    Returns:
        A dict of settings for `Config.replace`; empty for what is like MNIST.
    """
    default, chosen = Config(), {"recipe": RECIPE}
    height, width, channels = dataset.image_shape
    batch = config.unlabeled_batch_size or config.labeled_batch_size
    steps_per_epoch = max(1, math.ceil(len(dataset.images) / batch))
    epochs = math.ceil(MIN_STEPS / steps_per_epoch)
    if epochs > default.epochs:
        chosen["epochs"] = epochs
    if len(dataset.images) < SMALL_GRAPH:
        chosen["border_steps"] = FEW_STEPS
    if channels == 3:
        chosen |= {"likelihood": "logistic", "augment": "objects"}
    if height * width * channels > MAX_DENSE:
        chosen |= {"vae_body": "conv", "latent_dim": 2 * default.latent_dim}
    return chosen


def as_lines(config) -> list[str]:
    """Return the settings that are not at their defaults, each as a line of TOML.

    Those at what `augment` chooses are left out too.
    """
    usual = Config(augment=config.augment).to_toml().splitlines()
    lines = config.to_toml().splitlines()
    stated = [line for line in lines if line not in usual]
    if config.augment != Config().augment:
        stated += [line for line in lines if line.startswith("augment = ")]
    return stated
