"""The decoded images of a project, kept on disk so that it opens at once."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import open_dataset
from ssvae.data.content import names_below
from ssvae.data.dataset import Dataset, Reading
from ssvae.data.tree.account import Account, Left
from ssvae.errors import InputError
from ssvae.files.atomic import replaced, write_json
from ssvae.projects.places import SETTINGS
from ssvae.projects.stamp import Stamp

# Files: what is known of the images; their pixels; their number alone, for lists.
INDEX_FILE, PIXELS_FILE, COUNT_FILE = "images.json", "pixels.npy", "count.json"
# Part of the free disk that the pixels may take; else they are decoded each time.
MAX_SHARE = 0.3
# Number of the method that reads images, and of the index. Raise it when the same files
# and settings give another index.
FORMAT = 2
# Images that are written at once.
CHUNK = 1_000


@dataclass(frozen=True)
class Kept:
    """What `keep` writes of a data set, as JSON holds it."""

    stamp: Stamp
    values: dict[str, Any]

    @classmethod
    def load(cls, folder: Path, config: Config) -> Kept | None:
        """Return what is kept; None if there is nothing, or the images have changed.

        Args:
            folder: Path of the project's cache.
            config: `Config` of the project.
        """
        try:
            values = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
            stamp = Stamp(values["paths"], values["digest"])
            if stamp.holds(config, settings_of(config)):
                return cls(stamp, values)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def dataset(self, folder: Path, config: Config) -> Dataset:
        """Return the data set, its pixels mapped into memory.

        Args:
            folder: Path of the project's cache.
            config: `Config` of the project; its test part is read when it is needed.

        Raises:
            OSError: If the pixels are not kept.
            ValueError: If they are damaged.
            KeyError: If the index is damaged.
        """
        values = self.values
        images = np.load(folder / PIXELS_FILE, mmap_mode="r")
        if images.dtype != np.uint8 or len(images) != len(values["labels"]):
            raise ValueError("these are other images")

        def read_test():
            return open_dataset(config).test_part()

        return Dataset(
            values["name"],
            images,
            np.array(values["labels"], np.int64),
            tuple(values["class_names"]),
            read_test if values["has_test"] else None,
            outside=np.array(values["outside"], np.int64),
            files=values["files"],
            test_files=values["test_files"],
            notes=tuple(values["notes"]),
            reading=_reading(values["reading"]),
        )


def settings_of(config: Config) -> dict[str, Any]:
    """Return the settings that the images and their labels depend on."""
    return {"format": FORMAT} | {name: getattr(config, name) for name in SETTINGS}


def keep(folder: Path, config: Config, dataset: Dataset) -> Dataset:
    """Keep a data set on disk, and return it with its pixels mapped into memory.

    If there is no room for the pixels, they stay where they are.

    Args:
        folder: Path of the project's cache, which exists.
        config: `Config` of the project.
        dataset: The data set that it names.
    """
    stamp = Stamp.of(config, settings_of(config))
    reading = dataset.reading
    values = {
        "paths": stamp.paths,
        "digest": stamp.digest,
        "name": dataset.name,
        "labels": dataset.labels.tolist(),
        "outside": dataset.outside.tolist(),
        "class_names": list(dataset.class_names),
        "has_test": dataset.read_test is not None,
        "files": dataset.files,
        "test_files": dataset.test_files,
        "notes": list(dataset.notes),
        "reading": reading
        and {
            "sentences": list(reading.sentences),
            "read": reading.account.read,
            "reasons": {
                reason: [left.count, left.example]
                for reason, left in reading.account.reasons.items()
            },
            "settings": reading.settings,
        },
    }
    with contextlib.suppress(InputError, OSError, ValueError):
        (folder / INDEX_FILE).unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free
        if dataset.images.nbytes <= MAX_SHARE * free:
            _write_pixels(folder / PIXELS_FILE, dataset.images)
            write_json(folder / COUNT_FILE, len(dataset.images))
            write_json(folder / INDEX_FILE, values)
            return Kept(stamp, values).dataset(folder, config)
    return dataset


def count(folder: Path) -> int | None:
    """Return the number of images of a project; None if nobody has opened them yet."""
    try:
        number = json.loads((folder / COUNT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return number if isinstance(number, int) else None


def names_of(dataset: Dataset, place: Path) -> list[str]:
    """Return the names of images: what labels are kept by.

    Args:
        dataset: The data set.
        place: Path of the folder or archive of its files.

    Returns:
        Paths below the place; "image-000012" for images that are no files.
    """
    if not dataset.files:
        return [name_of_row(row) for row in range(len(dataset.images))]
    return [readable(name) for name in names_below(str(place), dataset.files)]


def name_of_row(row: int) -> str:
    """Return the name of an image that is no file."""
    return f"image-{row:06d}"


def readable(name: str) -> str:
    """Return the name of a file as browsers take it: text alone."""
    # Bytes that are no UTF-8 become "\\udcff".
    return name.encode(errors="backslashreplace").decode()


def _write_pixels(path, images):
    """Write an array in chunks, so that one on the disk need not fit into memory."""
    with replaced(path) as partial:
        shape = images.shape
        room = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
        for start in range(0, len(images), CHUNK):
            room[start : start + CHUNK] = images[start : start + CHUNK]
        room.flush()
        del room


def _reading(values):
    """Return how image files were read, from JSON."""
    if values is None:
        return None
    reasons = {reason: Left(*left) for reason, left in values["reasons"].items()}
    account = Account(values["read"], reasons)
    return Reading(tuple(values["sentences"]), account, values["settings"])
