"""Features of images, kept on disk for the next run on the same images."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from ssvae.config.presets import PRESETS
from ssvae.config.settings import Config
from ssvae.data.damage import DAMAGE
from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.files.cache import folder, make_room

# dtype of features on the disk: half the size, and no label is guessed differently.
KEPT_DTYPE = "float16"
# Beginning of the files' names. Other files in the folder are not touched.
_NAME = "ssvae-features-"
# Size of all files together, bytes. Those of 5,000 photographs have some 60 MB.
MAX_BYTES = 2 * 2**30
# Number of the method that makes features. Raise it when the same images, network and
# names give other features.
FORMAT = 1
# Images whose bytes are read at once.
CHUNK = 1000


class KeptFeatures:
    """The file that keeps the features of some images.

    Args:
        images: uint8 array `(n, height, width, channels)`, perhaps mapped into memory.
        extractor: Model of `ssvae.features.extractor.build_extractor`. Its weights
            count, so that features of another network are not taken for those of this.
        settings: What the features depend on besides: the backbone's name, the dtype,
            for warped views `view_settings`. Numbers, texts and tuples of them.
    """

    def __init__(
        self, images: np.ndarray, extractor: keras.Model, settings: tuple = ()
    ):
        self.path = place = folder()
        if place:
            self.path = place / f"{_NAME}{_digest(images, extractor, settings)}.npy"
        # Shape of the features of each view.
        self.shape = (len(images), extractor.output_shape[-1])

    def or_made(self, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the features that were kept; else make and keep them.

        Args:
            make: Returns a float array `(n, d)`, or `(views, n, d)`.
        """
        features = self.load()
        if features is None:
            features = make()
            self.save(features)
        return features

    def load(self) -> np.ndarray | None:
        """Return the features; None if there are none or the file is damaged."""
        if self.path is None:
            return None
        try:
            # Read where they are needed: those of many images are large.
            kept = np.load(self.path, mmap_mode="r")
        except DAMAGE:
            return None
        if kept.shape[-2:] != self.shape or kept.dtype.kind != "f":
            return None
        with contextlib.suppress(OSError):
            self.path.touch()
        return kept

    def save(self, features: np.ndarray) -> None:
        """Keep features, and delete those not used for longest beyond `MAX_BYTES`.

        If they cannot be written, for example because the disk is full, or are larger
        than `MAX_BYTES`, nothing is kept.
        """
        if self.path is None or features.nbytes > MAX_BYTES:
            return
        with contextlib.suppress(InputError, OSError):
            with new_file(self.path, (".npy",), overwrite=True) as partial:
                np.save(partial, features)
            make_room(self.path.parent, f"*{_NAME}*.npy", MAX_BYTES)


def view_settings(config: Config, views: int) -> tuple:
    """Return what warped views of images depend on, for `KeptFeatures`.

    Args:
        config: `Config`.
        views: Number of views of each image.
    """
    warps = [name for name in PRESETS["none"] if name != "propagation"]
    return (views, *(getattr(config, name) for name in (*warps, "seed")))


def _digest(images, extractor, settings):
    """Return a hexadecimal name that differs for features that may differ."""
    backend = keras.backend.backend()
    network = [
        (type(layer).__name__, layer.compute_dtype, getattr(layer, "side", None))
        for layer in _layers(extractor)
    ]
    what = FORMAT, keras.__version__, backend, images.shape, images.dtype.str
    text = repr((what, extractor.output_shape, network, settings))
    digest = hashlib.blake2b(text.encode(), digest_size=16)
    for weight in extractor.weights:
        value = ops.convert_to_numpy(weight)
        digest.update(f"{value.shape} {value.dtype}".encode() + value.tobytes())
    for start in range(0, len(images), CHUNK):
        digest.update(np.ascontiguousarray(images[start : start + CHUNK]))
    return digest.hexdigest()


def _layers(model: keras.Model) -> Iterator[Any]:
    """Yield the layers of a model and of the models in it."""
    for layer in model.layers:
        yield layer
        # A frozen network is a layer that holds a model.
        inner = getattr(layer, "network", layer)
        if isinstance(inner, keras.Model):
            yield from _layers(inner)
