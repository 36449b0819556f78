"""Files of a `.tar` archive, packed or not, read by their positions in it."""

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ssvae.data.damage import reading, unreadable
from ssvae.data.tree.members import (
    ARCHIVE,
    LINK,
    MEMBER,
    NO_FILE,
    Members,
    safe_name,
    too_much,
    unpacked_limit,
)
from ssvae.data.tree.slices import HEAD_BYTES, SharedFile, part_of
from ssvae.data.tree.waiting import Waiting
from ssvae.errors import InputError
from ssvae.types import Say

# Functions that open a packed file to read what is in it, by the name of the packing.
OPENERS: dict[str, Callable[..., Any]] = {
    "gzip": gzip.open,
    "bzip2": bz2.open,
    "xz": lzma.open,
}
# Reasons why a member is left out.
SPARSE = "stored with holes in an archive"
BEHIND = "data behind the end of the archive"
# Bytes that are read and written at a time.
CHUNK = 2**20
# Bytes that are left free on the disk when an archive is unpacked to it.
RESERVE = 2**29
# GNU's type of a folder with a list of what is in it.
DUMPED_FOLDER = b"D"


class TarPlace:
    """The files of a `.tar` archive; see `Place` for its attributes.

    A packed archive is unpacked to a temporary file, which no name leads to and which
    is gone when the place is.

    Args:
        path: Path of the archive.
        packing: "gzip", "bzip2" or "xz"; "" if it is not packed.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If it is damaged, or unpacks to too much.
    """

    def __init__(self, path: Path, packing: str = "", say: Say | None = None) -> None:
        self.path = path
        self._members = Members(path)
        if packing:
            self._file = _unpacked(path, packing, say)
        else:
            with reading(path, ARCHIVE), open(path, "rb") as file:
                self._file = SharedFile(file)
        self._list(Waiting(say))
        self.entries = self._members.entries()
        self.account = self._members.account
        self.empty: list[str] = []

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read its bytes; see `Place`."""
        size, start = self._members[name]
        if size > HEAD_BYTES:
            return io.BufferedReader(part_of(self._file, start, size))
        with reading(self.where(name), MEMBER):
            return io.BytesIO(self._file.read(start, size))

    def where(self, name: str) -> str:
        """Return the path of a file as if the archive were a folder."""
        return f"{self.path}/{name}"

    def _list(self, waiting):
        """Note all members, and that nothing but zeros follows them."""
        whole, at = part_of(self._file, 0, self._file.size), -1
        with reading(self.path, ARCHIVE, tarfile.TarError):
            # It need not be closed: the file is ours.
            tar = tarfile.TarFile(fileobj=whole, encoding="utf-8")
        while True:
            with reading(self.path, ARCHIVE, tarfile.TarError):
                member = tar.next()
            if member is None:
                break
            if member.size < 0 or tar.offset <= at:
                raise unreadable(self.path, ARCHIVE, "a header says a negative size")
            at = tar.offset
            self._add(member)
            share = at / self._file.size
            waiting.tell(lambda: f"Listing the files of {str(self.path)!r}", share)
            # It keeps all members otherwise.
            tar.members.clear()
        self._check_end(tar.offset)

    def _add(self, member):
        """Note a member if it is a file that can be read."""
        name, reason = member.name, NO_FILE
        if member.isdir() or member.type == DUMPED_FOLDER:
            return
        if member.issparse():
            reason = SPARSE
        elif member.isreg():
            self._members.add(name, member.size, member.offset_data)
            return
        elif member.islnk() or member.issym():
            target = safe_name(member.linkname)
            if member.islnk() and target in self._members:
                # Two names of one file on the disk that the archive was made of.
                self._members.add(name, *self._members[target])
                return
            reason = LINK
        self._members.account.leave_out(reason, name)

    def _check_end(self, at):
        """Raise `InputError` if a damaged header ended the list of members."""
        count = len(self._members.entries())
        block = self._file.read(at, tarfile.BLOCKSIZE)
        if any(block):
            reason = f"damaged behind the first {count:,} files"
            raise unreadable(self.path, ARCHIVE, reason)
        while block:
            at += len(block)
            block = self._file.read(at, CHUNK)
            if any(block):
                self._members.account.leave_out(BEHIND, self.path.name)
                return


def is_tar_start(block: bytes) -> bool:
    """Return whether the first 512 bytes of a file are those of a `.tar` archive."""
    if len(block) < tarfile.BLOCKSIZE:
        return False
    if not any(block):
        # An archive of nothing.
        return True
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _unpacked(path, packing, say):
    """Return a temporary file without a name that holds an archive unpacked.

    Raises:
        InputError: If the archive is damaged, unpacks to more than the limit, or the
            disk has no room for it.
    """
    size = path.stat().st_size
    room = shutil.disk_usage(tempfile.gettempdir()).free - RESERVE
    limit, done, waiting = unpacked_limit(size), 0, Waiting(say)
    with tempfile.TemporaryFile() as target, open(path, "rb") as file:
        with reading(path, ARCHIVE), OPENERS[packing](file) as source:
            while chunk := source.read(CHUNK):
                share = file.tell() / size
                waiting.tell(lambda: f"Unpacking {str(path)!r} to read it", share)
                done += len(chunk)
                if done > limit:
                    raise too_much(path, limit)
                if done > room:
                    raise InputError(
                        f"no room to unpack {str(path)!r} in {tempfile.gettempdir()!r}:"
                        " name a folder with more room in TMPDIR, or unpack it yourself"
                    )
                target.write(chunk)
            target.flush()
        return SharedFile(target)
