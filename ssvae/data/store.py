"""Room for many images: in memory, or in a file where they are too many for it."""

import os
import tempfile

import numpy as np

from ssvae.errors import InputError

# Bytes of images that are kept in memory.
MAX_IN_MEMORY = 2**30
# Images copied at a time.
CHUNK = 10_000


def room_for(count, image_shape, say=None) -> np.ndarray:
    """Return an array for images, to be filled.

    What needs more than `MAX_IN_MEMORY` bytes is a file mapped into memory, in the
    folder for temporary files (`TMPDIR`): it has no name and goes with the array. The
    system keeps in memory what it has room for.

    Args:
        count: Number of images.
        image_shape: Height, width and channels.
        say: Function that prints a line about such a file.

    Returns:
        uint8 array `(count, height, width, channels)`.

    Raises:
        InputError: If there is no room on the disk.
    """
    shape = (count, *image_shape)
    size = int(np.prod(shape, dtype=np.int64))
    if size <= MAX_IN_MEMORY:
        return np.empty(shape, np.uint8)
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
        return np.memmap(file, np.uint8, "r+", shape=shape)


def take(images, rows) -> np.ndarray:
    """Return some images, in `room_for` them.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        rows: int array `(k,)`.

    Raises:
        InputError: See `room_for`.
    """
    taken = room_for(len(rows), images.shape[1:])
    for start in range(0, len(rows), CHUNK):
        taken[start : start + CHUNK] = images[rows[start : start + CHUNK]]
    return taken


def widened(images, channels, say=None) -> np.ndarray:
    """Return grey images with more channels, all of them the same.

    Args:
        images: uint8 array `(n, height, width, 1)`.
        channels: How many.
        say: See `room_for`.

    Raises:
        InputError: See `room_for`.
    """
    wide = room_for(len(images), (*images.shape[1:3], channels), say)
    for start in range(0, len(images), CHUNK):
        wide[start : start + CHUNK] = images[start : start + CHUNK]
    return wide


def _reserve(file, size):
    """Give a file its size on the disk: to run out of it later would be fatal."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        file.truncate(size)
