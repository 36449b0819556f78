"""Batches of a data set: they depend only on seed and step, so that runs can resume."""

import copy
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ssvae.data.balance import balanced
from ssvae.data.dataset import Dataset

# Names of the arrays of each kind of image, and of what is known of their classes.
ARRAYS_OF = {
    "labeled": {"labeled": "images", "labels": "labels", "labeled_logits": "logits"},
    "unlabeled": {
        "unlabeled": "images",
        "pseudo_labels": "pseudo_labels",
        "unlabeled_logits": "logits",
        "unlabeled_allowed": "allowed",
    },
}


class Batches:
    """The labeled and the unlabeled images of every training step.

    The images of each kind, labeled and unlabeled, are shown in passes without end,
    every pass in a new random order. This sequence is cut into batches of one size, so
    that no image is left out and every step has the same shapes. An epoch has as many
    steps as show every image at least once. If the unlabeled images are left out, it
    shows as many labeled images as the data set has images.

    Args:
        dataset: The data set, with only the labels that training may use.
        labeled_batch_size: Labeled images per step.
        unlabeled_batch_size: Unlabeled images per step; 0 to leave them out.
        seed: Seed of the orders.
        pseudo_labels: int array `(n,)`, the guessed class of each image, -1 for none;
            None if no class is guessed.
        shares: Float array `(num_classes,)` from `class_shares`, the frequency of each
            class among the labeled images shown; None to show every labeled image
            equally often.
        logits: float32 array `(n, num_classes)`, the logits of q(y|x) for each image if
            they do not change in training; None if the classifier computes them.
        epoch_steps: Most steps of an epoch: the next one goes on where it ends. 0 for
            as many as show every image.

    Attributes:
        dataset: The data set.
        steps_per_epoch: Steps per epoch.
        images_per_step: Images per step, labeled and unlabeled.
        first_step: Step that iteration begins with.
        part_rows: Slice of the rows of a batch that belong to this part; see `part`.
    """

    def __init__(
        self,
        dataset: Dataset,
        labeled_batch_size: int,
        unlabeled_batch_size: int,
        seed: int,
        pseudo_labels: np.ndarray | None = None,
        shares: np.ndarray | None = None,
        logits: np.ndarray | None = None,
        epoch_steps: int = 0,
    ) -> None:
        self.dataset = dataset
        self._classes: dict[str, Any] = {"labels": dataset.labels.astype(np.int32)}
        if logits is not None:
            self._classes["logits"] = logits.astype(np.float32)
        if dataset.coarse is not None:
            self._classes["allowed"] = dataset.allowed
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
        steps = max(math.ceil(count / size) for count, size in shown)
        self.steps_per_epoch = min(steps, epoch_steps or steps)
        self.images_per_step = sum(stream.size for stream in self._streams.values())
        self.first_step = 0
        self.part_rows = slice(None)

    def part(self, number: int, count: int) -> "Batches":
        """Return one part of the same batches, with equally many images of each kind.

        Args:
            number: Number of the part, from 0.
            count: Number of parts; the batch sizes must be multiples of it.
        """
        mine = copy.copy(self)
        mine.part_rows = slice(number, None, count)
        return mine

    def after(self, step: int) -> "Batches":
        """Return the same batches; iteration begins with this step."""
        later = copy.copy(self)
        later.first_step = step
        return later

    def __iter__(self) -> Iterator[tuple[dict[str, np.ndarray]]]:
        """Yield the batch of each step, without end, in the tuples that `fit` takes."""
        return ((self.batch(step),) for step in itertools.count(self.first_step))

    def batch(self, step: int) -> dict[str, np.ndarray]:
        """Return the batch of a step, counted from 0 over all epochs.

        Returns:
            A dict of arrays. Images, uint8 `(batch, height, width, channels)`:
            `labeled` and `unlabeled`, a kind without images is missing. Classes, int32
            `(batch,)`: `labels` of the labeled images, and `pseudo_labels` of the
            unlabeled ones if classes are guessed. Logits, float32 `(batch,
            num_classes)`, if they are given: `labeled_logits`, `unlabeled_logits`.
            Classes that labels of groups allow, bool `(batch, num_classes)`, if there
            are such labels: `unlabeled_allowed`.
        """
        return gather(self.arrays, self.indices(step), np.take)

    def indices(self, step: int) -> dict[str, np.ndarray]:
        """Return the indices of the images in the batch of a step.

        Returns:
            A dict of int32 arrays `(batch,)`, `labeled` and `unlabeled`; a kind
            without images is missing.
        """
        return {
            kind: stream.indices(step)[self.part_rows]
            for kind, stream in self._streams.items()
        }

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays that batches take rows of.

        They are `images`, `labels`, `pseudo_labels` if classes are guessed, `allowed`
        if labels name groups, and `logits` if they are given. Classes are int32 `(n,)`.
        """
        return {"images": self.dataset.images, **self._classes}


def gather(
    arrays: dict[str, Any], indices: dict[str, Any], take: Callable[..., Any]
) -> dict[str, Any]:
    """Return the batch of these indices.

    Args:
        arrays: The dict `Batches.arrays`, as arrays or as tensors.
        indices: A dict that `Batches.indices` returned, as arrays or as tensors.
        take: Function that returns rows of an array, such as `np.take`: it gets the
            array, the indices of the rows, and `axis=0`.

    Returns:
        A dict, see `Batches.batch`.
    """
    batch = {}
    for kind, rows in indices.items():
        for name, source in ARRAYS_OF[kind].items():
            if source in arrays:
                batch[name] = take(arrays[source], rows, axis=0)
    return batch


class _Stream:
    """Shuffled passes over a pool of indices, one after another without end."""

    def __init__(self, pool, size, seed):
        # Four bytes per index: there may be millions of images.
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
        """Return the pool in the order of one pass. The last order is kept."""
        if self._last[0] != number:
            rng = np.random.default_rng((*self.seed, number))
            self._last = number, rng.permutation(self.pool)
        return self._last[1]
