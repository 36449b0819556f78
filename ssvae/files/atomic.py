"""Files and folders written whole or not at all."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ssvae.errors import InputError
from ssvae.types import PathLike


@contextlib.contextmanager
def replaced(path: PathLike, durable: bool = False) -> Iterator[Path]:
    """Give a path to write to; what is written there replaces `path` at the end.

    If the block raises, `path` stays as it was. An `OSError` is passed on.

    Args:
        path: Path of a file, in a folder that exists.
        durable: Whether the file must be on the disk before it replaces `path`, so
            that a power failure leaves one of the two.

    Yields:
        Path of a hidden file in the same folder, with the same ending.
    """
    path = Path(path)
    partial = _hidden(path)
    try:
        yield partial
        if durable:
            with open(partial, "r+b") as file:
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def new_file(
    path: PathLike, suffixes: Sequence[str] = (), overwrite: bool = False
) -> Iterator[Path]:
    """Give a path to write to; what is written there is moved to `path` at the end.

    If the block raises, nothing is left. Folders on the way to `path` are made.

    Args:
        path: Path of the file.
        suffixes: The endings it may have, such as `.csv`; any where none is given.
        overwrite: Whether a file that exists may be replaced.

    Yields:
        Path of a hidden file in the same folder, with the same ending.

    Raises:
        InputError: If the file may not or cannot be written.
    """
    path = Path(path)
    if suffixes and path.suffix.lower() not in suffixes:
        raise InputError(
            f"{str(path)!r}: need a name that ends in {' or '.join(suffixes)}"
        )
    if path.exists() and not overwrite:
        raise InputError(
            f"{str(path)!r} exists: name another file, or replace it with --overwrite"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as partial:
            yield partial
    except OSError as error:
        raise cannot_write(path, error) from None


@contextlib.contextmanager
def new_folder(path: PathLike) -> Iterator[Path]:
    """Give a folder to write into; it becomes `path` at the end.

    If the block raises, nothing is left.

    Args:
        path: Path of a folder that does not exist.

    Yields:
        Path of a hidden folder in the same place.

    Raises:
        InputError: If the folder exists or cannot be written.
    """
    path = Path(path)
    if os.path.lexists(path):
        raise InputError(f"{str(path)!r} exists: name another folder with --out")
    partial = _hidden(path)
    try:
        partial.mkdir(parents=True)
        yield partial
        partial.rename(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_text(path: PathLike, text: str) -> None:
    """Write a text file whole or not at all; one that exists is replaced.

    Raises:
        InputError: If the file cannot be written.
    """
    with new_file(path, overwrite=True) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: PathLike, value: Any, indent: int | None = None) -> None:
    """Write a JSON file whole or not at all; one that exists is replaced.

    Args:
        path: Path of the file.
        value: What `json.dumps` takes.
        indent: Spaces per level; None for one line.

    Raises:
        InputError: If the file cannot be written.
    """
    write_text(path, json.dumps(value, indent=indent) + "\n")


def cannot_write(path: PathLike, error: OSError, advice: str = "") -> InputError:
    """Return the error that tells why a file or folder cannot be written.

    Args:
        path: Path that was to be written.
        error: What the system said.
        advice: What to do, in words.
    """
    reason = error.strerror or str(error).split("\n")[0]
    advice = advice or "name another place, or make room there"
    return InputError(f"cannot write {str(path)!r}: {reason}: {advice}")


def _hidden(path):
    """Return a hidden path next to `path`, which no other process uses."""
    name = f".{path.stem}.partial-{os.getpid()}{path.suffix.lower()}"
    return path.with_name(name)
