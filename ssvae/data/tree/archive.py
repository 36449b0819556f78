"""Archives of folders, recognised by their content."""

import os
import stat
import zipfile
from pathlib import Path

from ssvae.data.damage import DAMAGE, reading
from ssvae.data.tree.entries import Place
from ssvae.data.tree.kinds import kind_of
from ssvae.data.tree.members import ARCHIVE
from ssvae.data.tree.tars import OPENERS, TarPlace, is_tar_start
from ssvae.data.tree.zips import ZipPlace
from ssvae.errors import InputError
from ssvae.types import PathLike, Say

# First bytes of archives and packings that are read. The second `.zip` is an empty one.
STARTS = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
}
# First bytes of archives that are not read, and their names.
FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x1f\x9d": "compress",
}
# Bytes at the start of a file that are enough to recognise it.
START_BYTES = 512
# Where the first header of a `.zip` file says how long the first name is, and where
# that name begins.
NAME_LENGTH, NAME = 26, 30


def is_archive(path: PathLike) -> bool:
    """Return whether a file is an archive that `open_archive` opens.

    It is decided by the content. A `.npz` file, a `.zip` file of nothing but arrays, is
    none.
    """
    try:
        return bool(_packing(Path(path)))
    except (OSError, ValueError):
        return False


def open_archive(path: PathLike, say: Say | None = None) -> Place:
    """Return the files of an archive.

    Args:
        path: Path of the archive.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If it is no archive, is damaged, or cannot be read.
    """
    path = Path(path)
    with reading(path, ARCHIVE):
        packing, start = _packing(path), _start(path)
    if packing == "zip":
        return ZipPlace(path)
    if packing:
        return TarPlace(path, packing if packing in OPENERS else "", say)
    need = "need a folder, or a .zip, .tar, .tar.gz, .tar.bz2 or .tar.xz file of one"
    for head, name in FOREIGN.items():
        if start.startswith(head):
            raise InputError(f"{str(path)!r} is a {name} archive: unpack it; {need}")
    raise InputError(f"{str(path)!r} is neither a folder nor an archive: {need}")


def _packing(path):
    """Return "zip", "tar", "gzip", "bzip2" or "xz" for an archive, "" for none.

    Raises:
        OSError: If the file cannot be read.
    """
    start = _start(path)
    for head, packing in STARTS.items():
        if not start.startswith(head):
            continue
        if packing == "zip":
            return "" if _holds_arrays(path, start) else packing
        return packing if _holds_tar(path, packing) else ""
    return "tar" if is_tar_start(start) else ""


def _start(path):
    """Return the first bytes of a file; none of what is no file, such as a pipe."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        return b""
    with open(path, "rb") as file:
        return file.read(START_BYTES)


def _holds_arrays(path, start):
    """Return whether a `.zip` file holds arrays alone, as a `.npz` file does."""
    length = int.from_bytes(start[NAME_LENGTH : NAME_LENGTH + 2], "little")
    if not start[NAME : NAME + length].endswith(b".npy"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return all(name.endswith(".npy") for name in archive.namelist())
    except DAMAGE:
        return True


def _holds_tar(path, packing):
    """Return whether a packed file holds a `.tar` archive."""
    try:
        with OPENERS[packing](path) as file:
            return is_tar_start(file.read(START_BYTES))
    except DAMAGE:
        # Opening it says what is wrong with it.
        return kind_of(path.name) == "archive"
