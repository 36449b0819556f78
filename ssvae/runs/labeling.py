"""Which images to label next: what a run suggests."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ssvae.files.tables import Table
from ssvae.types import ArrayLike, PathLike

SUGGESTIONS_FILE = "to_label.csv"


def save_suggestions(
    path: PathLike,
    indices: ArrayLike,
    classes: ArrayLike,
    class_names: Sequence[str],
    files: Sequence[str] | None = None,
) -> None:
    """Write the images to label next as CSV, one row per image.

    A row holds the image's index, the class that the model takes it for, and its file.

    Args:
        path: Path of the file to write.
        indices: int array `(k,)`, indices of the images in the data set.
        classes: int array `(k,)`, predicted classes.
        class_names: One name per class.
        files: Path of each image of the data set; None if its images are no files.
    """
    names = [class_names[index] for index in classes]
    columns = {"index": np.asarray(indices), "taken for": names}
    if files:
        columns["file"] = [files[index] for index in indices]
    with Table(path) as table:
        table.write(columns)


def read_suggestions(run: PathLike) -> list[int]:
    """Return the indices of the images to label next, those that help most first."""
    path = Path(run) / SUGGESTIONS_FILE
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return [int(row["index"]) for row in csv.DictReader(file)]
