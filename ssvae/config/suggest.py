"""Settings that suit a data set, for those that nobody stated."""

import math
from typing import Any

from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config

RECIPE = "suggested"
# Training steps: with fewer the networks stay half learned, however small the data set.
MIN_STEPS = 1_500
# Images: in a graph of fewer, labels reach every image in FEW_STEPS diffusion steps.
SMALL_GRAPH, FEW_STEPS = 5_000, 20
# Height times width times channels: larger images need convolutions.
MAX_DENSE = 1_024
# Longer side of grey images that may be writing or drawings, pixels. Larger images, and
# those in color, are taken for photographs.
MAX_DRAWING = 40
# Features of photographs, by the number of channels.
PHOTO_FEATURES = {1: "backbone gradients", 3: "backbone gradients color"}
# Settings for a classifier of features. No training step changes it, so that one class
# is enough for the bound of each image, and nothing is warped.
FEATURE_SETTINGS: dict[str, Any] = {
    "likelihood": "logistic",
    "augment": "none",
    "vae_body": "conv",
    "latent_dim": 32,
    "top_classes": 1,
    "labeled_batch_size": 20,
    "unlabeled_batch_size": 100,
}
# Longer side of the images that are generated then, pixels, and training steps: what a
# processor of two cores learns in about two minutes.
GENERATED_SIZE, FEATURE_STEPS = 48, 1_000


def suggest(
    num_images: int, image_shape: tuple[int, int, int], stated: dict[str, Any]
) -> dict[str, Any]:
    """Return settings that suit a data set better than the defaults.

    Args:
        num_images: Images in its training part.
        image_shape: Height, width and channels of the images.
        stated: Settings that a person stated: `features` decides how the others are
            chosen.

    Returns:
        A dict of settings for `Config.replace`. For a data set like MNIST it holds
        only the recipe's name.
    """
    photographs = image_shape[2] == 3 or max(image_shape[:2]) > MAX_DRAWING
    usual = PHOTO_FEATURES[image_shape[2]] if photographs else PIXELS
    features = stated.get("features", usual)
    if features != PIXELS:
        return {"recipe": RECIPE} | _by_features(features, num_images, image_shape)
    return {"recipe": RECIPE} | _by_pixels(num_images, image_shape, stated)


def _by_features(features, num_images, image_shape):
    """Return what suits a classifier of features."""
    steps = math.ceil(num_images / int(FEATURE_SETTINGS["unlabeled_batch_size"]))
    suited = {
        "features": features,
        **FEATURE_SETTINGS,
        "epochs": max(1, round(FEATURE_STEPS / max(1, steps))),
    }
    if max(image_shape[:2]) > GENERATED_SIZE:
        suited["generated_size"] = GENERATED_SIZE
    return suited


def _by_pixels(num_images, image_shape, stated):
    """Return what suits a classifier that learns from the images themselves."""
    default, suited = Config(), {}
    batch = stated.get("unlabeled_batch_size", default.unlabeled_batch_size)
    batch = batch or stated.get("labeled_batch_size", default.labeled_batch_size)
    epochs = math.ceil(MIN_STEPS / max(1, math.ceil(num_images / batch)))
    if epochs > default.epochs:
        suited["epochs"] = epochs
    if num_images < SMALL_GRAPH:
        suited["border_steps"] = FEW_STEPS
    if image_shape[2] == 3:
        suited |= {"likelihood": "logistic", "augment": "objects"}
    if math.prod(image_shape) > MAX_DENSE:
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
