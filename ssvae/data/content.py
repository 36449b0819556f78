"""What the images of a data set are, kept beside a run, and how they differ later."""

from __future__ import annotations

import contextlib
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ssvae.data.dataset import Dataset
from ssvae.data.splitting import fingerprints
from ssvae.files.atomic import replaced
from ssvae.types import PathLike


@dataclass(frozen=True)
class Content:
    """The images of the training part, in order, without their pixels.

    Attributes:
        prints: uint64 array `(n,)`, what `fingerprints` returned.
        files: str array `(n,)`, their names below the path of the data set; empty if
            they are no files.
        test_files: str array, names of the images that `split_test` took away.
        image_shape: int array `(3,)`, height, width and channels.
    """

    prints: np.ndarray
    files: np.ndarray
    test_files: np.ndarray
    image_shape: np.ndarray

    @classmethod
    def of(cls, dataset: Dataset) -> Content:
        """Return the content of a data set."""
        return cls(
            fingerprints(dataset.images),
            np.array(names_below(dataset.name, dataset.files), str),
            np.array(names_below(dataset.name, dataset.test_files), str),
            np.array(dataset.image_shape),
        )

    def save(self, path: PathLike) -> None:
        """Write it into a file, whole or not at all."""
        with replaced(Path(path)) as partial:
            np.savez_compressed(partial, **vars(self))

    @classmethod
    def load(cls, path: PathLike) -> Content | None:
        """Return what `save` wrote; None if there is no such file, or it is damaged."""
        damage = OSError, ValueError, KeyError, zipfile.BadZipFile
        with contextlib.suppress(*damage), np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in cls.__annotations__})
        return None

    def difference(self, now: Content) -> str:
        """Say how the images differ now from these; empty if they do not.

        Args:
            now: The content of the same data set, read again.
        """
        if not np.array_equal(self.image_shape, now.image_shape):
            then, here = (
                "x".join(map(str, content.image_shape)) for content in (self, now)
            )
            return f"its images were of {then} and are of {here}"
        if np.array_equal(self.prints, now.prints):
            # Other names of the same images in the same order change nothing.
            return ""
        counts = (
            f"it had {self._count():,} images and has {now._count():,}"
            if self._count() != now._count()
            else f"it has {now._count():,} images as before, but not the same"
        )
        return f"{counts}{self._example(now)}"

    def _count(self):
        return len(self.prints) + len(self.test_files)

    def _names(self):
        return np.concatenate([self.files, self.test_files])

    def _example(self, now):
        """Name the first file that is new, missing or changed, or the first image."""
        if not len(self.files):
            length = min(len(self.prints), len(now.prints))
            unlike = np.flatnonzero(self.prints[:length] != now.prints[:length])
            return f"; the first other one is image {unlike[0]}" if len(unlike) else ""
        for what, one, other in (("new", now, self), ("missing", self, now)):
            names = np.setdiff1d(one._names(), other._names())
            if len(names):
                return f"; {what}: {_listed(names)}"
        prints = dict(zip(self.files.tolist(), self.prints.tolist(), strict=True))
        changed = [
            name
            for name, value in zip(now.files.tolist(), now.prints.tolist(), strict=True)
            if prints.get(name, value) != value
        ]
        return f"; changed: {_listed(changed)}" if changed else ""


def names_below(place: str, files: list[str] | None) -> list[str]:
    """Return the names of files below the path of their data set.

    They stay the same if the whole folder moves.

    Args:
        place: Name of the data set, which is a path.
        files: Paths of the files, below it or not; None for no files.
    """
    start = os.path.join(place, "")
    return [file.removeprefix(start) for file in files or ()]


def _listed(names):
    """Return the first of some names, and how many more there are."""
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"{str(names[0])!r}{more}"
