"""One vector per image, close for images that are alike in spite of warps."""

import math

import keras
import numpy as np
from keras import ops

from ssvae.augment import warp
from ssvae.data.images import as_floats
from ssvae.features.gradients import oriented_gradients
from ssvae.features.projection import project
from ssvae.hardware import on_all_cores

# Images warped at a time, and pixels whose features are computed at a time.
CHUNK, CACHED_PIXELS = 500, 50_000


# Images whose warped copies tell what warps do to the features.
NUM_WARPED = 15000


def image_vectors(images, config, prepares):
    """Yield the vectors whose neighbors are alike, `(n, d)`, for each preparation.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`, of which `augment`, the warps and `seed` are read.
        prepares: Functions of float32 images that return such images.
    """
    rng = np.random.default_rng(config.seed)
    sample = rng.permutation(len(images))[:NUM_WARPED]
    warps = config.augment != "none"
    warped = _warped(images[sample], config) if warps else None
    for prepare in prepares:
        features = _features(images, prepare)
        moves = features[:0]
        if warps:
            moves = _features(warped, prepare) - features[sample]
        yield project(features, moves)


def _warped(images, config):
    """Return images warped, float32; always by the same warps."""
    seed = keras.random.SeedGenerator(config.seed)
    parts = []
    for start in range(0, len(images), CHUNK):
        part = warp(as_floats(images[start : start + CHUNK]), config, seed)
        parts.append(ops.convert_to_numpy(part))
    return np.concatenate(parts)


def _features(images, prepare):
    """Return the features of prepared images, as many at a time as a cache holds."""
    count = max(1, CACHED_PIXELS // math.prod(images.shape[1:]))

    def features(start):
        return oriented_gradients(prepare(as_floats(images[start : start + count])))

    return np.concatenate(on_all_cores(features, range(0, len(images), count)))
