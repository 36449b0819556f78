"""Images that seem to belong to no class: the table and the picture of a run folder."""

import csv
from collections.abc import Sequence
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


def save_unusual(
    folder: Path,
    rows: np.ndarray,
    strangeness: np.ndarray,
    groups: np.ndarray,
    images: np.ndarray,
    files: Sequence[str] | None = None,
) -> None:
    """Write `unusual.csv`, the strangest image first, and `unusual.png`.

    A row of the table holds the image's index, how strange it is, the number of its
    group, and its file. A row of the picture shows the strangest images of a group.

    Args:
        folder: Folder to write into.
        rows: int array `(k,)`, indices of the images in the data set; k is 1 or more.
        strangeness: Float array `(k,)`, 0 to 1; 1 is the strangest.
        groups: int array `(k,)`, number of the group of each image, from 1.
        images: uint8 array `(n, height, width, channels)`, those of the data set.
        files: Path of each image of the data set; None if its images are no files.
    """
    order = np.argsort(-strangeness, kind="stable")
    rows, strangeness, groups = rows[order], strangeness[order], groups[order]
    columns: dict[str, Any] = {
        "index": rows,
        "strangeness": np.round(strangeness.astype(float), 4),
        "group": groups,
    }
    if files:
        columns["file"] = [files[row] for row in rows]
    with Table(folder / UNUSUAL_FILE) as table:
        table.write(columns)
    _picture(rows, groups, images).save(folder / PICTURE_FILE)


def read_unusual(run: PathLike) -> list[dict[str, str]]:
    """Return the rows of the table of a run folder; none if it has no such file."""
    path = Path(run) / UNUSUAL_FILE
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sentences(told: dict[str, Any]) -> list[str]:
    """Return what a person should know of such images, one line per group.

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
    return lines


def _picture(rows, groups, images):
    """Return the first images of each group, one row per group."""
    step = max(1, -(-max(images.shape[1:3]) // SIDE))
    numbers = np.unique(groups)[:MAX_GROUPS]
    small = images[:1, ::step, ::step].shape[1:]
    grid = np.ones((len(numbers), COLUMNS, *small), np.float32)
    for place, number in zip(grid, numbers, strict=True):
        for cell, row in enumerate(rows[groups == number][:COLUMNS]):
            place[cell] = images[row][::step, ::step] / np.float32(255)
    names = [f"{np.sum(groups == number):,} images" for number in numbers]
    return image_grid(grid, names, zoom=max(1, SIDE // max(small[:2])))
