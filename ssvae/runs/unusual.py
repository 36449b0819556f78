"""Images that seem to belong to no class: the table and the picture of a run folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ssvae.files.pictures import image_grid
from ssvae.files.tables import Table
from ssvae.types import PathLike

UNUSUAL_FILE, PICTURE_FILE = "unusual.csv", "unusual.png"
# Images of a group that have a picture, and groups.
COLUMNS, MAX_GROUPS = 12, 20
# Longer side of a picture, pixels, at most; smaller images are enlarged up to this.
SIDE = 96


@dataclass(frozen=True)
class Unusual:
    """Images that seem to belong to no class.

    Attributes:
        rows: int array `(k,)`, indices of the images in the data set.
        groups: int array `(k,)`, number of the group of each image, from 1; 0 for a
            single image that is unlike all others.
        put_aside: bool array `(k,)`, whether each image taught nothing.
        strangeness: Float array `(k,)`. In a group the part of the images around each
            image that are in a group, 0 to 1. Of a single image its score, standard
            deviations from the usual.
    """

    rows: np.ndarray
    groups: np.ndarray
    put_aside: np.ndarray
    strangeness: np.ndarray

    @property
    def num_alone(self) -> int:
        """Number of the single images."""
        return int(np.count_nonzero(self.groups == 0))

    def strangest_first(self) -> Unusual:
        """Return the same in order: groups first, and the strangest image of each."""
        order = np.lexsort((-self.strangeness, self.groups == 0))
        return Unusual(*(values[order] for values in vars(self).values()))


def save_unusual(
    folder: Path,
    found: Unusual,
    images: np.ndarray,
    files: Sequence[str] | None = None,
) -> None:
    """Write `unusual.csv`, the strangest image first, and `unusual.png`.

    A row of the table holds the image's index, how strange it is, the number of its
    group, whether it was put aside, its score, and its file. Of images in groups the
    score is empty, of single images strangeness and group. They come last. A row of the
    picture shows the strangest images of a group, the last row single ones.

    Args:
        folder: Folder to write into.
        found: The images, one or more.
        images: uint8 array `(n, height, width, channels)`, those of the data set.
        files: Path of each image of the data set; None if its images are no files.
    """
    found = found.strangest_first()
    alone = found.groups == 0
    values = [f"{value:.4f}" for value in found.strangeness]
    columns: dict[str, Any] = {
        "index": found.rows,
        "strangeness": _unless(alone, values),
        "group": _unless(alone, found.groups.tolist()),
        "put aside": ["yes" if aside else "no" for aside in found.put_aside],
        "score": _unless(~alone, values),
    }
    if files:
        columns["file"] = [files[row] for row in found.rows]
    with Table(folder / UNUSUAL_FILE) as table:
        table.write(columns)
    _picture(found, images).save(folder / PICTURE_FILE)


def _unless(left_out, values):
    """Return values as texts, empty where they are left out."""
    return ["" if out else str(v) for out, v in zip(left_out, values, strict=True)]


def read_unusual(run: PathLike) -> list[dict[str, str]]:
    """Return the rows of the table of a run folder; none if it has no such file."""
    path = Path(run) / UNUSUAL_FILE
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sentences(told: dict[str, Any]) -> list[str]:
    """Return what a person should know of such images, one line per group.

    The last line is about single images, if any were found.

    Args:
        told: Content of a run's `metrics.json`.
    """
    lines = []
    for group in told.get("unknown_groups", []):
        aside = " They teach nothing." if group["put_aside"] else ""
        lines.append(
            f"{group['images']:,} images look like each other and like none of your "
            f"classes: what are they?{aside}"
        )
    if alone := told.get("num_unusual_alone"):
        images, are = ("image", "is") if alone == 1 else ("images", "are")
        lines.append(
            f"{alone:,} single {images} {are} unlike all others, by the model's score. "
            "They were not put aside."
        )
    return lines


def _picture(found, images):
    """Return the first images of each group, one row per group, and single ones."""
    step = max(1, -(-max(images.shape[1:3]) // SIDE))
    numbers = np.unique(found.groups[found.groups > 0])[:MAX_GROUPS].tolist()
    numbers += [0] * bool(found.num_alone)
    small = images[:1, ::step, ::step].shape[1:]
    grid = np.ones((len(numbers), COLUMNS, *small), np.float32)
    for place, number in zip(grid, numbers, strict=True):
        rows = found.rows[found.groups == number][:COLUMNS]
        for cell, row in zip(place, rows, strict=False):
            cell[:] = images[row][::step, ::step] / np.float32(255)
    counts = [np.count_nonzero(found.groups == number) for number in numbers]
    names = [
        f"{count:,} {'images' if number else 'alone'}"
        for number, count in zip(numbers, counts, strict=True)
    ]
    return image_grid(grid, names, zoom=max(1, SIDE // max(small[:2])))
