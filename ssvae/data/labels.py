"""The label budget: which images of the training part are labeled; drawn, saved, read.

A draw is the pair `(indices, classes)` of int64 arrays, ascending in the index.
"""

import json
from pathlib import Path

import numpy as np

from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.errors import InputError


def draw_labels(labels, num_labels, num_classes, seed):
    """Draw class-balanced labels.

    The classes get equal shares. What does not divide, and what a class is too small
    to give, is spread over the others, the classes that get one more chosen at random.

    Args:
        labels: int array `(n,)`, classes, -1 for unlabeled.
        num_labels: How many to draw, from the class count up; 0 for none; "all" for
            all; "auto" for all where some images are unlabeled, else for ten a class.
        num_classes: Number of classes.
        seed: Seed of the draw, int ≥ 0.

    Returns:
        A draw: int64 arrays `(k,)` of indices and of classes.

    Raises:
        InputError: If the count is below the class count or above the labels there are.
    """
    known = np.flatnonzero(labels != UNLABELED)
    if num_labels == "auto":
        partly = len(known) < len(labels)
        num_labels = "all" if partly else min(10 * num_classes, len(known))
    if num_labels == "all":
        return known, labels[known]
    if num_labels == 0:
        return known[:0], labels[:0]
    if num_labels > len(known):
        raise InputError(
            f"labels: got {num_labels}, but the training part has {len(known)}: "
            f"ask for at most {len(known)}, or all"
        )
    if num_labels < num_classes:
        raise InputError(
            f"labels: got {num_labels}, need at least one a class: {num_classes} or "
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
    """Split `total` over the classes as evenly as their `sizes` allow."""
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


def save_labels(path, dataset: Dataset):
    """Write a data set's labels as JSON, for `read_labels` and for people."""
    indices = dataset.labeled
    draw = {
        "dataset": dataset.name,
        "class_names": list(dataset.class_names),
        "indices": indices.tolist(),
        "classes": dataset.labels[indices].tolist(),
    }
    Path(path).write_text(json.dumps(draw) + "\n", encoding="utf-8")


def read_labels(path, dataset: Dataset):
    """Read a draw that `save_labels` wrote.

    Args:
        path: Path of the JSON file.
        dataset: The data set it is for; only its sizes are looked at.

    Returns:
        A draw: int64 arrays `(k,)` of indices and of classes.

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
            f"{where}: need an object with the lists of whole numbers "
            "'indices' and 'classes'"
        )
    indices, classes = (np.array(column, np.int64) for column in columns)
    _check_draw(where, indices, classes, dataset)
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
            f"{where}: {len(indices)} indices and {len(classes)} classes: need as many "
            "of one as of the other"
        )
    if len(np.unique(indices)) != len(indices):
        raise InputError(f"{where}: an index stands twice; need each image once")
    for what, values, end in (
        ("index", indices, count),
        ("class", classes, num_classes),
    ):
        wrong = values[(values < 0) | (values >= end)]
        if len(wrong):
            raise InputError(f"{where}: {what} {wrong[0]}: need 0 to {end - 1}")
