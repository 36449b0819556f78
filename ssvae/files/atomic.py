"""Files written whole or not at all."""

import contextlib
import os
from pathlib import Path

from ssvae.errors import InputError


@contextlib.contextmanager
def new_file(path, suffixes, overwrite=False):
    """Give a path to write to; it becomes `path` when the block ends well.

    Args:
        path: Path of the file to be.
        suffixes: The endings it may have, `.csv` and the like.
        overwrite: Whether a file that exists may be replaced.

    Yields:
        Path of a file beside it, with the same ending.

    Raises:
        InputError: If it may not or cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in suffixes:
        raise InputError(
            f"{str(path)!r}: need a name that ends in {' or '.join(suffixes)}"
        )
    if path.exists() and not overwrite:
        raise InputError(
            f"{str(path)!r} exists: name another file, or replace it with --overwrite"
        )
    partial = path.with_name(f".{path.stem}.partial-{os.getpid()}{path.suffix.lower()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"cannot write {str(path)!r}: {reason}") from None
    finally:
        partial.unlink(missing_ok=True)
