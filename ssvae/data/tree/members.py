"""What the members of archives of every format have in common."""

import re
from pathlib import Path
from typing import Any

from ssvae.data.damage import unreadable
from ssvae.data.tree.account import Account
from ssvae.data.tree.entries import Entry, in_order
from ssvae.errors import InputError

# What messages call the file, and a file in it.
ARCHIVE, MEMBER = "archive", "file of an archive"
# Reasons why a member of an archive is left out.
UNSAFE = "unsafe name in an archive"
LINK = "link in an archive"
NO_FILE = "no file, in an archive"
REPEATED = "replaced by a later file of its name"
# Number of members of an archive, at most: each takes about a kilobyte of memory.
MAX_MEMBERS = 1_000_000
# Number of bytes that an archive may always unpack to, and by how much an archive may
# unpack to more than its own size. Images hardly shrink; an archive that shrank more
# was made to fill a disk.
FREE_BYTES, MAX_RATIO = 2**30, 200
DRIVE = re.compile(r"[A-Za-z]:[/\\]")


class Members:
    """The files of an archive by name; the last one of a name counts.

    Args:
        path: Path of the archive.

    Attributes:
        account: The members that were left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.account = Account()
        self._found: dict[str, tuple[int, Any]] = {}

    def add(self, name: str, size: int, how: Any) -> None:
        """Note a file.

        Args:
            name: Its name in the archive.
            size: Its size, bytes.
            how: What is needed to read it.

        Raises:
            InputError: If there are more than `MAX_MEMBERS`.
        """
        safe = safe_name(name)
        if not safe:
            self.account.leave_out(UNSAFE, name)
            return
        if safe in self._found:
            self.account.leave_out(REPEATED, safe)
        self._found[safe] = size, how
        if len(self._found) > MAX_MEMBERS:
            reason = f"it holds more than {MAX_MEMBERS:,} files; unpack it"
            raise unreadable(self.path, ARCHIVE, reason)

    def entries(self) -> list[Entry]:
        """Return the files, sorted."""
        found = [Entry(name, size) for name, (size, _) in self._found.items()]
        return sorted(found, key=in_order)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> tuple[int, Any]:
        """Return size of a file, and what is needed to read it.

        Raises:
            InputError: If there is no such file.
        """
        if name not in self._found:
            raise InputError(f"{str(self.path)!r} holds no file {name!r}")
        return self._found[name]


def safe_name(name: str) -> str:
    """Return the path of a member below the archive; "" if it leads out of it."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or DRIVE.match(name) or ".." in parts:
        return ""
    return "/".join(parts)


def unpacked_limit(size: int) -> int:
    """Return how many bytes an archive of a size may unpack to."""
    return max(FREE_BYTES, MAX_RATIO * size)


def too_much(path: Path, limit: int) -> InputError:
    """Return the error of an archive that unpacks to more than a limit in bytes."""
    reason = (
        f"it unpacks to more than {limit / 2**30:,.1f} GiB, far more than images "
        "shrink; unpack it yourself and give the folder"
    )
    return unreadable(path, ARCHIVE, reason)
