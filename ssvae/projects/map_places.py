"""Where the images of a project lie on a map: those that look alike lie together."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import numpy as np

from ssvae.data.damage import DAMAGE
from ssvae.evaluation.places import LANDMARKS, map_vectors
from ssvae.files.atomic import replaced

# File in a project's folder that keeps the places.
PLACES_FILE = "map.npz"


def places_of(vectors: np.ndarray, folder: Path | None = None) -> np.ndarray:
    """Return the places of images, float32 `(n, 2)`, made now or kept before.

    That takes some ten seconds, for any number of images.

    Args:
        vectors: float32 array `(n, d)`, what images are compared by; the first
            components matter most.
        folder: Folder of the project that keeps the places; None to keep nothing.
    """
    digest = blake2b(np.ascontiguousarray(vectors).data, digest_size=16).hexdigest()
    mark = f"{LANDMARKS} {vectors.shape} {digest}"
    path = folder and folder / PLACES_FILE
    try:
        if path is not None:
            with open(path, "rb") as file, np.load(file) as kept:
                if str(kept["mark"]) == mark:
                    return kept["places"]
    except (*DAMAGE, KeyError, EOFError):
        pass
    made = map_vectors(vectors)
    if path is not None:
        with replaced(path) as partial:
            np.savez(partial, mark=mark, places=made)
    return made
