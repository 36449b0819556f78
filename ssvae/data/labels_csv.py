"""Labels of a folder's images in a CSV file."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from ssvae.errors import InputError

COLUMNS = ["file", "label"]


def labels_of_csv(root: Path, paths: Sequence[Path], labels_csv: str) -> list[str]:
    """Return the label that a CSV file states for each image, "" where it states none.

    Args:
        root: Folder of the images.
        paths: Paths of the images, below `root`.
        labels_csv: Path of a CSV file with the columns `file`, a path as seen from
            `root`, and `label`.

    Raises:
        InputError: If the file cannot be read, names a file that is no image of the
            folder, or states two labels for one.
    """
    where = f"labels {labels_csv!r}"
    stated: dict[str, str] = {}
    for name, label in _rows(labels_csv, where):
        if stated.setdefault(os.path.normpath(name), label) != label:
            raise InputError(f"{where}: {name!r} has two labels; need one per file")
    names = [str(path.relative_to(root)) for path in paths]
    unknown = stated.keys() - set(names)
    if unknown:
        raise InputError(
            f"{where}: {min(unknown)!r} is no image in {str(root)!r}; need paths as "
            f"seen from there, like {names[0]!r}"
        )
    return [stated.get(name, "") for name in names]


def _rows(labels_csv, where):
    """Return file and label of each row."""
    try:
        with open(labels_csv, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns, rows = reader.fieldnames or [], list(reader)
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{where} is no CSV file: {error}") from None
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise InputError(
            f"{where}: no column {missing[0]!r}; need {' and '.join(COLUMNS)} in the "
            "first line"
        )
    return [(row["file"] or "", row["label"] or "") for row in rows]
