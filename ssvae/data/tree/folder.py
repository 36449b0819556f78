"""Every file below a folder, whatever the links and permissions in it."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ssvae.data.tree.account import Account
from ssvae.data.tree.entries import Entry, cannot_read, in_order
from ssvae.data.tree.kinds import kind_of, reason_of
from ssvae.data.tree.waiting import Waiting
from ssvae.types import PathLike, Say

# Reasons why something below a place is no readable file.
DEAD_LINK = "link that leads nowhere"
LOOP = "link to a folder above it"
READ_ALREADY = "folder that is read already"
FORBIDDEN_FOLDER = "folder that may not be read"
FORBIDDEN_FILE = "file that may not be read"
NO_FILE = "pipe, socket or device"


class Folder:
    """The files below a folder; see `Place` for its attributes.

    Links to files are files. Links to folders are followed, unless the folder is read
    anyway or lies above the link.

    Args:
        path: Path of the folder.
        entries: Its files; None to find them.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If the folder cannot be read, or nothing in it.
    """

    def __init__(
        self,
        path: PathLike,
        entries: list[Entry] | None = None,
        say: Say | None = None,
    ) -> None:
        self.path = Path(path)
        self.account, self.empty = Account(), []
        if entries is None:
            walk = _Walk(self.path, self.account)
            entries, waiting = [], Waiting(say)
            for entry in walk.entries():
                entries.append(entry)
                waiting.tell(lambda: f"{len(entries):,} files found in {str(path)!r}")
            entries.sort(key=in_order)
            self.empty = walk.empty
        self.entries = entries
        self._refuse_if_all_is_forbidden()

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read its bytes; see `Place`."""
        try:
            return open(os.path.join(self.path, name), "rb")
        except (OSError, ValueError) as error:
            raise cannot_read(self.where(name), error) from None

    def where(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.path / name)

    def _refuse_if_all_is_forbidden(self):
        """Raise `InputError` if the reason that there are no files is permission."""
        forbidden = self.account.reasons.get(FORBIDDEN_FOLDER)
        if forbidden and all(kind_of(entry.name) == "hidden" for entry in self.entries):
            where = self.where(forbidden.example)
            raise cannot_read(where, PermissionError(errno.EACCES, "Permission denied"))


class _Walk:
    """One walk through a folder; what is no regular file goes into an account."""

    def __init__(self, root: Path, account: Account) -> None:
        self.account = account
        # Folders to read: path on the disk, and prefix of the names in them. Links wait
        # until all real folders are read, so that a folder goes by its own name.
        self.folders = [(str(root), "")]
        self.links: list[tuple[str, str]] = []
        # Device and number of the folders that were read, and whether by a link: only
        # then can a real folder be met twice.
        self.seen: set[tuple[int, int]] = set()
        # Folders that hold nothing.
        self.empty: list[str] = []
        self.followed = False

    def entries(self) -> Iterator[Entry]:
        """Yield every regular file, in no order.

        Raises:
            InputError: If the root cannot be read.
        """
        while self.folders or self.links:
            if self.folders:
                yield from self._files(*self.folders.pop())
                continue
            # The first by name, so that the result does not depend on the disk.
            self.links.sort(reverse=True)
            self._follow(*self.links.pop())

    def _files(self, path, prefix):
        """Yield the files of one folder, and note its subfolders and links."""
        try:
            status = os.stat(path)
            with os.scandir(path) as listed:
                items = list(listed)
        except (OSError, ValueError) as error:
            if not prefix:
                raise cannot_read(path, error) from None
            self._leave_out(FORBIDDEN_FOLDER, prefix[:-1])
            return
        if self.followed and (status.st_dev, status.st_ino) in self.seen:
            self._leave_out(READ_ALREADY, prefix[:-1])
            return
        self.seen.add((status.st_dev, status.st_ino))
        if not items and prefix and kind_of(prefix) != "hidden":
            self.empty.append(prefix[:-1])
        for item in items:
            try:
                entry = self._entry(item, prefix + item.name)
            except OSError:
                self._leave_out(FORBIDDEN_FILE, prefix + item.name)
                continue
            if entry:
                yield entry

    def _entry(self, item, name):
        """Return the entry of a regular file; None for what is none, which is noted."""
        if item.is_symlink():
            return self._entry_of_link(item, name)
        if item.is_dir(follow_symlinks=False):
            self.folders.append((item.path, f"{name}/"))
            return None
        status = item.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode):
            return Entry(name, status.st_size)
        self._leave_out(NO_FILE, name)
        return None

    def _entry_of_link(self, item, name):
        """Return the entry of a link to a file; None for another link, noted."""
        try:
            status = os.stat(item.path)
        except PermissionError:
            self._leave_out(FORBIDDEN_FILE, name)
            return None
        except OSError:
            self._leave_out(DEAD_LINK, name)
            return None
        if stat.S_ISREG(status.st_mode):
            return Entry(name, status.st_size)
        if not stat.S_ISDIR(status.st_mode):
            self._leave_out(NO_FILE, name)
        elif kind_of(name) == "hidden":
            # Whatever is behind it would be hidden too.
            self._leave_out("", name)
        else:
            self.links.append((name, item.path))
        return None

    def _follow(self, name, path):
        """Read the folder behind a link, unless it is read anyway."""
        target, here = os.path.realpath(path), os.path.realpath(os.path.dirname(path))
        if here == target or here.startswith(os.path.join(target, "")):
            self._leave_out(LOOP, name)
            return
        self.followed = True
        self.folders.append((path, f"{name}/"))

    def _leave_out(self, reason, name):
        """Count something; what is hidden counts as hidden whatever else it is."""
        hidden = kind_of(name) == "hidden"
        self.account.leave_out(reason_of(name) if hidden else reason, name)
