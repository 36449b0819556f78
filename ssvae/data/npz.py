"""Arrays in `.npy` and `.npz` files: never pickles, never more than is bearable."""

import contextlib
import math
import zipfile

import numpy as np

from ssvae.errors import InputError

SUFFIXES = frozenset({".npy", ".npz"})
# Bytes that an array in an archive may unpack to. One in a `.npy` file stays on the
# disk and may have any size.
MAX_BYTES = 2**32


def open_array(path, preferred) -> np.ndarray:
    """Return the array of a `.npy` file, on the disk, or one of an `.npz` file.

    Args:
        path: Path of the file.
        preferred: Names, the first of which that the archive holds is taken; of an
            archive that holds but one array, that one.

    Raises:
        InputError: If there is no such array, or it cannot be read.
    """
    with _reading(path):
        if path.suffix.lower() == ".npy":
            return np.load(path, mmap_mode="r")
        return _member(path, _chosen(_names(path), preferred))


def open_arrays(path) -> dict[str, np.ndarray]:
    """Return every array of an `.npz` file.

    Raises:
        InputError: If it cannot be read.
    """
    with _reading(path):
        return {name: _member(path, name) for name in _names(path)}


def num_rows(path, preferred) -> int:
    """Return how many rows an array file says it holds, without reading them.

    0 if it is not readable.
    """
    try:
        if path.suffix.lower() == ".npy":
            return len(np.load(path, mmap_mode="r"))
        return _header(path, _chosen(_names(path), preferred))[0][0]
    # It is said when the file's turn comes.
    except Exception:
        return 0


@contextlib.contextmanager
def _reading(path):
    """Say in one line what NumPy and zipfile raise for damaged files."""
    try:
        yield
    # It is not to be foreseen.
    except Exception as error:
        reason = str(error) or type(error).__name__
        if "object" in reason.lower():
            reason = "it holds Python objects; need numbers or strings"
        raise InputError(f"{str(path)!r} is no readable array: {reason}") from None


def _names(path):
    with zipfile.ZipFile(path) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def _member(path, name):
    """Return one array of an archive, after a look at its size."""
    shape, dtype = _header(path, name)
    size = math.prod(shape) * dtype.itemsize
    if size > MAX_BYTES:
        raise ValueError(
            f"{name} has {size:,} bytes, more than {MAX_BYTES:,}; save it as .npy"
        )
    with np.load(path) as arrays:
        return arrays[name]


def _header(path, name):
    """Return the shape and dtype of an array of an archive."""
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
        major, _ = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0
            if major == 1
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
    return shape, dtype


def _chosen(names, preferred):
    """Return which array of an archive to take."""
    for name in preferred:
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    raise ValueError(
        f"it holds {', '.join(names) or 'nothing'}; need one array, or one called "
        f"{', '.join(preferred)}"
    )
