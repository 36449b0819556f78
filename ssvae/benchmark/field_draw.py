"""One draw of the field benchmark: learners of the same features, side by side."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ssvae.benchmark.field_sets import FieldSet, labels_per_class
from ssvae.data import UNLABELED, Dataset
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
        graph: Sparse matrix `(n, n)`, the graph of neighbors of all of them.
    """

    field_set: FieldSet
    seed: int
    vectors: np.ndarray
    classes: np.ndarray
    num_train: int
    graph: sparse.csr_matrix

    @classmethod
    def of(cls, field_set: FieldSet, features: np.ndarray, seed: int) -> Split:
        """Split a data set; `features` are those of all its images, `(n, d)`."""
        train, test = field_set.parts(seed)
        size = min(NUM_DIRECTIONS, features.shape[1])
        directions = principal_directions(features[train], size, seed)
        rows = np.concatenate([train, test])
        vectors = directions.project(features[rows])
        graph, classes = neighbor_graph(vectors), field_set.labels[rows]
        return cls(field_set, seed, vectors, classes, len(train), graph)


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
    # One core per matrix product: more would wait for each other.
    (result,) = on_all_cores(lambda draw: _measured(split, draw), [each])
    return result


def _measured(split, each):
    """Return what `measure_draw` does."""
    num_classes, count = len(split.field_set.class_names), split.num_train
    known = split.classes[:count]
    labeled, classes = labels_per_class(known, each, num_classes, split.seed)
    labels = np.full(count, UNLABELED)
    labels[labeled] = classes
    vectors, test_vectors = np.split(split.vectors, [count])

    began = time.perf_counter()
    shares = _shares(split.field_set, vectors, labels, split.seed)
    belief = believe(vectors, labels, shares, split.seed)
    seconds = time.perf_counter() - began
    learned = belief.learned.items()
    guesses = {name: f(test_vectors).argmax(axis=1) for name, f in learned}
    values = poisson_values(split.graph, labeled, classes, num_classes)
    guesses[POISSON] = values[count:].argmax(axis=1)

    test_classes, estimate = split.classes[count:], belief.estimate
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
    dataset = Dataset(
        name=field_set.path.name,
        images=np.zeros((len(labels), 0), np.uint8),
        labels=labels,
        class_names=field_set.class_names,
        read_test=None,
    )
    prior = field_set.config.class_prior
    given = class_shares(dataset, prior)
    if prior != AUTO:
        return given
    return shares_of_vectors(vectors, labels, given, seed).values


def _error(guesses, classes):
    """Return the fraction of guesses that are wrong."""
    return float(np.mean(guesses != classes))
