"""A lock that a process holds on a folder while it lives, and no longer."""

import contextlib
import os

from ssvae.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: a file that is open cannot be removed there.
    fcntl = None

FILE = "lock"


@contextlib.contextmanager
def locked(folder, name):
    """Hold the lock of a folder for the length of the block.

    The system gives it back when the process ends, however it ends.

    Args:
        folder: Path of a folder.
        name: What to call it in a message.

    Raises:
        InputError: If another process holds it.
    """
    path = folder / FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever held it may have removed the file since it was opened.
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
