"""How the images of a project lie to each other, known before anybody labels one."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from ssvae.data.copies import copy_groups
from ssvae.data.damage import DAMAGE
from ssvae.files.atomic import replaced
from ssvae.graph.neighbors import nearest
from ssvae.graph.typical import typical_images

# File in a project's folder that keeps it.
ATLAS_FILE = "atlas.npz"
# Number of the method that makes an atlas. Raise it when the same vectors give another.
FORMAT = 3
# Nearest images whose mean distance tells how near an image's neighbors are, at most.
NUM_NEIGHBORS = 10
# Typical images that are chosen for what those before them leave out. The others follow
# by how near their neighbors are.
NUM_CHOSEN = 200


@dataclass(frozen=True)
class Atlas:
    """Typical images and copies.

    Attributes:
        vectors: float32 array `(n, d)`, what it was made from.
        typical: int32 array `(n,)`, all rows: of every group of similar images one
            before the second of any, large groups first.
        copies: int32 array `(n,)`, one number per image, the same for copies of one.
    """

    vectors: np.ndarray
    typical: np.ndarray
    copies: np.ndarray

    @classmethod
    def of(
        cls,
        vectors: np.ndarray,
        folder: Path | None = None,
        images: np.ndarray | None = None,
    ) -> Atlas:
        """Return the atlas of vectors, made now or kept before.

        Args:
            vectors: float32 array `(n, d)`; the first components matter most.
            folder: Folder of the project that keeps it; None to keep nothing.
            images: uint8 array `(n, height, width, channels)`, in which copies are
                looked for; None if there are none.
        """
        data = np.ascontiguousarray(vectors).data
        digest = blake2b(data, digest_size=16).hexdigest()
        mark = f"{FORMAT} {vectors.shape} {digest}"
        path = folder and folder / ATLAS_FILE
        names = "typical", "copies"
        try:
            if path is not None:
                with path.open("rb") as file, np.load(file) as kept:
                    if str(kept["mark"]) == mark:
                        return cls(vectors, *(kept[name] for name in names))
        except (*DAMAGE, KeyError):
            pass
        made = cls._made(vectors, images)
        if path is not None:
            arrays = {name: getattr(made, name) for name in names}
            with replaced(path) as partial, partial.open("wb") as whole:
                np.savez(whole, mark=mark, **arrays)
        return made

    @classmethod
    def _made(cls, vectors, images):
        """Return the atlas of vectors."""
        count = len(vectors)
        rows = np.arange(count, dtype=np.int32)
        copies = rows if images is None else copy_groups(images).astype(np.int32)
        if count < 2:
            return cls(vectors, rows, copies)
        first = typical_images(vectors, rows[:0], rows, NUM_CHOSEN)
        distances, _ = nearest(vectors, min(NUM_NEIGHBORS, count - 1))
        near = np.argsort(distances.mean(axis=1), kind="stable")
        typical = np.concatenate([first, near[~np.isin(near, first)]])
        return cls(vectors, typical.astype(np.int32), copies)

    def alike(self, row: int, count: int) -> np.ndarray:
        """Return the images most like one, the most alike first, without itself.

        Args:
            row: Row of the image.
            count: Number of images; fewer if there are fewer.

        Returns:
            int64 array `(count,)`.
        """
        squares = np.sum((self.vectors - self.vectors[row]) ** 2, axis=1)
        squares[row] = np.inf
        count = min(count, len(squares) - 1)
        found = np.argpartition(squares, max(0, count - 1))[:count]
        return found[np.argsort(squares[found], kind="stable")]
