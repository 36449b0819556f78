"""Labels without images, for what is measured on features or on a graph alone."""

from collections.abc import Sequence

import numpy as np

from ssvae.data import UNLABELED, Dataset
from ssvae.data.balance import class_shares


def with_labels(count: int, rows: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return labels of all images, int array `(count,)`; -1 where there is none.

    Args:
        count: Number of images.
        rows: int array `(k,)`, indices of the labeled images.
        classes: int array `(k,)`, their labels.
    """
    labels = np.full(count, UNLABELED)
    labels[rows] = classes
    return labels


def labels_only(
    labels: np.ndarray,
    class_names: Sequence[str],
    name: str = "labels",
    outside: Sequence[int] = (),
) -> Dataset:
    """Return a data set whose images are empty.

    Args:
        labels: int array `(n,)`, classes; -1 for unlabeled.
        class_names: One name per class.
        name: Name of the data set.
        outside: Indices of the images that belong to no class, ascending.
    """
    return Dataset(
        name=name,
        images=np.zeros((len(labels), 1, 1, 1), np.uint8),
        labels=labels,
        class_names=tuple(class_names),
        read_test=None,
        outside=np.array(outside, np.int64),
    )


def equal_shares(labels: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
    """Return the same share for each class that has labels, float `(num_classes,)`.

    Args:
        labels: int array `(n,)`, classes; -1 for unlabeled.
        class_names: One name per class.
    """
    return class_shares(labels_only(labels, class_names), "uniform")
