"""One draw of the field benchmark: learners of the same features, side by side."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ssvae.benchmark.field_sets import FieldSet, labels_per_class
from ssvae.benchmark.labels import labels_only, with_labels
from ssvae.data.balance import class_shares
from ssvae.evaluation.results import Result
from ssvae.features.principal import principal_directions
from ssvae.graph.construction import neighbor_graph
from ssvae.graph.poisson import poisson_values
from ssvae.hardware import on_all_cores
from ssvae.runs.shares import AUTO
from ssvae.training.left_out import believe
from ssvae.training.shares import shares_of_vectors
from ssvae.vae.feature_classifier import NUM_DIRECTIONS

POISSON = "poisson"


@dataclass(frozen=True)
class Split:
    """A data set split into its two parts by a seed, and what is known without labels.

    Attributes:
        field_set: `FieldSet`.
        seed: Seed of the split.
        vectors: float32 array `(n, d)`, projected features: training part, then test
            part. The directions are those of the training part.
        classes: int array `(n,)`; -1 for unlabeled.
        num_train: Images of the training part.
    """

    field_set: FieldSet
    seed: int
    vectors: np.ndarray
    classes: np.ndarray
    num_train: int

    @classmethod
    def of(
        cls,
        field_set: FieldSet,
        features: np.ndarray,
        seed: int,
        some: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> Split:
        """Split a data set.

        Args:
            field_set: `FieldSet`.
            features: Float array `(n, d)`, the features of all its images.
            seed: Seed of the split.
            some: Function of the classes of the training part, int array `(m,)`, that
                returns the indices of those to be kept; None to keep all.
        """
        train, test = field_set.parts(seed)
        if some is not None:
            train = train[some(field_set.labels[train])]
        size = min(NUM_DIRECTIONS, features.shape[1])
        directions = principal_directions(features[train], size, seed)
        rows = np.concatenate([train, test])
        vectors, classes = directions.project(features[rows]), field_set.labels[rows]
        return cls(field_set, seed, vectors, classes, len(train))

    @functools.cached_property
    def graph(self) -> sparse.csr_matrix:
        """The graph of neighbors of both parts, sparse matrix `(n, n)`."""
        return neighbor_graph(self.vectors)

    @property
    def train(self) -> tuple[np.ndarray, np.ndarray]:
        """The vectors and the classes of the training part."""
        return self.vectors[: self.num_train], self.classes[: self.num_train]

    @property
    def test(self) -> tuple[np.ndarray, np.ndarray]:
        """The vectors and the classes of the test part."""
        return self.vectors[self.num_train :], self.classes[self.num_train :]


def measure_draw(split: Split, each: int) -> Result:
    """Return the test errors of all learners for one draw of labels.

    Args:
        split: `Split`; its seed is that of the draw too.
        each: Labels per class.

    Returns:
        A dict: what was drawn; `error` of the learner that is believed; `errors` of
        all, by name; what is `believed`, its `temperature` and `left_out_accuracy`,
        None with one label per class, as are `estimated_accuracy` and
        `estimated_accuracy_interval`; `fits_seconds` of choosing it.
    """
    # Made before, on all cores at once.
    split.graph  # noqa: B018
    # One core per matrix product: more would wait for each other.
    (result,) = on_all_cores(lambda draw: _measured(split, draw), [each])
    return result


def _measured(split, each):
    """Return what `measure_draw` does."""
    num_classes, count = len(split.field_set.class_names), split.num_train
    (vectors, known), (test_vectors, test_classes) = split.train, split.test
    labeled, classes = labels_per_class(known, each, num_classes, split.seed)
    labels = with_labels(count, labeled, classes)

    began = time.perf_counter()
    shares = _shares(split.field_set, vectors, labels, split.seed)
    belief = believe(vectors, labels, shares, split.seed)
    seconds = time.perf_counter() - began
    learned = belief.learned.items()
    guesses = {name: f(test_vectors).argmax(axis=1) for name, f in learned}
    values = poisson_values(split.graph, labeled, classes, num_classes)
    guesses[POISSON] = values[count:].argmax(axis=1)

    estimate = belief.estimate
    errors = {name: _error(guess, test_classes) for name, guess in guesses.items()}
    right = None
    if belief.left_out is not None:
        right = 1 - _error(belief.left_out.argmax(axis=1), classes)
    return {
        "labels_per_class": each,
        "num_labels": len(labeled),
        "seed": split.seed,
        "num_train": count,
        "num_test": len(test_classes),
        "num_classes": num_classes,
        "error": _error(belief.linear(test_vectors).argmax(axis=1), test_classes),
        "errors": errors,
        "believed": belief.name,
        "temperature": float(belief.temperature),
        "left_out_accuracy": right,
        "estimated_accuracy": estimate and estimate.accuracy,
        "estimated_accuracy_interval": estimate and [estimate.low, estimate.high],
        "fits_seconds": seconds,
    }


def _shares(field_set, vectors, labels, seed):
    """Return the share that training expects of each class."""
    dataset = labels_only(labels, field_set.class_names, field_set.path.name)
    prior = field_set.config.class_prior
    given = class_shares(dataset, prior)
    if prior != AUTO:
        return given
    return shares_of_vectors(vectors, labels, given, seed).values


def _error(guesses, classes):
    """Return the fraction of guesses that are wrong."""
    return float(np.mean(guesses != classes))
