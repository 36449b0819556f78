"""A place of files: what a folder and an archive have in common."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from ssvae.data.tree.account import Account
from ssvae.errors import InputError


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file of a place.

    Args:
        name: Path below the place, with "/" between folders. Bytes that are no UTF-8
            are kept as Python does it in paths ("surrogateescape").
        size: Size of its content, bytes.
    """

    name: str
    size: int


class Place(Protocol):
    """A folder, or an archive of one, whose files are listed and can be opened.

    Attributes:
        path: Path of the folder or the archive.
        entries: Every regular file, hidden ones too, folder by folder in the order of
            their names.
        account: What is there besides: links that lead nowhere, folders that may not be
            read, devices, members of an archive that are not safe.
        empty: Folders that hold nothing, by name; an archive does not tell of them.
    """

    path: Path
    entries: list[Entry]
    account: Account
    empty: list[str]

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read its bytes, also from several threads at once.

        Raises:
            InputError: If it cannot be read. A damaged file of an archive may also be
                noticed later, by a read of the stream.
        """

    def where(self, name: str) -> str:
        """Return the path of a file as a person would write it, "x.zip/a/b.png"."""


def in_order(entry: Entry) -> list[str]:
    """Return the key that sorts entries folder by folder."""
    return entry.name.split("/")


def cannot_read(path: object, error: Exception) -> InputError:
    """Return the error for a place or a file that the system does not let us read."""
    reason = getattr(error, "strerror", None) or error
    return InputError(f"cannot read {str(path)!r}: {reason}")
