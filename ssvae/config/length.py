"""How long training takes, estimated before it begins, and kept within bounds."""

import math
from collections.abc import Sequence
from typing import Any

from ssvae.config.presets import GRADIENTS, PIXELS
from ssvae.config.settings import Config

# Minutes that training from pixels takes on two cores, at most: 60,000 digits take
# eight. Who wants more states the epochs.
MAX_MINUTES = 30
# Seconds of a step of 250 images on two cores: of images of any size, and per pixel of
# an image (benchmarks/scale.md). Convolutions of the VAE take a quarter more, and
# colors, which are warped, double the time.
STEP_IMAGES, STEP_SECONDS, PIXEL_SECONDS = 250, 0.035, 7e-5
CONV_FACTOR, COLOR_FACTOR = 1.25, 2.2
# Seconds of a step for a model of features, with the settings suggested for it.
FEATURE_STEP_SECONDS = 0.12
# Most steps of an epoch of such a model.
MOST_FEATURE_STEPS = int(60 * MAX_MINUTES / FEATURE_STEP_SECONDS)
# Longer side of the images that it draws then, pixels; larger ones take longer.
DRAWN_SIDE = 48
# Images per second whose features the default backbone computes; those that enter the
# graph of gradients; and those that enter that of the backbone at drawings' size.
FEATURES_PER_SECOND, GRAPH_PER_SECOND, DRAWINGS_PER_SECOND = 100, 1_000, 400
# Rare classes are repeated until they are as frequent as the largest. An epoch that
# gets more than this factor longer by that is cut.
REPEATED = 1.5
# Labels per class that are drawn if all images are labeled and nobody states a number.
DRAWN_PER_CLASS = 10


def bounds(
    config: Config,
    image_shape: tuple[int, int, int],
    num_images: int,
    class_counts: Sequence[int],
    may_shorten: bool,
) -> dict[str, Any]:
    """Return the settings that bound training from pixels; empty if it is short.

    Args:
        config: `Config` without bounds.
        image_shape: Height, width and channels of the images.
        num_images: Images in the training part.
        class_counts: Its labeled images of each class; empty if nobody knows.
        may_shorten: Whether nobody stated the number of epochs.
    """
    drawn = _drawn(class_counts, num_images, config.labels)
    labeled, unlabeled = config.labeled_batch_size, config.unlabeled_batch_size
    once = repeated = max(1, math.ceil(num_images / (unlabeled or labeled)))
    if unlabeled and drawn:
        rest = math.ceil((num_images - sum(drawn)) / unlabeled)
        once = max(1, rest, math.ceil(sum(drawn) / labeled))
        repeated = max(once, math.ceil(max(drawn) * len(drawn) / labeled))
    bounded, steps = {}, repeated
    if repeated > REPEATED * once:
        bounded["epoch_steps"] = steps = once
    images = labeled + unlabeled * (sum(drawn) < num_images)
    seconds = _step_seconds(config, image_shape, images)
    most = max(1, int(60 * MAX_MINUTES / seconds))
    if may_shorten and config.epochs * steps > most:
        bounded["epochs"] = max(1, most // steps)
        if steps > most:
            bounded["epoch_steps"] = most
    return bounded


def training_seconds(
    config: Config, image_shape: tuple[int, int, int], num_images: int
) -> float:
    """Return about how many seconds training takes on two idle cores.

    Args:
        config: `Config`.
        image_shape: Height, width and channels of the images.
        num_images: Images in the training part.

    Returns:
        Seconds; 0 if nobody knows.
    """
    default = Config()
    batch = config.unlabeled_batch_size or config.labeled_batch_size
    steps = max(1, math.ceil(num_images / batch))
    if isinstance(config.labels, int):
        steps = max(steps, math.ceil(config.labels / config.labeled_batch_size))
    steps = config.epochs * min(steps, config.epoch_steps or steps)
    if config.backbone != default.backbone or config.m1_epochs:
        return 0.0
    if config.features == PIXELS:
        graph = config.propagation != "none" and config.unlabeled_batch_size
        images = config.labeled_batch_size + config.unlabeled_batch_size
        seconds = steps * _step_seconds(config, image_shape, images)
        if graph:
            seconds += num_images / GRAPH_PER_SECOND
        if graph and config.graph_features != GRADIENTS:
            seconds += num_images / DRAWINGS_PER_SECOND
        return seconds
    side = max(image_shape[:2])
    drawn = min(config.generated_size or side, side)
    if config.backbone_size or config.vae_body != "conv" or drawn > DRAWN_SIDE:
        return 0.0
    seconds = steps * FEATURE_STEP_SECONDS
    if "backbone" in config.features.split():
        seconds += num_images / FEATURES_PER_SECOND
    return seconds


def _step_seconds(config, image_shape, images):
    """Return the seconds of a training step from the pixels of so many images."""
    height, width, channels = image_shape
    seconds = STEP_SECONDS + PIXEL_SECONDS * height * width
    if config.vae_body == "conv":
        seconds *= CONV_FACTOR
    if channels > 1:
        seconds *= COLOR_FACTOR
    return seconds * images / STEP_IMAGES


def _drawn(class_counts, num_images, labels):
    """Return how many labels of each class are used; see `draw_labels`."""
    counts = [count for count in class_counts if count]
    if labels == "auto":
        labels = "all"
        if sum(counts) == num_images:
            return [min(count, DRAWN_PER_CLASS) for count in counts]
    if labels == "all":
        return counts
    # Equally many of each class: as many as give the number wanted.
    level = 0
    while sum(min(count, level) for count in counts) < min(int(labels), sum(counts)):
        level += 1
    return [min(count, level) for count in counts]
