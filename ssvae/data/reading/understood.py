"""What is known of the image files of a place before one of them is decoded."""

from dataclasses import dataclass, replace
from pathlib import Path

from ssvae.config.settings import Config
from ssvae.data.pixels.masks import find_masks
from ssvae.data.reading.empty import note_of_empty_folders
from ssvae.data.reading.labeling import Labeling, label_files
from ssvae.data.tree.account import Account
from ssvae.data.tree.entries import Entry, Place
from ssvae.data.tree.kinds import kind_of, reason_of
from ssvae.data.tree.listing import choose, is_archive, open_place
from ssvae.errors import InputError
from ssvae.types import Say

# Kinds of files that may be a table of labels.
TABLES = ("table", "text")


@dataclass(frozen=True)
class Part:
    """The image files of one part, and the class of each; "" for unlabeled."""

    entries: list[Entry]
    classes: list[str]


@dataclass(frozen=True)
class Understood:
    """The image files of a place, and what names and tables say of them.

    Attributes:
        place: The folder or archive.
        entries: The image files to read, in order.
        account: What became of all others.
        labeling: Class and part of each of the image files.
    """

    place: Place
    entries: list[Entry]
    account: Account
    labeling: Labeling

    def part(self, which: str) -> Part:
        """Return the part of a name, "train" or "test"."""
        parts, classes = self.labeling.parts, self.labeling.classes
        rows = [row for row, part in enumerate(parts) if part == which]
        return Part([self.entries[row] for row in rows], [classes[row] for row in rows])


def holds_files(path: Path) -> bool:
    """Return whether a path is that of a folder, an archive or a table."""
    return path.is_dir() or (path.is_file() and (is_table(path) or is_archive(path)))


def is_table(path: Path) -> bool:
    """Return whether a path is that of a table or a list, by its name."""
    return path.is_file() and kind_of(path.name) in TABLES


def understood(path: Path, config: Config, say: Say) -> Understood:
    """Return what is known of the image files below a path before one is decoded.

    Args:
        path: See `load_files`.
        config: `Config`; `FILE_SETTINGS` are read.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If there are no images, or images and labels do not fit together.
    """
    if is_table(path):
        path, config = path.parent, config.replace(labels_csv=str(path))
    place = open_place(path, say)
    chosen, account = choose(place, ("image", *TABLES))
    tables = [entry.name for entry in chosen if kind_of(entry.name) in TABLES]
    entries = [entry for entry in chosen if kind_of(entry.name) not in TABLES]
    masks = find_masks(place.open, [entry.name for entry in entries], say)
    for mask, reason in masks.items():
        account.leave_out(reason, mask)
    entries = [entry for entry in entries if entry.name not in masks]
    if not entries:
        raise InputError(
            f"{str(place.path)!r} holds no images ({account.why_nothing()}): need "
            "one subfolder per class with image files in it, or image files and "
            "--labels-csv"
        )
    names = [entry.name for entry in entries]
    labeling = label_files(place, names, config)
    if note := note_of_empty_folders(place, names, labeling.classes):
        labeling.notes.append(note)
    for table in tables:
        if table in labeling.tables:
            account.count_read()
        else:
            account.leave_out(reason_of(table), table)
    for entry, reason in zip(entries, labeling.reasons, strict=True):
        if reason:
            account.leave_out(reason, entry.name)
    rows = [row for row, part in enumerate(labeling.parts) if part]
    kept = replace(
        labeling,
        classes=[labeling.classes[row] for row in rows],
        parts=[labeling.parts[row] for row in rows],
        reasons=[""] * len(rows),
    )
    return Understood(place, [entries[row] for row in rows], account, kept)
