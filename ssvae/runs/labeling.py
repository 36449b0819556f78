"""Labels that a person adds to a run's: which images to label, and where to."""

import csv
import json
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ssvae.errors import InputError
from ssvae.files.atomic import write_json
from ssvae.files.tables import Table
from ssvae.types import ArrayLike, PathLike

SUGGESTIONS_FILE = "to_label.csv"
# Held while a file is written: all pages of a server are threads of one process.
_WRITING = threading.Lock()


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


class LabelsFile:
    """A file for `--labels-file`: a run's labels, then the added ones in order.

    `add`, `skip` and `undo` read the file again, since another page may have changed
    it, and write the change before they return.

    Args:
        path: Path of the JSON file; if there is none, it is made with the run's labels.
        run: Path of the run folder.

    Raises:
        InputError: If the file does not hold labels of this kind.
    """

    def __init__(self, path: PathLike, run: PathLike):
        self.path = Path(path)
        try:
            with _WRITING:
                if not self.path.exists():
                    self._begin(Path(run) / "labels.json")
            self._read()
            # Raises if a key is missing.
            self.added  # noqa: B018
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{str(path)!r} holds no labels that were added to a run ({error}): "
                "move it away"
            ) from None

    @property
    def added(self) -> list[tuple[int, int]]:
        """Index and class of each added label, in the order of adding."""
        start = self._draw["num_given"]
        pairs = zip(self._draw["indices"], self._draw["classes"], strict=True)
        return list(pairs)[start:]

    @property
    def known(self) -> set[int]:
        """Indices of all images that are labeled or were skipped."""
        return {*self._draw["indices"], *self._draw["skipped"]}

    def add(self, index: int, class_index: int) -> None:
        """Label an image; an added label of the same image is replaced.

        Raises:
            InputError: If the run itself has a label for the image.
        """
        with _WRITING:
            draw = self._without(index)
            draw["indices"].append(int(index))
            draw["classes"].append(int(class_index))
            self._keep(draw)

    def skip(self, index: int) -> None:
        """Note that the class of an image is not clear, so it is not asked for again.

        Raises:
            InputError: If the run itself has a label for the image.
        """
        with _WRITING:
            draw = self._without(index)
            draw["skipped"].append(int(index))
            self._keep(draw)

    def undo(self) -> int | None:
        """Remove the last added label; return its image's index, or None."""
        with _WRITING:
            self._read()
            if not self.added:
                return None
            index, _ = self.added[-1]
            self._keep(self._without(index))
            return index

    def _read(self):
        self._draw = json.loads(self.path.read_text(encoding="utf-8"))

    def _without(self, index):
        """Return the labels in the file without those of one image."""
        self._read()
        draw = json.loads(json.dumps(self._draw))
        start = draw["num_given"]
        if index in draw["indices"][:start]:
            raise InputError(f"image {index} has a label of the run already")
        if index in draw["indices"]:
            place = draw["indices"].index(index)
            del draw["indices"][place], draw["classes"][place]
        draw["skipped"] = [other for other in draw["skipped"] if other != index]
        return draw

    def _keep(self, draw):
        write_json(self.path, draw)
        self._draw = draw

    def _begin(self, given):
        draw = json.loads(given.read_text(encoding="utf-8"))
        self._keep({**draw, "num_given": len(draw["indices"]), "skipped": []})
