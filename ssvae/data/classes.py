"""Classes as a source names them, made into numbers."""

import numpy as np

from ssvae.data.dataset import UNLABELED
from ssvae.errors import InputError


def number_classes(values, where, names=None):
    """Number the classes that labels name.

    Args:
        values: Array `(n,)` of whole numbers, with gaps or without, or of strings.
            Negative numbers, NaN, empty strings and masked values are no label.
        where: What holds the labels, for messages.
        names: The class names to number by; None for those that occur: numbers in
            their order, other strings by the alphabet.

    Returns:
        int64 array `(n,)` of classes, -1 for unlabeled; and the class names.

    Raises:
        InputError: If the values are something else, or a class is not among `names`.
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
                f"{where}: {text!r} is in no list of classes: need one of "
                f"{', '.join(names)}"
            )
        labels[row] = numbers[text]
    return labels, tuple(names)


def _texts(values, where):
    """Return labels as strings, and which of them are known."""
    if values.ndim != 1:
        raise InputError(
            f"{where}: the labels have shape {values.shape}; need one an image, (n,)"
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
