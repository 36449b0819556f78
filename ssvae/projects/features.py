"""What the images of a project are compared by: one vector per image, kept on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import Dataset
from ssvae.data.damage import DAMAGE
from ssvae.features.principal import Directions
from ssvae.files.atomic import replaced
from ssvae.training.compared import compared, comparing
from ssvae.types import Say

if TYPE_CHECKING:
    from ssvae.features.extractor import Progress

# File in a project's folder that keeps the vectors, and how they are made.
VECTORS_FILE = "vectors.npz"
# Images, as a multiple of those that the directions were fitted to, from which they
# are fitted anew: a few images know few directions.
GROWTH = 2
# Number of the method that makes vectors. Raise it when the same images get others.
FORMAT = 1


def project_vectors(
    folder: Path,
    dataset: Dataset,
    config: Config,
    say: Say | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Return the vectors by which the images of a project are compared.

    They are the main directions of the features that training would choose, so that a
    guess here and a trained model see the same. They are made once. Only images that
    were added or changed since then are computed again.

    Args:
        folder: The project's folder, which keeps them.
        dataset: Its `Dataset`.
        config: Its `Config`; `features`, the settings of the backbone and `seed` are
            read.
        say: Function that prints a line about work that takes long.
        progress: Function that is told how many images are done, and of how many.

    Returns:
        float32 array `(n, d)`, d at most `NUM_DIRECTIONS`; the first components matter
        most.
    """
    config = comparing(config, dataset)
    settings = repr((FORMAT, config.features, config.backbone, config.backbone_size))
    prints = _prints(dataset)
    kept = _kept(folder / VECTORS_FILE, settings)
    if kept is None or len(prints) > GROWTH * kept.count:
        vectors, directions = compared(dataset, config, None, say, progress)
        count = len(prints)
    else:
        before, directions, count = kept.vectors, kept.directions, kept.count
        places = {name: row for row, name in enumerate(kept.prints)}
        rows = np.array([places.get(name, -1) for name in prints], np.int64)
        vectors, new = before[rows], np.flatnonzero(rows < 0)
        if not len(new) and len(rows) == len(before):
            return vectors
        if len(new):
            some = dataset.rows(new)
            vectors[new], _ = compared(some, config, directions, say, progress)
    with replaced(folder / VECTORS_FILE) as partial, partial.open("wb") as file:
        np.savez(
            file,
            settings=settings,
            prints=np.array(prints),
            vectors=vectors,
            kernel=directions.kernel,
            bias=directions.bias,
            count=count,
        )
    return vectors


def _prints(dataset):
    """Return a text per image that changes with its name and its pixels.

    Of the pixels the middle line is read: to read all takes seconds. Of the path the
    name counts: a project may be moved.
    """
    from hashlib import blake2b

    middle = dataset.image_shape[0] // 2
    names = [Path(name).name for name in dataset.files or [""] * len(dataset.images)]
    return [
        blake2b(
            name.encode(errors="replace")
            + np.ascontiguousarray(image[middle]).tobytes(),
            digest_size=16,
        ).hexdigest()
        for name, image in zip(names, dataset.images, strict=True)
    ]


@dataclass(frozen=True)
class _Kept:
    """What a file holds: see `project_vectors`; `count` images gave the directions."""

    prints: list[str]
    vectors: np.ndarray
    directions: Directions
    count: int


def _kept(path, settings):
    """Return what a file holds; None if there is none of these settings."""
    try:
        with path.open("rb") as file, np.load(file) as kept:
            if str(kept["settings"]) != settings:
                return None
            directions = Directions(kept["kernel"], kept["bias"])
            prints, count = kept["prints"].tolist(), int(kept["count"])
            return _Kept(prints, kept["vectors"], directions, count)
    except (*DAMAGE, KeyError):
        return None
