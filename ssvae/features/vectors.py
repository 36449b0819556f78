"""One vector per image; images that differ by a warp only have close vectors."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ssvae.config.settings import Config
from ssvae.data.images import as_floats
from ssvae.features.gradients import oriented_gradients
from ssvae.features.projection import Projection, fit_projection
from ssvae.hardware import on_all_cores

# Images that are warped at a time.
CHUNK = 500
# Pixels whose features are computed at a time: their arrays fit a processor's cache.
CACHED_PIXELS = 50_000
# Images that are warped in order to measure how much warps change the features.
NUM_WARPED = 15000


Prepare = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ImageVectors:
    """The vectors of some images, and how those of other images are made.

    Attributes:
        vectors: float32 array `(n, d)`; the first components matter most.
        prepare: Function that takes and returns float32 images in [0, 1].
        projection: `Projection` of the features, fitted to these images.
    """

    vectors: np.ndarray
    prepare: Prepare
    projection: Projection

    def of(self, images: np.ndarray) -> np.ndarray:
        """Return the vectors of other images, float32 `(m, d)`.

        Args:
            images: uint8 array `(m, height, width, channels)`.
        """
        return self.projection(_features(images, self.prepare))


def image_vectors(
    images: np.ndarray, config: Config, prepares: Sequence[Prepare]
) -> Iterator[ImageVectors]:
    """Yield the vectors of images, once for each way to prepare the images.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`; `augment`, the warps and `seed` are read.
        prepares: Functions that take and return float32 images in [0, 1].
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
        projection = fit_projection(features, moves)
        yield ImageVectors(projection(features), prepare, projection)


def _warped(images, config):
    """Return the warped images, float32; the warps depend on the seed alone."""
    # Imported here: a graph of vectors that somebody has needs no Keras.
    import keras
    from keras import ops

    from ssvae.augment import warp

    seed = keras.random.SeedGenerator(config.seed)
    parts = []
    for start in range(0, len(images), CHUNK):
        part = warp(as_floats(images[start : start + CHUNK]), config, seed)
        parts.append(ops.convert_to_numpy(part))
    return np.concatenate(parts)


def _features(images, prepare):
    """Return the features of prepared images, `CACHED_PIXELS` at a time."""
    count = max(1, CACHED_PIXELS // math.prod(images.shape[1:]))

    def features(start):
        return oriented_gradients(prepare(as_floats(images[start : start + count])))

    return np.concatenate(on_all_cores(features, range(0, len(images), count)))
