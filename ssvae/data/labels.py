"""The labels that training may use: drawn at random, saved to a file, read again.

A draw is a pair of int64 arrays `(k,)`: ascending indices of images of the training
part, and their classes.
"""

import json
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ssvae.data.content import names_below
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.errors import InputError
from ssvae.types import PathLike

Draw: TypeAlias = tuple[np.ndarray, np.ndarray]


def draw_labels(
    labels: np.ndarray, num_labels: int | str, num_classes: int, seed: int
) -> Draw:
    """Draw labels at random, equally many of each class.

    If a class has too few labels, the other classes give more. A remainder is given by
    classes chosen at random, one label each.

    Args:
        labels: int array `(n,)`, the class of each image, -1 for unlabeled.
        num_labels: Number of labels, at least one per class; 0 for none; "all" for all;
            "auto" for all if some images are unlabeled, otherwise ten per class.
        num_classes: Number of classes.
        seed: Seed of the draw, int ≥ 0.

    Returns:
        Indices and classes, int64 arrays `(k,)`.

    Raises:
        InputError: If the number is smaller than the number of classes, or larger than
            the number of labels.
    """
    known = np.flatnonzero(labels != UNLABELED)
    if num_labels == "auto":
        partly = len(known) < len(labels)
        num_labels = "all" if partly else min(10 * num_classes, len(known))
    if num_labels == "all":
        return known, labels[known]
    if num_labels == 0:
        return known[:0], labels[:0]
    num_labels = int(num_labels)
    if num_labels > len(known):
        raise InputError(
            f"labels: got {num_labels}, but the training part has {len(known)}: "
            f"ask for at most {len(known)}, or all"
        )
    if num_labels < num_classes:
        raise InputError(
            f"labels: got {num_labels}, need at least one per class: {num_classes} or "
            "more"
        )
    rng = np.random.default_rng(seed)
    sizes = np.bincount(labels[known], minlength=num_classes)
    members = [rng.permutation(np.flatnonzero(labels == c)) for c in range(num_classes)]
    shares = _shares(num_labels, sizes, rng)
    chosen = [member[:share] for member, share in zip(members, shares, strict=True)]
    indices = np.sort(np.concatenate(chosen))
    return indices, labels[indices]


def _shares(total, sizes, rng):
    """Share `total` among the classes as evenly as their `sizes` allow."""
    shares = np.zeros_like(sizes)
    while total:
        open_classes = np.flatnonzero(shares < sizes)
        each = total // len(open_classes)
        if each == 0:
            shares[rng.choice(open_classes, total, replace=False)] += 1
            break
        given = np.minimum(each, sizes[open_classes] - shares[open_classes])
        shares[open_classes] += given
        total -= int(given.sum())
    return shares


def save_labels(path: PathLike, dataset: Dataset, **others: object) -> None:
    """Write the labels of a data set as JSON, for `read_labels` and for people.

    Args:
        path: Path of the JSON file.
        dataset: The data set.
        others: What else the file is to hold, for JSON.
    """
    indices = dataset.labeled
    draw = {
        "dataset": dataset.name,
        "class_names": list(dataset.class_names),
        "indices": indices.tolist(),
        "classes": dataset.labels[indices].tolist(),
    }
    if dataset.files:
        # Indices mean other images if files are added or removed.
        files = [dataset.files[index] for index in indices]
        draw["files"] = names_below(dataset.name, files)
    draw |= others
    Path(path).write_text(json.dumps(draw) + "\n", encoding="utf-8")


def read_labels(path: PathLike, dataset: Dataset) -> Draw:
    """Return the labels that `save_labels` wrote.

    Args:
        path: Path of the JSON file.
        dataset: The data set of the labels; its numbers of images and classes are
            checked, and the names of the files if the labels have them.

    Returns:
        Indices and classes, int64 arrays `(k,)`.

    Raises:
        InputError: If the file cannot be read, or does not fit the data set.
    """
    where = f"labels file {str(path)!r}"
    try:
        draw = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{where}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not JSON: {error}") from None
    columns = [
        draw.get(name) if isinstance(draw, dict) else None
        for name in ("indices", "classes")
    ]
    if not all(_is_whole_numbers(column) for column in columns):
        raise InputError(
            f"{where}: need an object with two lists of whole numbers, 'indices' and "
            "'classes'"
        )
    indices, classes = (np.array(column, np.int64) for column in columns)
    _check_draw(where, indices, classes, dataset)
    _check_files(where, indices, draw.get("files"), dataset)
    order = np.argsort(indices)
    return indices[order], classes[order]


def _is_whole_numbers(value):
    """Return whether a value read from JSON is a list of numbers that int64 holds."""
    return isinstance(value, list) and all(
        type(number) is int and abs(number) < 2**63 for number in value
    )


def _check_draw(where, indices, classes, dataset):
    """Raise `InputError` unless the draw fits the data set."""
    count, num_classes = len(dataset.images), dataset.num_classes
    if len(indices) != len(classes):
        raise InputError(
            f"{where}: {len(indices)} indices and {len(classes)} classes: need one "
            "class per index"
        )
    if len(np.unique(indices)) != len(indices):
        raise InputError(f"{where}: an index occurs twice; need each image once")
    for what, values, end in (
        ("index", indices, count),
        ("class", classes, num_classes),
    ):
        wrong = values[(values < 0) | (values >= end)]
        if len(wrong):
            raise InputError(f"{where}: {what} {wrong[0]}: need 0 to {end - 1}")


def _check_files(where, indices, files, dataset):
    """Raise `InputError` unless the indices still mean the files that were labeled.

    Labels that were added later have no file; those before them tell.
    """
    if not dataset.files or not isinstance(files, list):
        return
    now = names_below(dataset.name, [dataset.files[index] for index in indices])
    for index, one, other in zip(indices, files, now, strict=False):
        if one != other:
            raise InputError(
                f"{where}: index {index} was the file {str(one)!r} and is {other!r} "
                "now, since images were added, removed or split otherwise: bring them "
                "back as they were, or draw new labels"
            )
