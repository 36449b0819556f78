"""A lock on a folder, which the system releases when its process ends."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from ssvae.errors import InputError
from ssvae.types import PathLike

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed anyway.
    fcntl = None  # type: ignore[assignment]  # A module or None.

FILE = "lock"


@contextlib.contextmanager
def locked(folder: Path, name: PathLike) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    The system releases it when the process ends, however it ends.

    Args:
        folder: Path of a folder.
        name: What the error message calls the folder.

    Raises:
        InputError: If another process holds the lock.
    """
    path = folder / FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The last holder may have removed the file after it was opened here.
                if not os.path.samestat(os.fstat(descriptor), os.stat(path)):
                    raise BlockingIOError
            except OSError:
                raise InputError(
                    f"another process trains into {str(name)!r}: wait for its end, or "
                    "name another folder with --out"
                ) from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
