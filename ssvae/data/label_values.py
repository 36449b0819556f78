"""Labels of every usual kind, as arrays and lists hold them, become texts."""

from collections.abc import Iterable
from numbers import Number
from typing import Any

import numpy as np

from ssvae.data.tables.missing import is_missing, plain
from ssvae.errors import InputError
from ssvae.types import ArrayLike

# What messages ask for.
NEEDED = "need whole numbers or strings, one per image"
# Words for no label that are named in a note, at most.
NAMED = 5


def label_texts(values: ArrayLike, where: str) -> tuple[np.ndarray, list[str]]:
    """Return labels as texts, and notes about them.

    Unlabeled are: negative numbers, NaN, None, masked values, empty strings, and the
    usual words for a missing value, see `is_missing`.

    Args:
        values: Labels of n images. An array, a list, or whatever NumPy makes an array
            of, such as a column of pandas. Its shape is `(n,)`, `(n, 1)` or `(1, n)`;
            or `(n, k)` with a 1 in the column of each image's class and 0 elsewhere,
            rows of zeros for unlabeled images. The values are numbers without
            fractions, strings, bytes, booleans, or a mixture of these.
        where: What holds the labels, for messages.

    Returns:
        str array `(n,)`, "" for unlabeled; and notes, lines of text.

    Raises:
        InputError: If the labels are something else.
    """
    array = _column(_as_array(values, where), where)
    known, array = ~np.ma.getmaskarray(array), np.ma.getdata(array)
    if array.dtype.kind == "f":
        known = known & ~np.isnan(array)
        array = np.where(known, array, -1)
        if not np.array_equal(array, np.floor(array)):
            raise InputError(f"{where}: the labels are fractions; {NEEDED}")
        array = array.astype(np.int64)
    if array.dtype.kind in "iu":
        return np.where(known & (array >= 0), array.astype(str), ""), []
    if array.dtype.kind == "b":
        return np.where(known, array.astype(str), ""), []
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    if array.dtype.kind in "OT":
        array = np.array([_text(value, where) for value in array.tolist()], str)
    if array.dtype.kind != "U":
        raise InputError(f"{where}: the labels are {array.dtype}; {NEEDED}")
    return _without_missing(np.where(known, np.char.strip(array), ""), where)


def _as_array(values, where):
    """Return labels as an array; values of mixed kinds stay what they are."""
    try:
        # Columns of pandas have an attribute `mask` that is something else.
        masked = isinstance(values, np.ma.MaskedArray)
        array = values if masked else np.asarray(values)
        if isinstance(values, Iterable) and array.dtype.kind == "U":
            # NumPy made texts of the numbers among them, and of None.
            kept = np.asarray(values, object)
            array = kept if any(not isinstance(v, str) for v in kept.flat) else array
    except ValueError:
        raise InputError(
            f"{where}: the labels are lists of unequal lengths; {NEEDED}"
        ) from None
    return array


def _column(array, where):
    """Return labels with one axis."""
    if array.ndim == 2 and 1 in array.shape:
        return array.ravel()
    if array.ndim == 2 and (classes := _of_columns(array)) is not None:
        return classes
    if array.ndim != 1:
        raise InputError(
            f"{where}: the labels have shape {array.shape}; need one per image, (n,), "
            "or one column per class, (n, k), with a single 1 in each row"
        )
    return array


def _of_columns(array):
    """Return the column that is 1 in each row, -1 for none; None for other rows."""
    try:
        numbers = np.ma.filled(array.astype(float), np.nan)
    except (TypeError, ValueError):
        return None
    numbers = np.where(np.isnan(numbers).any(axis=1, keepdims=True), 0, numbers)
    single = np.isin(numbers, (0, 1)).all() and (numbers.sum(axis=1) <= 1).all()
    if not single or not numbers.any():
        return None
    return np.where(numbers.any(axis=1), numbers.argmax(axis=1), -1)


def _text(value: Any, where: str) -> str:
    """Return one label as a text, "" for none."""
    while isinstance(value, list | tuple | np.ndarray) and np.size(value) == 1:
        value = np.asarray(value, object).item()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if value is None or isinstance(value, str | bool):
        return "" if value is None else str(value)
    if isinstance(value, Number) and not isinstance(value, complex):
        number = float(value)  # type: ignore[arg-type]  # numbers that are real
        # Written so that NaN is none.
        if not number >= 0:
            return ""
        if number != np.floor(number):
            raise InputError(f"{where}: a label is the fraction {value}; {NEEDED}")
        return str(int(number))
    # pandas has values of its own for "missing": their texts are words for it.
    if is_missing(str(value)):
        return ""
    raise InputError(f"{where}: a label is {str(value)[:40]!r}; {NEEDED}")


def _is_number(text):
    """Return whether a text is that of a number, or empty."""
    return not text or text.strip("-\u2212").replace(".", "").isdecimal()


def _without_missing(texts, where):
    """Return texts with "" for words that mean no label, and a note that tells so."""
    unlike, places, counts = np.unique(texts, return_inverse=True, return_counts=True)
    missing = np.array([is_missing(str(text)) for text in unlike], bool)
    texts = np.where(missing[places.ravel()], "", texts)
    words = [
        f"{count:,} {str(text)!r}"
        for text, count in zip(unlike[missing], counts[missing], strict=True)
        if not _is_number(plain(str(text)))
    ]
    if not words:
        return texts, []
    more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
    return texts, [
        f"{where}: {', '.join(words[:NAMED])}{more} of the labels are read as no "
        "label: give a class of such a name another one"
    ]
