"""The data set: what every source returns."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ssvae.data.coarse import Coarse
from ssvae.data.copies import copy_groups
from ssvae.data.splitting import draw_test_rows, fingerprints, num_copies
from ssvae.data.store import take
from ssvae.data.tree.account import Account
from ssvae.errors import InputError
from ssvae.types import ArrayLike, Say

UNLABELED = -1


@dataclasses.dataclass(frozen=True)
class Reading:
    """How the image files of a data set were read.

    Attributes:
        sentences: What was understood of folders, names and tables.
        account: What became of every file. Files of the test part count as read until
            they are.
        settings: Settings of `Config` that held "auto", and what they stand for.
    """

    sentences: tuple[str, ...]
    account: Account
    settings: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Images, their known labels, and a test part that is read when it is needed.

    Attributes:
        name: The name or path that `load_dataset` was given.
        images: uint8 array `(n, height, width, channels)`, the training part.
        labels: int64 array `(n,)`: the class of each image, or -1 for unlabeled.
        class_names: One name per class, in the order of the labels.
        read_test: Function that reads the test part and returns its images, uint8
            `(m, height, width, channels)`, and labels, int64 `(m,)`, -1 for unlabeled;
            None if there is no test part. Before training the test part is only
            searched for images of the training part, and not read at all if the data
            set is known by name.
        held_out: int64 array, ascending indices of the unlabeled images that are not
            trained on.
        outside: int64 array, ascending indices of the images that belong to no class.
        coarse: `Coarse`, the unlabeled images of which a group of classes is known;
            None if there are none.
        files: List of one path per image if every image is a file; otherwise None.
        test_files: The same of the images that `split_test` made the test part.
        notes: What a person should know of how it was read, lines of text.
        reading: How its image files were read; None if its images are no files.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    read_test: Callable[[], tuple[np.ndarray, np.ndarray]] | None
    held_out: np.ndarray = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int64)
    )
    outside: np.ndarray = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int64)
    )
    coarse: Coarse | None = None
    files: list[str] | None = None
    test_files: list[str] | None = None
    notes: tuple[str, ...] = ()
    reading: Reading | None = None

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
        """Indices of the labeled images, int64, ascending."""
        return np.flatnonzero(self.labels != UNLABELED)

    @property
    def unlabeled(self) -> np.ndarray:
        """Indices of the unlabeled images to learn from, int64, ascending.

        Those that are held out, or belong to no class, are not among them.
        """
        unlabeled = np.flatnonzero(self.labels == UNLABELED)
        return np.setdiff1d(unlabeled, np.union1d(self.held_out, self.outside))

    @property
    def allowed(self) -> np.ndarray | None:
        """Which classes each image may be by the label of a group.

        It is a bool array `(n, num_classes)`, True where nothing of the kind is known;
        None if no image has such a label.
        """
        return None if self.coarse is None else self.coarse.mask(len(self.images))

    @property
    def class_counts(self) -> list[int]:
        """Number of labeled images of each class."""
        labels = self.labels[self.labeled]
        return np.bincount(labels, minlength=self.num_classes).tolist()

    def test_part(self) -> tuple[np.ndarray, np.ndarray]:
        """Return images and labels of the test part; see `read_test`.

        Raises:
            InputError: If there is no test part.
        """
        if self.read_test is None:
            raise InputError(
                f"data set {self.name!r} has no test part, so nothing can be measured: "
                "add one, or train with --test-fraction"
            )
        return self.read_test()

    @property
    def has_test_labels(self) -> bool:
        """Whether there is a test part in which an image has a label; it is read."""
        if self.read_test is None:
            return False
        return bool((self.read_test()[1] != UNLABELED).any())

    def labeled_test_part(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the labeled images of the test part, and their labels.

        Raises:
            InputError: If there is none.
        """
        images, labels = self.test_part()
        known = np.flatnonzero(labels != UNLABELED)
        if not len(known):
            raise InputError(
                f"no image of the test part of {self.name!r} has a label, so no answer "
                "can be checked: label some, or train with --test-fraction, which "
                "holds labeled images back"
            )
        if len(known) == len(labels):
            return images, labels
        return take(images, known), labels[known]

    def all_as_test(self, say: Say) -> "Dataset":
        """Return the data set with all its images as test part, if it has none.

        Args:
            say: Function that prints that it was done.
        """
        if self.read_test is not None:
            return self
        say(f"{self.name} has no test part: all its {len(self.images):,} images are it")
        part = self.images, self.labels
        return dataclasses.replace(self, read_test=lambda: part)

    def with_class_names(self, class_names: tuple[str, ...]) -> "Dataset":
        """Return the same images and labels, with classes numbered in another order.

        Args:
            class_names: Names of all classes; the data set may lack some.
        """
        if class_names == self.class_names:
            return self
        # The last one is for unlabeled images, whose label is -1.
        numbers = np.array(
            [*map(class_names.index, self.class_names), UNLABELED], np.int64
        )
        read_test, coarse = self.read_test, self.coarse

        def renumbered():
            images, labels = read_test()
            return images, numbers[labels]

        return dataclasses.replace(
            self,
            labels=numbers[self.labels],
            class_names=class_names,
            coarse=coarse and coarse.renumbered(numbers[:-1], len(class_names)),
            read_test=read_test and renumbered,
        )

    def with_labels(self, indices: ArrayLike, classes: ArrayLike) -> "Dataset":
        """Return the same images with only these labels of classes.

        What else is known of other images stays: their groups, and which are outside.

        Args:
            indices: int array `(k,)`, indices of the labeled images.
            classes: int array `(k,)`, their classes.
        """
        labels = np.full(len(self.images), UNLABELED)
        labels[indices] = classes
        return dataclasses.replace(
            self,
            labels=labels,
            outside=np.setdiff1d(self.outside, indices),
            coarse=self.coarse and self.coarse.but(np.asarray(indices)),
        )

    def without(self, class_name: str) -> "Dataset":
        """Return the data set without one class and its images, in both parts.

        Args:
            class_name: Name of the class; empty to leave out nothing.

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
        index, read_test = self.class_names.index(class_name), self.read_test

        def others(images, labels):
            kept = np.flatnonzero(labels != index)
            labels = labels[kept]
            return take(images, kept), labels - (labels > index)

        kept = self.rows(np.flatnonzero(self.labels != index))
        return dataclasses.replace(
            kept,
            coarse=kept.coarse and kept.coarse.without(index),
            labels=kept.labels - (kept.labels > index),
            class_names=tuple(name for name in self.class_names if name != class_name),
            read_test=read_test and (lambda: others(*read_test())),
        )

    def rows(self, kept: np.ndarray) -> "Dataset":
        """Return the same data set with only some images in its training part.

        Args:
            kept: int array `(k,)`, ascending indices of these images.
        """
        if len(kept) == len(self.images):
            return self
        return dataclasses.replace(
            self,
            images=take(self.images, kept),
            labels=self.labels[kept],
            held_out=np.flatnonzero(np.isin(kept, self.held_out)),
            outside=np.flatnonzero(np.isin(kept, self.outside)),
            coarse=self.coarse and self.coarse.within(kept),
            files=self.files and [self.files[row] for row in kept],
        )

    def split_test(
        self,
        fraction: float,
        seed: int,
        say: Say | None = None,
        near: bool = True,
    ) -> "Dataset":
        """Return the data set with some labeled images moved into a test part.

        Every class gives the same fraction of its labeled images, rounded. Exact and
        near copies of an image stay in one part, see `draw_test_rows`.

        Args:
            fraction: Fraction of the labeled images, 0 to 1.
            seed: Seed of the draw, int ≥ 0.
            say: Function that prints a line if there are copies.
            near: Whether near copies stay in one part, and not only exact ones.

        Raises:
            InputError: If the test part would be empty.
        """
        groups = (copy_groups if near else fingerprints)(self.images)
        test = draw_test_rows(self.labels, self.num_classes, fraction, seed, groups)
        copies = num_copies(self.labels, groups)
        if say and copies:
            kind = "copies of one another, or nearly" if near else "exact copies"
            say(
                f"{copies:,} images are {kind}: copies stay in one part, none is both "
                "trained on and tested by."
            )
        if not len(test):
            raise InputError(
                f"test_fraction: {fraction} of the {len(self.labeled)} labeled images "
                f"of {self.name!r} round to none in every class"
                f"{', where copies of an image stay together' if copies else ''}: "
                "label more images, or leave test_fraction out"
            )
        part = take(self.images, test), self.labels[test]
        kept = self.rows(np.setdiff1d(np.arange(len(self.images)), test))
        files = self.files and [self.files[row] for row in test]
        return dataclasses.replace(kept, read_test=lambda: part, test_files=files)

    def hold_out(self, fraction: float, seed: int) -> "Dataset":
        """Return the same data set with some unlabeled images not trained on.

        Images of which a group of classes is known are not among them: they teach.

        Args:
            fraction: Fraction of the unlabeled images, 0 to 1.
            seed: Seed of the draw, int ≥ 0.
        """
        told = self.outside if self.coarse is None else self.coarse.rows
        told = np.union1d(told, self.outside)
        unlabeled = np.setdiff1d(np.flatnonzero(self.labels == UNLABELED), told)
        order = np.random.default_rng((seed, 2)).permutation(unlabeled)
        held_out = np.sort(order[: round(fraction * len(unlabeled))])
        return dataclasses.replace(self, held_out=held_out)
