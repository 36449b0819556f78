"""A lock on a folder, which the system releases when its process ends."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ssvae.errors import InputError
from ssvae.files.atomic import cannot_write
from ssvae.types import PathLike

FILE = "lock"


@contextlib.contextmanager
def locked(folder: Path, name: PathLike) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    The system releases it when the process ends, however it ends.

    Args:
        folder: Path of a folder.
        name: What the error message calls the folder.

    Raises:
        InputError: If another process holds the lock, or its file cannot be made.
    """
    # Imported here, because few commands train.
    from filelock import FileLock, Timeout

    path = folder / FILE
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(
            f"another process trains into {str(name)!r}: wait for its end, or "
            "name another folder with --out"
        ) from None
    except OSError as error:
        raise cannot_write(name, error, "name another folder with --out") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()
