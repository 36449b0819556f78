"""One Keras model from images to features: a frozen network beside descriptors."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import layers, ops

from ssvae.augment import warp
from ssvae.backends.compiled import for_inference
from ssvae.config.presets import FEATURES
from ssvae.config.settings import Config
from ssvae.data.images import as_floats
from ssvae.data.store import room_for
from ssvae.errors import InputError
from ssvae.features.descriptors import SIDE, ColorHistogram, OrientedGradients
from ssvae.features.pooling import Pooled
from ssvae.features.resize import Resized
from ssvae.features.texture import Texture
from ssvae.types import Say

if TYPE_CHECKING:
    from ssvae.features.backbones import Backbone

# Layers of the descriptors, by the features' names.
DESCRIPTORS = {
    "gradients": OrientedGradients,
    "color": ColorHistogram,
    "texture": Texture,
}
# Images, and pixels of images, that pass through an extractor at a time. The maps of a
# network for 64 images of 224 pixels take about a gigabyte.
CHUNK = 64
CHUNK_PIXELS = CHUNK * 224 * 224

# Takes the number of images that are done, and that of all.
Progress = Callable[[int, int], None]


def build_extractor(
    names: Sequence[str], channels: int, backbone: "Backbone | None" = None
) -> keras.Model:
    """Return the model that computes features.

    Args:
        names: Some of `FEATURES`.
        channels: Channels of the images, 1 or 3.
        backbone: The frozen network, if `names` has it. It sees the whole image,
            resized to its side.

    Returns:
        A functional `keras.Model` from float images `(n, height, width, channels)` in
        [0, 1], of any size, to float32 features `(n, d)`. They consist of blocks of
        length one: one for each output of the backbone, and one for each descriptor.

    Raises:
        InputError: If a name is unknown, or there is none.
    """
    unknown = [name for name in names if name not in FEATURES]
    if unknown or not names:
        raise InputError(
            f"features {', '.join(map(repr, unknown)) or 'are empty'}: need some of "
            f"{', '.join(FEATURES)}"
        )
    images = keras.Input((None, None, channels), dtype="float32", name="images")
    blocks = []
    if "backbone" in names:
        if backbone is None:
            raise ValueError("features have 'backbone'; need the backbone too")
        blocks += _backbone_blocks(images, backbone)
    described = [name for name in DESCRIPTORS if name in names]
    if described:
        small = Resized(SIDE, name="small")(images)
        blocks += [DESCRIPTORS[name](name=name)(small) for name in described]
    if len(blocks) > 1:
        joined = layers.Concatenate(dtype="float32", name="features")(blocks)
    else:
        joined = blocks[0]
    return keras.Model(images, joined, name="extractor")


def _backbone_blocks(images, backbone):
    """Return the blocks of the outputs of a backbone."""
    x = Resized(backbone.side, name="resized")(images)
    if images.shape[-1] == 1:
        x = layers.Concatenate(dtype="float32", name="three_channels")([x, x, x])
    # Statistics of batch normalisation are frozen too.
    backbone.model.trainable = False
    maps = backbone.model(x, training=False)
    if not isinstance(maps, list | tuple):
        maps = [maps]
    return [Pooled(name=f"backbone_{i}")(part) for i, part in enumerate(maps)]


def columns(extractor: keras.Model) -> dict[str, slice]:
    """Return which columns of an extractor's features each name has."""
    found: dict[str, slice] = {}
    start = 0
    for layer in extractor.layers:
        name = layer.name.split("_")[0]
        if name in FEATURES and not isinstance(layer, keras.Model):
            stop = start + layer.output.shape[-1]
            found[name] = slice(found.get(name, slice(start, 0)).start, stop)
            start = stop
    return found


def extract(
    extractor: keras.Model,
    images: np.ndarray,
    say: Say | None = None,
    progress: Progress | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Return the features of images.

    Args:
        extractor: Model of `build_extractor`.
        images: uint8 array `(n, height, width, channels)`, or floats in [0, 1]. It may
            be mapped into memory: some images are read at a time.
        say: Function that prints a line after every tenth of the images.
        progress: Function that is told how many images are done, and of how many.
        dtype: dtype of the result, float32 or float16.

    Returns:
        Array `(n, d)`; a large one is in a file, see `room_for`.
    """
    compute = for_inference(extractor)
    features = room_for(len(images), (extractor.output_shape[-1],), dtype=dtype)
    for start, chunk in _chunks(images):
        stop = min(start + len(chunk), len(images))
        features[start:stop] = ops.convert_to_numpy(compute(chunk))[: stop - start]
        _report("Features", (start, stop, len(images)), say, progress)
    return features


def extract_views(
    extractor: keras.Model,
    images: np.ndarray,
    config: Config,
    views: int,
    say: Say | None = None,
    progress: Progress | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """Return the features of randomly warped views of images.

    Args:
        extractor: Model of `build_extractor`.
        images: See `extract`.
        config: `Config` with the warps, see `ssvae.augment.warp`, and `seed`, on which
            alone they depend.
        views: Number of views of each image.
        say: See `extract`.
        progress: See `extract`; it counts views.
        dtype: See `extract`.

    Returns:
        Array `(views, n, d)`.
    """
    compute, count = for_inference(extractor), len(images)
    seed = keras.random.SeedGenerator(config.seed)
    features = np.empty((views, count, extractor.output_shape[-1]), dtype)
    for view in range(views):
        for start, chunk in _chunks(images):
            stop = min(start + len(chunk), count)
            warped = compute(warp(ops.convert_to_tensor(chunk), config, seed))
            features[view, start:stop] = ops.convert_to_numpy(warped)[: stop - start]
            done = (view * count + start, view * count + stop, views * count)
            _report("Features of warped views", done, say, progress)
    return features


def _chunks(images: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the first row of each chunk, and its images as floats.

    All chunks have one length, a power of two, so that few programs are compiled; the
    last one ends with black images.
    """
    _, height, width, _ = images.shape
    rows = max(1, min(CHUNK, CHUNK_PIXELS // (height * width)))
    # All of the images, if they are fewer.
    rows = 1 << min(rows.bit_length() - 1, max(0, len(images) - 1).bit_length())
    for start in range(0, len(images), rows):
        chunk = as_floats(images[start : start + rows])
        missing = rows - len(chunk)
        yield start, np.pad(chunk, ((0, missing), (0, 0), (0, 0), (0, 0)))


def _report(what, counts, say, progress):
    """Tell that more images are done."""
    before, done, total = counts
    if progress:
        progress(done, total)
    if say and done * 10 // total > before * 10 // total:
        say(f"{what}: {done:,} of {total:,} images.")
