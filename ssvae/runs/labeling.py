"""Labels that a person adds to those of a run: what to ask for, where they go."""

import csv
import json
import threading
from pathlib import Path

import numpy as np

from ssvae.errors import InputError
from ssvae.files.atomic import write_json
from ssvae.files.tables import Table

SUGGESTIONS_FILE = "to_label.csv"
# Pages of one server are threads of one process.
_WRITING = threading.Lock()


def save_suggestions(path, indices, classes, class_names, files=None):
    """Write suggestions as CSV: an image's index, the class it is taken for, its file.

    Args:
        path: Path of the file to write.
        indices: int array `(k,)`.
        classes: int array `(k,)`.
        class_names: A name a class.
        files: Path of each image of the data set; None where they are no files.
    """
    names = [class_names[index] for index in classes]
    columns = {"index": np.asarray(indices), "taken for": names}
    if files:
        columns["file"] = [files[index] for index in indices]
    with Table(path) as table:
        table.write(columns)


def read_suggestions(run) -> list[int]:
    """Return the indices that a run suggests, the most wanted first; none if none."""
    path = Path(run) / SUGGESTIONS_FILE
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return [int(row["index"]) for row in csv.DictReader(file)]


class LabelsFile:
    """A file for `--labels-file`: a run's labels, then those added, in their order.

    Each change is on the disk before its method returns, and is made to what is there
    by then: another page may have written.

    Args:
        path: Path of the JSON file; begun with the run's labels where there is none.
        run: Path of the run folder.

    Raises:
        InputError: If the file holds something else.
    """

    def __init__(self, path, run):
        self.path = Path(path)
        try:
            with _WRITING:
                if not self.path.exists():
                    self._begin(Path(run) / "labels.json")
            self._read()
            self.added  # noqa: B018
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{str(path)!r} holds no labels that were begun here ({error}): move "
                "it away"
            ) from None

    @property
    def added(self) -> list[tuple[int, int]]:
        """The index and class of each label added, the last one last."""
        start = self._draw["num_given"]
        pairs = zip(self._draw["indices"], self._draw["classes"], strict=True)
        return list(pairs)[start:]

    @property
    def known(self) -> set[int]:
        """Indices of all images that are labeled or were skipped."""
        return {*self._draw["indices"], *self._draw["skipped"]}

    def add(self, index, class_index):
        """Label an image, or label it anew if it was added before."""
        with _WRITING:
            draw = self._without(index)
            draw["indices"].append(int(index))
            draw["classes"].append(int(class_index))
            self._keep(draw)

    def skip(self, index):
        """Set an image aside that cannot be told."""
        with _WRITING:
            draw = self._without(index)
            draw["skipped"].append(int(index))
            self._keep(draw)

    def undo(self) -> int | None:
        """Take back the last label and return its image's index; None if none is."""
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
        """Return the draw that is on the disk, an added image open again."""
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
