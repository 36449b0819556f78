"""The latest graphs of images, kept on disk for the next training on the same images.

A graph takes longer to make than everything else before the first step. It does not
depend on the labels, so a training with a few more labels can use the same graph.
"""

import contextlib
import hashlib

import keras
import numpy as np
import scipy
from scipy import sparse

from ssvae.config.presets import PRESETS
from ssvae.config.settings import Config
from ssvae.data.damage import DAMAGE
from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.files.cache import folder

# Beginning of the files' names. Other files in the folder are not touched.
_NAME = "ssvae-graph-"
# Number of graphs that are kept. One of 60,000 images takes some 12 MB.
MAX_KEPT = 5
# Number of the method that makes graphs. Raise it when the same images and settings
# give another graph, and run `python tests/graph/make_golden.py`.
FORMAT = 1
# Settings that a graph depends on.
SETTINGS = ("augment", *PRESETS["none"], "seed")


class KeptGraph:
    """The file that keeps the `image_graph` of some images.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`; `SETTINGS` are read.
    """

    def __init__(self, images: np.ndarray, config: Config):
        place = folder()
        self.path = place and place / f"{_NAME}{_digest(images, config)}.npz"

    def load(self) -> sparse.csr_matrix | None:
        """Return the graph; None if it was not kept or the file is damaged."""
        if self.path is None:
            return None
        try:
            with self.path.open("rb") as file:
                kept = sparse.load_npz(file)
        except DAMAGE:
            return None
        with contextlib.suppress(OSError):
            self.path.touch()
        return kept

    def save(self, made: sparse.csr_matrix) -> None:
        """Keep a graph, and delete all but the latest `MAX_KEPT`.

        If it cannot be written, for example because the disk is full, nothing is kept.
        """
        if self.path is None:
            return
        with contextlib.suppress(InputError, OSError):
            with new_file(self.path, (".npz",), overwrite=True) as partial:
                sparse.save_npz(partial, made, compressed=False)
            # The partial files of killed runs have such names too, after a dot.
            files = self.path.parent.glob(f"*{_NAME}*.npz")
            oldest_first = sorted(files, key=lambda path: path.stat().st_mtime)
            for path in oldest_first[:-MAX_KEPT]:
                path.unlink(missing_ok=True)


def _digest(images, config):
    """Return a hexadecimal name that differs for graphs that may differ."""
    settings = [getattr(config, name) for name in SETTINGS]
    versions = [library.__version__ for library in (keras, np, scipy)]
    backend = keras.backend.backend()
    what = FORMAT, settings, versions, backend, images.shape, images.dtype
    digest = hashlib.blake2b(repr(what).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(images))
    return digest.hexdigest()
