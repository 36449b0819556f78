"""Settings that suit a data set, for those that nobody stated."""

import math
from collections.abc import Sequence
from typing import Any

from ssvae.config.length import MOST_FEATURE_STEPS, bounds, training_seconds
from ssvae.config.presets import GRADIENTS, PIXELS
from ssvae.config.settings import Config

RECIPE = "suggested"
# Training steps: with fewer the networks stay half learned, however small the data set.
MIN_STEPS = 1_500
# Height times width times channels: larger images need convolutions.
MAX_DENSE = 1_024
# Longer side of grey images that may be writing or drawings, pixels. Larger images, and
# those in color, are taken for photographs.
MAX_DRAWING = 40
# The graph of few images of writing or drawings: of symbols in 4,000 images it guesses
# one in twenty wrong, without the pretrained network one in seventeen. The network sees
# them at 96 pixels, because at 224 it takes four times as long.
DRAWING_GRAPH: dict[str, Any] = {
    "graph_features": f"{GRADIENTS} backbone",
    "backbone_size": 96,
}
# Images of which gradients alone make a graph without gaps, as MNIST's do.
MANY_DRAWINGS = 20_000
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
# What features describe, in words.
IN_WORDS = {
    "backbone": "a pretrained network",
    "gradients": "outlines",
    "color": "colors",
    "texture": "textures",
}


def suggest(
    num_images: int,
    image_shape: tuple[int, int, int],
    stated: dict[str, Any],
    num_labeled: int = 0,
    class_counts: Sequence[int] = (),
) -> dict[str, Any]:
    """Return settings that suit a data set better than the defaults.

    Args:
        num_images: Images in its training part.
        image_shape: Height, width and channels of the images.
        stated: Settings that a person stated: `features` decides how the others are
            chosen.
        num_labeled: Labeled images in its training part.
        class_counts: The same of each class; empty if nobody knows.

    Returns:
        A dict of settings for `Config.replace`. For a data set like MNIST it holds
        only the recipe's name.
    """
    has_features = stated.get("classifier_body") != "none"
    has_features &= are_photographs(image_shape) and not stated.get("m1_epochs")
    usual = PHOTO_FEATURES[image_shape[2]] if has_features else PIXELS
    features = stated.get("features", usual)
    if features != PIXELS:
        labels = stated.get("labels", "auto")
        if labels == "auto" and num_labeled == num_images:
            # Few labels of each class are drawn then.
            num_labeled = 0
        elif isinstance(labels, int):
            num_labeled = min(labels, num_labeled)
        return {"recipe": RECIPE} | _by_features(
            features, num_images, image_shape, num_labeled
        )
    suited = {"recipe": RECIPE} | _by_pixels(num_images, image_shape, stated)
    return suited | bounds(
        Config(**suited | stated),
        image_shape,
        num_images,
        class_counts,
        "epochs" not in stated,
    )


def are_photographs(image_shape: tuple[int, int, int]) -> bool:
    """Return whether images are taken for photographs, not for writing or drawings."""
    return image_shape[2] == 3 or max(image_shape[:2]) > MAX_DRAWING


def _by_features(features, num_images, image_shape, num_labeled):
    """Return what suits a classifier of features."""
    unlabeled = FEATURE_SETTINGS["unlabeled_batch_size"]
    labeled = FEATURE_SETTINGS["labeled_batch_size"]
    # The decoder learns from every image alike. With many labels in small batches an
    # epoch would have many more steps, and training would take hours.
    share = num_labeled / max(1, num_images)
    labeled = max(labeled, math.ceil(share * (labeled + unlabeled)))
    steps = max(
        math.ceil((num_images - num_labeled) / unlabeled),
        math.ceil(num_labeled / labeled),
    )
    suited = {
        "features": features,
        **FEATURE_SETTINGS,
        "labeled_batch_size": labeled,
        "epochs": max(1, round(FEATURE_STEPS / max(1, steps))),
        # Rare classes are repeated until each is as frequent as the largest: the epoch
        # ends before that takes hours.
        "epoch_steps": min(max(1, steps), MOST_FEATURE_STEPS),
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
    few = num_images < MANY_DRAWINGS
    if image_shape[2] == 1 and few and _spreads_labels(stated):
        suited |= DRAWING_GRAPH
    if image_shape[2] == 3:
        suited |= {"likelihood": "logistic", "augment": "objects"}
    if math.prod(image_shape) > MAX_DENSE:
        suited |= {"vae_body": "conv", "latent_dim": 2 * default.latent_dim}
    return suited


def _spreads_labels(stated):
    """Return whether labels spread over a graph, by the settings that were stated."""
    plain = stated.get("classifier_body") == "none"
    return not plain and stated.get("propagation", "auto") != "none"


def in_words(
    config: Config, image_shape: tuple[int, int, int], num_images: int
) -> list[str]:
    """Return what is going to be trained, three lines for a person.

    Args:
        config: `Config`, suggested or stated.
        image_shape: Height, width and channels of the images.
        num_images: Images in the training part.
    """
    taken = "photographs" if are_photographs(image_shape) else "writing or drawings"
    graph = config.propagation != "none" and config.unlabeled_batch_size
    if config.features == PIXELS:
        by = "a network that learns from the images themselves"
        by += ", and labels spread to similar images" if graph else ""
    else:
        by = _listed([IN_WORDS[name] for name in config.features.split()])
    plain = config.classifier_body == "none"
    drawn = max(image_shape[:2])
    drawn = min(config.generated_size or drawn, drawn)
    return [
        f"The images are taken for {taken}. "
        + ("They have no classes." if plain else f"Classes are told apart by {by}."),
        f"New images{' of each class' * (not plain)} will be drawn, of up to {drawn} "
        "pixels a side.",
        f"Training takes {_counted(config.epochs, 'epoch')}"
        f"{_minutes(config, image_shape, num_images)}.{_short(config, num_images)}",
    ]


def _minutes(config, image_shape, num_images):
    """Return about how long training takes, in words; nothing if it is not known."""
    seconds = training_seconds(config, image_shape, num_images)
    if not seconds:
        return ""
    minutes = _counted(max(1, round(seconds / 60)), "minute")
    return f", about {minutes} on two idle cores"


def _short(config, num_images):
    """Return advice if training from pixels is too short for what it learns."""
    batch = config.unlabeled_batch_size or config.labeled_batch_size
    steps = math.ceil(num_images / batch)
    steps = config.epochs * min(steps, config.epoch_steps or steps)
    if config.features != PIXELS or steps >= MIN_STEPS / 2:
        return ""
    return (
        f" That is short, {_counted(steps, 'step')}: smaller images learn more in the "
        "time (--image-size 32), more --epochs take longer."
    )


def _counted(number, noun):
    """Return a number with its noun, in the plural unless it is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(words):
    """Return words joined by commas, and by "and" before the last."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
