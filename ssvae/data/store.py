"""Room for many images, or their features: in memory, or on the disk if too many."""

import os
import tempfile

import numpy as np
from numpy.typing import DTypeLike

from ssvae.errors import InputError
from ssvae.types import Say

# Largest array of images that is kept in memory, bytes.
MAX_IN_MEMORY = 2**30
# Images that are copied at once.
CHUNK = 10_000


def room_for(
    count: int,
    image_shape: tuple[int, ...],
    say: Say | None = None,
    dtype: DTypeLike = np.uint8,
) -> np.ndarray:
    """Return an array for images or features, whose content is not set yet.

    An array of more than `MAX_IN_MEMORY` bytes is a file in the folder for temporary
    files (`TMPDIR`), mapped into memory. The file has no name, and is gone when the
    array is. The system keeps as much of it in memory as fits.

    Args:
        count: Number of images.
        image_shape: Height, width and channels; or the number of features.
        say: Function that prints a line if the images are kept in a file.
        dtype: Type of the numbers.

    Returns:
        Array `(count, *image_shape)`.

    Raises:
        InputError: If there is no room on the disk.
    """
    shape = (count, *image_shape)
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    if size <= MAX_IN_MEMORY:
        return np.empty(shape, dtype)
    amount = f"{size / 2**30:.1f} GiB of images"
    with tempfile.TemporaryFile() as file:
        try:
            _reserve(file, size)
        except OSError as error:
            raise InputError(
                f"no room for {amount} under {tempfile.gettempdir()}: "
                f"{error.strerror}; make room, or name another folder in TMPDIR"
            ) from None
        if say:
            say(f"{amount}: kept in a file under {tempfile.gettempdir()}.")
        return np.memmap(file, dtype, "r+", shape=shape)


def take(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return a copy of some images, in an array of `room_for`.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        rows: int array `(k,)`, indices of the images.

    Raises:
        InputError: See `room_for`.
    """
    taken = room_for(len(rows), images.shape[1:])
    for start in range(0, len(rows), CHUNK):
        taken[start : start + CHUNK] = images[rows[start : start + CHUNK]]
    return taken


def widened(images: np.ndarray, channels: int, say: Say | None = None) -> np.ndarray:
    """Return grey images with their channel repeated.

    Args:
        images: uint8 array `(n, height, width, 1)`.
        channels: Number of channels of the result.
        say: See `room_for`.

    Raises:
        InputError: See `room_for`.
    """
    wide = room_for(len(images), (*images.shape[1:3], channels), say)
    for start in range(0, len(images), CHUNK):
        wide[start : start + CHUNK] = images[start : start + CHUNK]
    return wide


def _reserve(file, size):
    """Take the file's space on the disk now: to run out of it later is fatal."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        file.truncate(size)
