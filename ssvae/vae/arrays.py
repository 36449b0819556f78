"""Functions of tensors applied to arrays, and classes as rows of weights."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from keras import ops

from ssvae.data.images import as_floats
from ssvae.types import ArrayLike, Tensor

# Most rows that pass through the decoder at once, so that memory stays small: of images
# of this many pixels, and fewer of larger ones.
CHUNK_ROWS, CHUNK_AREA = 10_000, 28 * 28
# Most values of an array that pass at once: 400 photographs of 224 pixels, in color.
CHUNK_PIXELS = 60_000_000


def in_chunks(
    function: Callable[..., Tensor],
    rows_each: int,
    *arrays: np.ndarray,
    drawn: Sequence[int] = (),
) -> np.ndarray:
    """Apply a function of tensors to arrays, some rows at a time.

    Args:
        function: From tensors `(k, ...)` to a tensor `(k, ...)`.
        rows_each: Rows that the function makes of each row, such as one per class.
        *arrays: Arrays `(n, ...)`; uint8 arrays are pixels and become floats in [0, 1].
        drawn: Shape of the images that the function draws of each row; empty if it
            draws none, or none larger than those among the arrays.

    Returns:
        The function's results, an array `(n, ...)`.
    """
    pixels = max(math.prod(array.shape[1:]) for array in arrays)
    images = [drawn, *(array.shape[1:] for array in arrays if array.ndim == 4)]
    area = max(CHUNK_AREA, *(math.prod(shape[:2]) for shape in images))
    most = CHUNK_ROWS * CHUNK_AREA // (area * rows_each)
    rows = min(most, CHUNK_PIXELS // max(1, pixels))
    count, size = len(arrays[0]), max(1, rows)
    if not count:
        # The answer's shape is that of one row of zeros, which is cut off again.
        arrays = tuple(np.zeros((1, *a.shape[1:]), a.dtype) for a in arrays)
    parts = []
    for start in range(0, max(1, count), size):
        chunk = [as_floats(array[start : start + size]) for array in arrays]
        tensors = map(ops.convert_to_tensor, chunk)
        parts.append(ops.convert_to_numpy(function(*tensors)))
    return np.concatenate(parts)[:count]


def class_numbers(classes: ArrayLike, class_names: Sequence[str]) -> np.ndarray:
    """Return classes as an array, and classes that are given by name by their number.

    Args:
        classes: What `class_rows` takes; or names of classes, `(n,)`.
        class_names: The names of a model's classes.

    Raises:
        ValueError: If there is no class of a name; the message lists the names.
    """
    given = np.asarray(classes)
    if given.dtype.kind == "O":
        # A column of pandas.
        given = np.asarray(given.tolist())
    if given.ndim != 1 or given.dtype.kind != "U":
        return given
    numbers = {name: number for number, name in enumerate(class_names)}
    names = [str(value) for value in given.tolist()]
    unknown = next((name for name in names if name not in numbers), None)
    if unknown is not None:
        raise ValueError(
            f"there is no class {unknown!r}; need names of {', '.join(class_names)}, "
            f"or a list of whole numbers from 0 to {len(class_names) - 1}"
        )
    return np.array([numbers[name] for name in names], np.int64)


def class_rows(classes: ArrayLike, num_classes: int) -> np.ndarray:
    """Return classes as rows of weights.

    Args:
        classes: int array `(n,)`; or weights, float array `(n, num_classes)`, which
            are returned as they are.
        num_classes: Number of classes.

    Returns:
        float32 array `(n, num_classes)`, one-hot if classes were given.

    Raises:
        ValueError: If `classes` is something else; the message says what is needed.
    """
    given = np.asarray(classes)
    if given.ndim == 2 and given.shape[1] == num_classes:
        return given.astype(np.float32)
    whole = given.size == 0 or np.issubdtype(given.dtype, np.integer)
    known = whole and np.all((given >= 0) & (given < num_classes))
    if given.ndim != 1 or not known:
        raise ValueError(
            f"classes are {classes!r}; need a list of whole numbers from 0 to "
            f"{num_classes - 1}"
        )
    return np.eye(num_classes, dtype=np.float32)[given.astype(int)]
