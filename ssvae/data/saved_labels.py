"""The labels of a run in a file: saved, and read again."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from ssvae.data.coarse import Coarse
from ssvae.data.content import names_below
from ssvae.data.dataset import Dataset
from ssvae.data.labels import Draw
from ssvae.errors import InputError
from ssvae.types import PathLike


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
    if len(dataset.outside):
        draw["outside"] = dataset.outside.tolist()
    if dataset.coarse is not None:
        allowed = dataset.coarse.allowed
        draw["coarse"] = {
            "indices": dataset.coarse.rows.tolist(),
            "classes": [np.flatnonzero(row).tolist() for row in allowed],
        }
    draw |= others
    Path(path).write_text(json.dumps(draw) + "\n", encoding="utf-8")


def read_labels(path: PathLike, dataset: Dataset) -> Draw:
    """Return the labels of classes that `save_labels` wrote.

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
    return _draw_of(_content(path, where), where, dataset)


def with_labels_of(path: PathLike, dataset: Dataset) -> Dataset:
    """Return a data set with the labels that `save_labels` wrote, of every kind.

    What the file does not tell of groups, or of images outside all classes, stays as
    the data set has it.

    Args:
        path: See `read_labels`.
        dataset: See `read_labels`.

    Raises:
        InputError: See `read_labels`.
    """
    where = f"labels file {str(path)!r}"
    content = _content(path, where)
    outside = content.get("outside", dataset.outside.tolist())
    if not _is_whole_numbers(outside):
        raise InputError(f"{where}: 'outside' is no list of whole numbers")
    coarse = dataset.coarse
    if "coarse" in content:
        coarse = _coarse_of(content["coarse"], where, dataset)
    rows = np.unique(np.array(outside, np.int64))
    _check_range(where, "index", rows, len(dataset.images))
    coarse = coarse and coarse.but(rows)
    told = dataclasses.replace(dataset, outside=rows, coarse=coarse)
    # A label of a class counts more than what was known before it.
    return told.with_labels(*_draw_of(content, where, dataset))


def _content(path, where):
    """Return the object in a JSON file; an empty one for another value."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{where}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not JSON: {error}") from None
    return content if isinstance(content, dict) else {}


def _coarse_of(value, where, dataset):
    """Return the labels of groups in the content of a file; None if it has none."""
    lists = [
        value.get(name) if isinstance(value, dict) else None
        for name in ("indices", "classes")
    ]
    rows, classes = lists
    if (
        not _is_whole_numbers(rows)
        or not isinstance(classes, list)
        or not all(_is_whole_numbers(each) and each for each in classes)
        or len(rows) != len(classes)
    ):
        raise InputError(
            f"{where}: 'coarse' needs two lists of one length: 'indices', whole "
            "numbers, and 'classes', a list of one class or more for each of them"
        )
    if not rows:
        return None
    _check_range(where, "index", np.array(rows), len(dataset.images))
    allowed = np.zeros((len(rows), dataset.num_classes), bool)
    for row, each in zip(allowed, classes, strict=True):
        _check_range(where, "class", np.array(each), dataset.num_classes)
        row[each] = True
    rows, first = np.unique(np.array(rows, np.int64), return_index=True)
    return Coarse(rows, allowed[first])


def _draw_of(draw, where, dataset):
    """Return the labels of classes in the content of a file."""
    columns = [draw.get(name) for name in ("indices", "classes")]
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
    _check_range(where, "index", indices, count)
    _check_range(where, "class", classes, num_classes)


def _check_range(where, what, values, end):
    """Raise `InputError` unless all values are from 0 to below `end`."""
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
