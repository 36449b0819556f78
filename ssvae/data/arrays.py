"""Data sets from arrays: `.npz` and `.npy` files, and arrays in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ssvae.data import npz
from ssvae.data.apart import name_no_class, set_apart
from ssvae.data.classes import number_classes
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.images import as_byte_images
from ssvae.data.label_values import label_texts
from ssvae.errors import InputError
from ssvae.types import ArrayLike, PathLike

# Names that the arrays of a file may have, in the order of preference.
IMAGES, LABELS = ("x_train", "x", "images"), ("y_train", "y", "labels")
TEST_IMAGES, TEST_LABELS = "x_test", "y_test"


def load_arrays(path: PathLike) -> Dataset:
    """Return the data set in an array file.

    A `.npy` file holds only images, all unlabeled. It stays on the disk. An `.npz` file
    holds `x` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`. Without `y` all
    images are unlabeled.

    Args:
        path: Path of the file.

    Raises:
        InputError: If the file cannot be read, or holds no images.
    """
    path = Path(path)
    if path.suffix.lower() == ".npy":
        return from_arrays(npz.open_array(path, ()), name=str(path))
    arrays = npz.open_arrays(path)

    def first(names):
        return next((arrays[name] for name in names if name in arrays), None)

    images = first(IMAGES)
    if images is None:
        raise InputError(
            f"{str(path)!r} holds {', '.join(arrays) or 'nothing'}: need an array of "
            f"images called {' or '.join(IMAGES)}"
        )
    test = arrays.get(TEST_IMAGES), arrays.get(TEST_LABELS)
    return from_arrays(images, first(LABELS), *test, name=str(path))


def from_arrays(
    x: np.ndarray,
    y: ArrayLike | None = None,
    x_test: np.ndarray | None = None,
    y_test: ArrayLike | None = None,
    name: str = "arrays",
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Dataset:
    """Return a data set of images and labels in arrays.

    Args:
        x: Images: uint8 array, or float array in [0, 1], of shape `(n, height, width)`
            or `(n, height, width, channels)`, with 1 or 3 channels.
        y: Labels, `(n,)`: whole numbers or strings, of any kind that `label_texts`
            takes. Negative numbers, NaN, None, masked values, empty strings and words
            like "NA" mean unlabeled; "none of these", that an image belongs to no
            class. None if no image is labeled.
        x_test: Images of the test part, like `x`; None if there is no test part.
        y_test: Labels of the test part, `(m,)`, like `y`; None if no image of it is
            labeled.
        name: Name of the data set.
        groups: Names of classes by the name of their group. A label may be the name of
            a group. None for no groups.

    Raises:
        InputError: If an array is something else, or they do not fit together.
    """
    images = _images(x, f"{name}: x")
    if y is None:
        y = np.full(len(images), UNLABELED)
    texts, notes = label_texts(y, f"{name}: y")
    labels, class_names = number_classes(texts, f"{name}: y")
    _check_lengths(images, labels, f"{name}: x and y")
    if x_test is None and y_test is None:
        dataset = Dataset(name, images, labels, class_names, None, notes=tuple(notes))
        return set_apart(dataset, groups)
    if x_test is None:
        raise InputError(
            f"{name}: {TEST_LABELS} are labels of {TEST_IMAGES}, which is missing: add "
            "it, or leave both out"
        )
    if y_test is None:
        y_test = np.full(len(x_test), UNLABELED)
    texts, more = label_texts(y_test, f"{name}: y_test")
    texts = np.where(name_no_class(texts, groups), "", texts)
    test_labels, _ = number_classes(texts, f"{name}: y_test", class_names)
    _check_lengths(x_test, test_labels, f"{name}: x_test and y_test")
    test_images = _images(x_test, f"{name}: x_test")
    if test_images.shape[1:] != images.shape[1:]:
        raise InputError(
            f"{name}: x_test has images of shape {test_images.shape[1:]}, x of shape "
            f"{images.shape[1:]}: need the same shape"
        )
    test = test_images, test_labels
    notes += more
    told = Dataset(name, images, labels, class_names, lambda: test, notes=tuple(notes))
    return set_apart(told, groups)


def _images(array, where):
    try:
        return as_byte_images(array)
    except ValueError as error:
        raise InputError(f"{where}: {error}") from None


def _check_lengths(images, labels, where):
    if len(images) != len(labels):
        raise InputError(
            f"{where} have {len(images)} and {len(labels)} rows: need one label per "
            "image"
        )
