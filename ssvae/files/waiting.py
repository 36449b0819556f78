"""A lock between threads and processes that is waited for."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where projects are not shared between processes.
    fcntl = None  # type: ignore[assignment]  # A module or None.


@contextlib.contextmanager
def waited_for(path: Path) -> Iterator[None]:
    """Hold a lock while the block runs; wait until nobody else holds it.

    The system releases it when the process ends, however it ends. A thread that holds
    it must not ask for it again.

    Args:
        path: Path of the lock's file, which is made and stays; its folder must exist.

    Raises:
        OSError: If the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
