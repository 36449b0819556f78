"""A lock between threads and processes that is waited for."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

# Seconds after which a lock that was not free is asked for again.
PAUSE = 0.01


@contextlib.contextmanager
def waited_for(path: Path) -> Iterator[None]:
    """Hold a lock while the block runs; wait until nobody else holds it.

    The system releases it when the process ends, however it ends. A thread that holds
    it must not ask for it again.

    Args:
        path: Path of the lock's file, which is made and stays; its folder must exist.

    Raises:
        OSError: If the file cannot be made, or its folder is missing.
    """
    # Imported here, because only the app's projects need it.
    from filelock import FileLock

    # The lock would make a missing folder, such as that of a project that is gone.
    os.stat(path.parent)
    with FileLock(path, poll_interval=PAUSE):
        yield
