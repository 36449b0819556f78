"""Batches of a data set: a function of seed and step alone, so that they can resume."""

import copy
import itertools
import math

import numpy as np

from ssvae.data.balance import balanced
from ssvae.data.dataset import Dataset

# The classes that go with each kind of image.
CLASSES_OF = {"labeled": "labels", "unlabeled": "pseudo_labels"}


class Batches:
    """Labeled and unlabeled images side by side, step by step.

    Each kind is an endless row of passes over its images, every pass in a new order,
    cut into batches of one size: no image is left out where a size does not divide,
    and every step has the same shapes. An epoch has as many steps as it takes to show
    every image at least once; if the unlabeled are left out, to show as many labeled
    ones as there are images.

    Args:
        dataset: The data set; its labels are the label budget.
        labeled_batch_size: Labeled images a step.
        unlabeled_batch_size: Unlabeled images a step; 0 to leave them out.
        seed: Seed of the orders.
        pseudo_labels: int array `(n,)`, the class that every image is taken for, -1 for
            none; or None.
        shares: Float array `(num_classes,)`, how often labeled images of each class
            are shown, from `class_shares`; None to show every labeled image as often.
    """

    def __init__(
        self,
        dataset,
        labeled_batch_size,
        unlabeled_batch_size,
        seed,
        pseudo_labels=None,
        shares=None,
    ):
        self.dataset: Dataset = dataset
        self._classes = {"labels": dataset.labels.astype(np.int32)}
        if pseudo_labels is not None:
            self._classes["pseudo_labels"] = pseudo_labels.astype(np.int32)
        labeled = dataset.labeled
        if shares is not None:
            labeled = balanced(labeled, dataset.labels[labeled], shares)
        self._streams = {}
        for number, (kind, pool, size) in enumerate(
            (
                ("labeled", labeled, labeled_batch_size),
                ("unlabeled", dataset.unlabeled, unlabeled_batch_size),
            )
        ):
            if len(pool) and size:
                self._streams[kind] = _Stream(pool, size, (seed, number))
        shown = [(len(s.pool), s.size) for s in self._streams.values()]
        if not unlabeled_batch_size:
            shown = [(len(dataset.images), labeled_batch_size)]
        self.steps_per_epoch = max(math.ceil(count / size) for count, size in shown)
        self.images_per_step = sum(stream.size for stream in self._streams.values())
        self.first_step = 0
        self.part_rows = slice(None)

    def part(self, number, count) -> "Batches":
        """Return the same batches, of each kind of image one part of so many.

        Args:
            number: Of the part, from 0.
            count: Parts; the batch sizes must be multiples of it.
        """
        mine = copy.copy(self)
        mine.part_rows = slice(number, None, count)
        return mine

    def after(self, step) -> "Batches":
        """Return the same batches, begun after so many steps."""
        later = copy.copy(self)
        later.first_step = step
        return later

    def __iter__(self):
        """Yield the batch of each step, without end, as the tuples `fit` takes."""
        return ((self.batch(step),) for step in itertools.count(self.first_step))

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """Return the batch of a step, counted from 0 over all epochs.

        Returns:
            A dict with, where there are such images, `labeled` and `unlabeled`: uint8
            `(batch, height, width, channels)`; `labels` of the one and, if there are
            any, `pseudo_labels` of the other: int32 `(batch,)`.
        """
        return gather(self.arrays, self.indices(step), np.take)

    def indices(self, step: int) -> dict[str, np.ndarray]:
        """Return which images the batch of a step consists of.

        Returns:
            A dict of int32 arrays `(batch,)`, `labeled` and `unlabeled`, where there
            are such images.
        """
        return {
            kind: stream.indices(step)[self.part_rows]
            for kind, stream in self._streams.items()
        }

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """What batches are gathered from: `images`, and classes, int32 `(n,)`."""
        return {"images": self.dataset.images, **self._classes}


def gather(arrays, indices, take) -> dict:
    """Return the batch of some indices.

    Args:
        arrays: Dict, see `Batches.arrays`.
        indices: Dict, see `Batches.indices`.
        take: Function of an array, indices of its rows, and the axis 0 that returns
            these rows.

    Returns:
        A dict, see `Batches.batch`.
    """
    batch = {}
    for kind, rows in indices.items():
        for name, source in ((kind, "images"), (CLASSES_OF[kind], CLASSES_OF[kind])):
            if source in arrays:
                batch[name] = take(arrays[source], rows, axis=0)
    return batch


class _Stream:
    """An endless row of shuffled passes over a pool of indices."""

    def __init__(self, pool, size, seed):
        # Four bytes an image, of which there may be many.
        self.pool = pool.astype(np.int32)
        self.size = size
        self.seed = seed
        self._last = None, None

    def indices(self, step):
        position, end = step * self.size, (step + 1) * self.size
        parts = []
        while position < end:
            number, offset = divmod(position, len(self.pool))
            part = self._order(number)[offset : offset + end - position]
            parts.append(part)
            position += len(part)
        return np.concatenate(parts)

    def _order(self, number):
        """Return the pool in the order of one pass; the last one asked for is kept."""
        if self._last[0] != number:
            rng = np.random.default_rng((*self.seed, number))
            self._last = number, rng.permutation(self.pool)
        return self._last[1]
