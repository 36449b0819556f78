"""What images are compared by before anything is learned: one vector per image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config
from ssvae.config.suggest import DRAWING_GRAPH, suggest
from ssvae.data import Dataset
from ssvae.features.principal import Directions, principal_directions
from ssvae.types import Say

if TYPE_CHECKING:
    from ssvae.features.extractor import Progress

# Features of writing and drawings. With 100 labels 2 of 100 digits are guessed wrong;
# by gradients alone, 3.
DRAWING_FEATURES = "backbone gradients"


def comparing(config: Config, dataset: Dataset) -> Config:
    """Return the config whose features tell the images of a data set apart.

    Features that the config states stay. For writing and drawings training learns from
    pixels. Then they are compared by what their graph is made of.
    """
    if config.features != PIXELS:
        return config
    count, shape = len(dataset.images), dataset.image_shape
    features = suggest(count, shape, {}).get("features", PIXELS)
    if features != PIXELS:
        return config.replace(features=features)
    return config.replace(
        features=DRAWING_FEATURES, backbone_size=DRAWING_GRAPH["backbone_size"]
    )


def compared(
    dataset: Dataset,
    config: Config,
    directions: Directions | None = None,
    say: Say | None = None,
    progress: Progress | None = None,
) -> tuple[np.ndarray, Directions]:
    """Return vectors of all images of a data set, and the directions they are in.

    Args:
        dataset: `Dataset`; its labels are not read.
        config: `Config` of `comparing`; `features`, the settings of the backbone and
            `seed` are read.
        directions: Main directions of the features; None to fit them to these images.
        say: Function that prints a line about work that takes long.
        progress: Function that is told how many images are done, and of how many.

    Returns:
        float32 array `(n, d)`, d at most `NUM_DIRECTIONS`, the first components matter
        most; and the directions.
    """
    # Imported here: Keras takes seconds to start.
    from ssvae.features.cache import KEPT_DTYPE, KeptFeatures
    from ssvae.features.extractor import extract
    from ssvae.vae.feature_classifier import (
        EXTRACTOR,
        NUM_DIRECTIONS,
        build_feature_classifier,
    )

    channels = dataset.image_shape[-1]
    made = build_feature_classifier(channels, 2, config, True)
    extractor = made.get_layer(EXTRACTOR)
    # Training looks for them in the same place.
    kept = KeptFeatures(dataset.images, extractor, (KEPT_DTYPE,))
    features = kept.or_made(
        lambda: extract(extractor, dataset.images, say, progress, KEPT_DTYPE)
    )
    if directions is None:
        size = min(NUM_DIRECTIONS, features.shape[1])
        directions = principal_directions(features, size, config.seed)
    return directions.project(features), directions
