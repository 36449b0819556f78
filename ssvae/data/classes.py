"""Labels of a source become the numbers of classes."""

from collections.abc import Iterable, Sequence

import numpy as np

from ssvae.data.dataset import UNLABELED
from ssvae.errors import InputError
from ssvae.types import ArrayLike


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of classes by their numbers if all are numbers, else as text."""
    names = tuple(names)
    numeric = all(name.isdecimal() for name in names)
    return tuple(sorted(names, key=(lambda n: (int(n), n)) if numeric else None))


def number_classes(
    values: ArrayLike, where: str, names: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the number of the class that each label names.

    Args:
        values: Labels as texts, `(n,)`, "" for unlabeled; numbers may have gaps. See
            `label_texts` for labels of other kinds.
        where: What holds the labels, for messages.
        names: The class names in the order of their numbers. None for the names that
            occur: in the order of the numbers if all are numbers, otherwise sorted as
            text.

    Returns:
        int64 array `(n,)` of classes, -1 for unlabeled; and the class names.

    Raises:
        InputError: If one is not among `names`.
    """
    texts = np.asarray(values, str)
    known = texts != ""
    if names is None:
        names = in_order({str(text) for text in np.unique(texts[known])})
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
