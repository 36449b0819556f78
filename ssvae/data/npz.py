"""Arrays in `.npy` and `.npz` files: pickles and oversized arrays are refused."""

import contextlib
import math
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from ssvae.data.damage import reading, unreadable
from ssvae.errors import InputError

SUFFIXES = frozenset({".npy", ".npz"})
# Largest array of an archive, bytes unpacked. It is read into memory; the array of a
# `.npy` file stays on the disk, and may have any size.
MAX_BYTES = 2**32
# What messages call the content of a file.
ARRAY = "array"


def open_array(path: Path, preferred: Sequence[str]) -> np.ndarray:
    """Return the array of a `.npy` file, or one array of an `.npz` file.

    Args:
        path: Path of the file. A `.npy` file is mapped into memory, not read.
        preferred: Names of arrays. The first that an archive holds is taken; an archive
            of a single array may call it anything.

    Raises:
        InputError: If there is no such array, or it cannot be read.
    """
    if not _is_npy(path):
        return _member(path, _chosen(path, preferred))
    _header(path)
    with reading(path, ARRAY):
        return np.load(path, mmap_mode="r")


def open_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return every array of an `.npz` file by name.

    Raises:
        InputError: If an array cannot be read.
    """
    return {name: _member(path, name) for name in _names(path)}


def num_rows(path: Path, preferred: Sequence[str]) -> int:
    """Return how many rows an array file says it holds, without reading them.

    A file that cannot be read has none; `open_array` says why.

    Args:
        path: Path of the file.
        preferred: See `open_array`.
    """
    try:
        if _is_npy(path):
            shape = open_array(path, preferred).shape
        else:
            shape = _header(path, _chosen(path, preferred))
    except InputError:
        return 0
    return shape[0] if shape else 0


def _is_npy(path):
    return path.suffix.lower() == ".npy"


def _names(path):
    """Return the names of the arrays of an archive."""
    with reading(path, ARRAY), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return [name.removesuffix(".npy") for name in names]


def _member(path, name):
    """Return one array of an archive."""
    _header(path, name)
    with _opened(path, name) as file, reading(path, ARRAY):
        return np.lib.format.read_array(file)


def _header(path, name=None):
    """Return the shape of the array of a `.npy` file, or of one array of an archive.

    Raises:
        InputError: If the array holds Python objects, or is too large to be read.
    """
    with _opened(path, name) as file:
        with reading(path, ARRAY):
            major, _ = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0
            if major == 1
            else np.lib.format.read_array_header_2_0
        )
        with reading(path, ARRAY):
            shape, _, dtype = read(file)
    if dtype.hasobject:
        reason = "it holds Python objects; need numbers or strings"
        raise unreadable(path, ARRAY, reason)
    if min(shape, default=0) < 0:
        raise unreadable(path, ARRAY, f"its shape is {shape}")
    size = math.prod(shape) * max(1, dtype.itemsize)
    if name is not None and size > MAX_BYTES:
        reason = f"{name} has {size:,} bytes, more than {MAX_BYTES:,}; save it as .npy"
        raise unreadable(path, ARRAY, reason)
    return shape


@contextlib.contextmanager
def _opened(path, name) -> Iterator[IO[bytes]]:
    """Open a `.npy` file, or the array `name` of an archive, to read its bytes."""
    file: IO[bytes]
    with contextlib.ExitStack() as stack:
        with reading(path, ARRAY):
            if name is None:
                file = stack.enter_context(open(path, "rb"))
            else:
                archive = stack.enter_context(zipfile.ZipFile(path))
                file = stack.enter_context(archive.open(f"{name}.npy"))
        yield file


def _chosen(path, preferred):
    """Return the name of the array of an archive to take."""
    names = _names(path)
    for name in preferred:
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    reason = (
        f"it holds {', '.join(names) or 'nothing'}; need one array, or one called "
        f"{', '.join(preferred)}"
    )
    raise unreadable(path, ARRAY, reason)
