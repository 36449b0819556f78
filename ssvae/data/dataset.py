"""What every source returns."""

import dataclasses
from collections.abc import Callable

import numpy as np

from ssvae.data.store import take
from ssvae.errors import InputError

UNLABELED = -1


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Images, the labels that are known, and a test part that waits to be read.

    Attributes:
        name: What `load_dataset` was asked for.
        images: uint8 array `(n, height, width, channels)`, the training part.
        labels: int64 array `(n,)`: the class of each image, or -1 for unlabeled.
        class_names: A name a class, in the order of the labels.
        read_test: Function that reads the test part and returns its images, uint8
            `(m, height, width, channels)`, and labels, int64 `(m,)`; None if there is
            no test part. Before training it is looked through for duplicates alone,
            and not at all where a data set is known by name.
        held_out: int64 array, ascending indices of unlabeled images that training
            leaves out.
        files: List of the path of each image, where each is a file; else None.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    read_test: Callable[[], tuple[np.ndarray, np.ndarray]] | None
    held_out: np.ndarray = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int64)
    )
    files: list[str] | None = None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image."""
        return self.images.shape[1:]

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def labeled(self) -> np.ndarray:
        """int64 indices of the labeled images, ascending."""
        return np.flatnonzero(self.labels != UNLABELED)

    @property
    def unlabeled(self) -> np.ndarray:
        """int64 indices of the unlabeled images not held out, ascending."""
        return np.setdiff1d(np.flatnonzero(self.labels == UNLABELED), self.held_out)

    def test_part(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what `read_test` returns.

        Raises:
            InputError: If there is no test part.
        """
        if self.read_test is None:
            raise InputError(
                f"data set {self.name!r} has no test part, so there is nothing to "
                "measure by: give it one, or train with --test-fraction"
            )
        return self.read_test()

    def with_labels(self, indices, classes) -> "Dataset":
        """Return the same images with these labels and no others.

        Args:
            indices: int array `(k,)`, images that are labeled.
            classes: int array `(k,)`, their classes.
        """
        labels = np.full(len(self.images), UNLABELED)
        labels[indices] = classes
        return dataclasses.replace(self, labels=labels)

    def without(self, class_name) -> "Dataset":
        """Return the data set without one class, its name, and its images.

        Of the test part they are left out too.

        Args:
            class_name: Name of the class; empty for the same data set.

        Raises:
            InputError: If there is no such class.
        """
        if not class_name:
            return self
        if class_name not in self.class_names:
            raise InputError(
                f"{self.name} has no class {class_name!r}: need one of "
                f"{', '.join(self.class_names)}"
            )
        index = self.class_names.index(class_name)

        def others(images, labels):
            kept = np.flatnonzero(labels != index)
            labels = labels[kept]
            return take(images, kept), labels - (labels > index)

        kept = self.rows(np.flatnonzero(self.labels != index))
        return dataclasses.replace(
            kept,
            labels=kept.labels - (kept.labels > index),
            class_names=tuple(name for name in self.class_names if name != class_name),
            read_test=self.read_test and (lambda: others(*self.read_test())),
        )

    def rows(self, kept) -> "Dataset":
        """Return the same data set with some of the images alone.

        Args:
            kept: int array `(k,)`, which, ascending.
        """
        if len(kept) == len(self.images):
            return self
        return dataclasses.replace(
            self,
            images=take(self.images, kept),
            labels=self.labels[kept],
            held_out=np.flatnonzero(np.isin(kept, self.held_out)),
            files=self.files and [self.files[row] for row in kept],
        )

    def split_test(self, fraction, seed) -> "Dataset":
        """Return the data set with some of its labeled images as test part instead.

        Of every class the same fraction, rounded.

        Args:
            fraction: Fraction of the labeled images, 0 to 1.
            seed: Seed of the draw, int ≥ 0.

        Raises:
            InputError: If that is no image.
        """
        rng = np.random.default_rng((seed, 6))
        rows = []
        for index in range(self.num_classes):
            members = rng.permutation(np.flatnonzero(self.labels == index))
            rows.append(members[: round(fraction * len(members))])
        test = np.sort(np.concatenate([np.zeros(0, np.int64), *rows]))
        if not len(test):
            raise InputError(
                f"test_fraction: {fraction} of the {len(self.labeled)} labeled images "
                f"of {self.name!r}, class by class, are none: label more images, or "
                "leave it out"
            )
        part = take(self.images, test), self.labels[test]
        kept = self.rows(np.setdiff1d(np.arange(len(self.images)), test))
        return dataclasses.replace(kept, read_test=lambda: part)

    def hold_out(self, fraction, seed) -> "Dataset":
        """Return the same data set with some of its unlabeled images held out.

        Args:
            fraction: Fraction of the unlabeled images, 0 to 1.
            seed: Seed of the draw, int ≥ 0.
        """
        unlabeled = np.flatnonzero(self.labels == UNLABELED)
        order = np.random.default_rng((seed, 2)).permutation(unlabeled)
        held_out = np.sort(order[: round(fraction * len(unlabeled))])
        return dataclasses.replace(self, held_out=held_out)
