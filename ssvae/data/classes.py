"""Labels of a source become the numbers of classes."""

from collections.abc import Sequence

import numpy as np

from ssvae.data.dataset import UNLABELED
from ssvae.errors import InputError
from ssvae.types import ArrayLike


def number_classes(
    values: ArrayLike, where: str, names: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the number of the class that each label names.

    Args:
        values: Labels, `(n,)`: whole numbers, which may have gaps, or strings. Negative
            numbers, NaN, empty strings and masked values mean unlabeled.
        where: What holds the labels, for messages.
        names: The class names in the order of their numbers. None for the names that
            occur: in the order of the numbers if all are numbers, otherwise sorted as
            text.

    Returns:
        int64 array `(n,)` of classes, -1 for unlabeled; and the class names.

    Raises:
        InputError: If the labels are something else, or one is not among `names`.
    """
    texts, known = _texts(np.ma.asarray(values), where)
    if names is None:
        found = {str(text) for text in np.unique(texts[known])}
        numeric = all(name.isdecimal() for name in found)
        names = tuple(sorted(found, key=(lambda n: (int(n), n)) if numeric else None))
    numbers = {name: number for number, name in enumerate(names)}
    labels = np.full(len(texts), UNLABELED, np.int64)
    for row in np.flatnonzero(known):
        text = str(texts[row])
        if text not in numbers:
            raise InputError(
                f"{where}: {text!r} is not among the classes: need one of "
                f"{', '.join(names)}"
            )
        labels[row] = numbers[text]
    return labels, tuple(names)


def _texts(values, where):
    """Return labels as strings, and a bool array that is true where one is known."""
    if values.ndim != 1:
        raise InputError(
            f"{where}: the labels have shape {values.shape}; need one per image, (n,)"
        )
    known, values = ~np.ma.getmaskarray(values), values.data
    if values.dtype.kind == "f":
        known &= ~np.isnan(values)
        values = np.where(known, values, UNLABELED)
        if not np.array_equal(values, np.floor(values)):
            raise InputError(f"{where}: the labels are fractions; need whole numbers")
        values = values.astype(np.int64)
    if values.dtype.kind in "iub":
        return values.astype(str), known & (values >= 0)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind != "U":
        raise InputError(
            f"{where}: the labels are {values.dtype}; need whole numbers or strings"
        )
    texts = np.char.strip(values)
    return texts, known & (texts != "")
