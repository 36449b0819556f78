"""How the images of a project lie to each other, known before anybody labels one."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from ssvae.data.damage import DAMAGE
from ssvae.files.atomic import replaced
from ssvae.graph.neighbors import nearest
from ssvae.hardware import on_all_cores

# File in a project's folder that keeps it.
ATLAS_FILE = "atlas.npz"
# Number of the method that makes an atlas. Raise it when the same vectors give another.
FORMAT = 1
# Neighbors of an image that are kept, at most.
NUM_NEIGHBORS = 20
# Groups that the images are parted into, at most, and images of a group on average.
NUM_GROUPS, GROUP_SIZE = 50, 20


@dataclass(frozen=True)
class Atlas:
    """Neighbors, groups and typical images.

    Attributes:
        vectors: float32 array `(n, d)`, what it was made from.
        neighbors: int32 array `(n, k)`, the nearest other images, nearest first.
        distances: float32 array `(n, k)`, the distances to them.
        groups: int32 array `(n,)`, the group that each image is in.
        typical: int32 array `(n,)`, all rows, the most typical first: of every group
            one before the second of any.
    """

    vectors: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    groups: np.ndarray
    typical: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray, folder: Path | None = None) -> Atlas:
        """Return the atlas of vectors, made now or kept before.

        Args:
            vectors: float32 array `(n, d)`; the first components matter most.
            folder: Folder of the project that keeps it; None to keep nothing.
        """
        data = np.ascontiguousarray(vectors).data
        digest = blake2b(data, digest_size=16).hexdigest()
        mark = f"{FORMAT} {vectors.shape} {digest}"
        path = folder and folder / ATLAS_FILE
        names = "neighbors", "distances", "groups", "typical"
        try:
            if path is not None:
                with np.load(path) as kept:
                    if str(kept["mark"]) == mark:
                        return cls(vectors, *(kept[name] for name in names))
        except (*DAMAGE, KeyError):
            pass
        made = cls._made(vectors)
        if path is not None:
            arrays = {name: getattr(made, name) for name in names}
            with replaced(path) as partial, partial.open("wb") as file:
                np.savez(file, mark=mark, **arrays)
        return made

    @classmethod
    def _made(cls, vectors):
        """Return the atlas of vectors."""
        count = len(vectors)
        neighbors = np.zeros((count, 0), np.int32)
        distances = np.zeros((count, 0), np.float32)
        if count > 1:
            distances, neighbors = nearest(vectors, min(NUM_NEIGHBORS, count - 1))
        groups = _groups(vectors)
        return cls(
            vectors,
            neighbors.astype(np.int32),
            distances,
            groups,
            _typical(groups, distances),
        )

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


def _groups(vectors):
    """Return the group of each image, int32 `(n,)`."""
    # Imported here, because it takes a second.
    from sklearn.cluster import MiniBatchKMeans

    count = min(NUM_GROUPS, max(1, len(vectors) // GROUP_SIZE))
    if count == 1:
        return np.zeros(len(vectors), np.int32)
    means = MiniBatchKMeans(count, batch_size=4096, n_init=3, random_state=0)
    # On one core: where other programs run, threads that wait take many times as long.
    (groups,) = on_all_cores(means.fit_predict, [vectors])
    return groups.astype(np.int32)


def _typical(groups, distances):
    """Return all rows; typical is what is near to its neighbors (TypiClust's idea)."""
    far = distances.mean(axis=1) if distances.shape[1] else np.zeros(len(groups))
    order = np.lexsort((far, groups))
    sizes = np.bincount(groups)
    rank = np.arange(len(groups)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    # Large groups first among the images of one rank.
    return order[np.lexsort((-sizes[groups[order]], rank))].astype(np.int32)
