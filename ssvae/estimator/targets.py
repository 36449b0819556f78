"""Labels as scikit-learn's users have them: which rows have one, and of what class."""

from numbers import Number
from typing import Any

import numpy as np

from ssvae.data import UNLABELED
from ssvae.errors import InputError
from ssvae.types import ArrayLike

# Texts for "no label": the empty one, and what NumPy makes of -1 in a list of texts.
NO_TEXT = ("", str(UNLABELED))
# Texts of values of pandas for "no value".
NO_VALUE = ("<NA>", "NaT")


def targets(y: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Return labels as an array, and which of them are known.

    Args:
        y: Labels, `(n,)`: whole numbers, texts or booleans. Unlabeled are -1, None,
            NaN, NaT, pandas' NA, "" and "-1".

    Returns:
        Array `(n,)` of y's own type, or of numbers where y holds numbers as objects;
        and bool array `(n,)`.

    Raises:
        InputError: If there are no labels, or they are something else.
    """
    from sklearn.utils import column_or_1d

    if y is None:
        raise InputError(
            "SSVAEClassifier requires y to be passed, but the target y is None: need "
            "one label per sample, -1 where there is none"
        )
    labels = column_or_1d(y, warn=True)
    known = _known(labels)
    if labels.dtype.kind == "O" and known.any():
        labels = _of_objects(labels, known)
    if labels.dtype.kind == "f":
        _refuse_fractions(labels[known])
    return labels, known


def classes_of(labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the classes of known labels, sorted.

    Args:
        labels: See `targets`.
        known: See `targets`.

    Raises:
        InputError: If there are fewer than two.
    """
    classes = np.unique(labels[known])
    if len(classes) < 2:
        there = f"one class, {classes[0]!r}" if len(classes) else "no class"
        raise InputError(
            f"y has labels of {there}: need labels of two classes or more; -1 means "
            "unlabeled, so call the classes of -1 and 1 something else"
        )
    return classes


def numbered(values: ArrayLike, classes: np.ndarray) -> np.ndarray:
    """Return the numbers of classes, int array `(n,)`.

    Args:
        values: Labels of these classes, `(n,)`.
        classes: Array `(num_classes,)`, sorted.

    Raises:
        InputError: If a label is of another class.
    """
    labels = np.asarray(values)
    unknown = ~np.isin(labels, classes)
    if unknown.any():
        raise InputError(
            f"y: got {labels[unknown][0]!r}, need some of "
            f"{', '.join(map(str, classes))}"
        )
    return np.searchsorted(classes, labels)


def check_rows(samples: int, labels: int) -> None:
    """Raise `InputError` if there is not one label per sample."""
    if samples != labels:
        raise InputError(
            f"X and y have {samples} and {labels} rows: need one label per sample"
        )


def _known(labels):
    """Return which labels are known, bool array `(n,)`."""
    kind = labels.dtype.kind
    if kind in "iu":
        return labels != UNLABELED
    if kind == "f":
        return ~np.isnan(labels) & (labels != UNLABELED)
    if kind in "OUST":
        return np.array([not _is_missing(value) for value in labels.tolist()], bool)
    return np.ones(len(labels), bool)


def _is_missing(value: Any) -> bool:
    """Return whether an object stands for no label."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if value is None or isinstance(value, str):
        return value is None or value in NO_TEXT
    if isinstance(value, Number):
        return value != value or value == UNLABELED
    return str(value) in NO_VALUE


def _of_objects(labels, known):
    """Return labels that are objects as numbers, if those that are known are."""
    values = labels[known].tolist()
    if all(isinstance(value, str) for value in values):
        return labels
    kinds = {type(value).__name__ for value in values}
    if not all(isinstance(value, Number) for value in values):
        raise InputError(
            f"y has labels of the types {', '.join(sorted(kinds))}: need texts alone, "
            "or whole numbers alone"
        )
    numbers = np.array(values)
    filled = np.full(len(labels), UNLABELED, np.result_type(numbers, np.int64))
    if numbers.dtype.kind == "b":
        filled = np.zeros(len(labels), bool)
    filled[known] = numbers
    return filled


def _refuse_fractions(labels):
    """Raise `InputError` if numbers of classes have fractions or no end."""
    whole = np.isfinite(labels)
    whole[whole] = labels[whole] == np.floor(labels[whole])
    if not whole.all():
        raise InputError(
            f"Unknown label type: y holds {labels[~whole][0]:g}; need whole numbers or "
            "texts, the names of classes"
        )
