"""The latest graphs of images, kept on disk for who trains on the same images again.

A graph takes longer than all else before the first step, and reads no label: who labels
a few more images and trains again need not wait for the same one.
"""

import contextlib
import hashlib
import os
import zipfile
from pathlib import Path

import keras
import numpy as np
import scipy
from scipy import sparse

from ssvae.config.presets import PRESETS
from ssvae.errors import InputError
from ssvae.files.atomic import new_file

# How the files' names begin: whatever else lies in the folder is left alone.
_NAME = "ssvae-graph-"
# Graphs that are kept, some 12 MB each of 60,000 images.
MAX_KEPT = 5
# Number of the method that makes graphs. Raise it when the same images and settings
# give another graph, and run `python tests/graph/make_golden.py`.
FORMAT = 1
# Settings that a graph depends on.
SETTINGS = ("augment", *PRESETS["none"], "seed")


def folder() -> Path | None:
    """Return where graphs are kept: what `SSVAE_CACHE` names, or the user's cache.

    None, and none is kept, where the variable is empty or the user has no home.
    """
    chosen = os.environ.get("SSVAE_CACHE")
    if chosen is not None:
        return Path(chosen).expanduser() if chosen else None
    with contextlib.suppress(RuntimeError):
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "ssvae")


class KeptGraph:
    """The file that keeps the `image_graph` of some images.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`, of which `SETTINGS` are read.
    """

    def __init__(self, images, config):
        self.path = folder() and folder() / f"{_NAME}{_digest(images, config)}.npz"

    def load(self) -> sparse.csr_matrix | None:
        """Return the graph; None where none was kept, or what was is damaged."""
        if self.path is None:
            return None
        try:
            with self.path.open("rb") as file:
                kept = sparse.load_npz(file)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        with contextlib.suppress(OSError):
            self.path.touch()
        return kept

    def save(self, made):
        """Keep a graph, and of all the latest `MAX_KEPT`; nothing where no room is."""
        if self.path is None:
            return
        with contextlib.suppress(InputError, OSError):
            with new_file(self.path, (".npz",), overwrite=True) as partial:
                sparse.save_npz(partial, made, compressed=False)
            # Those that a killed run did not end are named alike, behind a dot.
            kept = self.path.parent.glob(f"*{_NAME}*.npz")
            kept = sorted(kept, key=lambda path: path.stat().st_mtime)
            for path in kept[:-MAX_KEPT]:
                path.unlink(missing_ok=True)


def _digest(images, config):
    """Return a name for all that a graph depends on."""
    settings = [getattr(config, name) for name in SETTINGS]
    versions = [library.__version__ for library in (keras, np, scipy)]
    what = (
        FORMAT,
        settings,
        versions,
        keras.backend.backend(),
        images.shape,
        images.dtype,
    )
    digest = hashlib.blake2b(repr(what).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(images))
    return digest.hexdigest()
