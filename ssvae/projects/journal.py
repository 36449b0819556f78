"""The journal of a project: what people did, one event per line of a file."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssvae.errors import InputError
from ssvae.files.atomic import cannot_write
from ssvae.files.waiting import waited_for

# Bytes before a position that are compared, to notice that the file was replaced.
COMPARED = 64

# One thing that somebody did, as JSON can hold it.
Event = dict[str, Any]


@dataclass(frozen=True)
class Position:
    """A place in the file, after the events that were read.

    Attributes:
        file: Number of the file on its disk.
        offset: Bytes before the place.
        before: The last of these bytes, at most `COMPARED`.
    """

    file: int = 0
    offset: int = 0
    before: bytes = b""


class Journal:
    """Events in the order in which they happened; they are only ever added.

    Threads and processes may write at the same time. A line that was cut, because a
    process was killed or the disk was full, is dropped; so is a line that is damaged.

    Args:
        path: Path of the file, which need not exist; its folder must.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, events: Sequence[Event]) -> None:
        """Write events to the disk; when this returns they are stored.

        Args:
            events: Dicts that JSON can hold.

        Raises:
            InputError: If the file cannot be written.
        """
        with self.writing() as write:
            write(events)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Callable[[Sequence[Event]], None]]:
        """Give a function that writes events; nobody else writes within the block.

        Yields:
            Function of events that stores them.

        Raises:
            InputError: If the file cannot be written.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(waited_for(self.path.with_suffix(".lock")))
            except OSError as error:
                raise cannot_write(self.path, error) from None
            yield self._write

    def read(self) -> list[Event]:
        """Return all events."""
        return self.tail(Position())[0]

    def tail(self, since: Position) -> tuple[list[Event], Position, bool]:
        """Return the events after a position: only these are read and parsed.

        Args:
            since: The position that an earlier call returned.

        Returns:
            The events, the position after them, and whether they follow what was read
            before: if not, the file was replaced and these are all its events.

        Raises:
            InputError: If the file is there and cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                number = os.fstat(file.fileno()).st_ino
                follows = _is_at(file, number, since)
                since = since if follows else Position(number)
                file.seek(since.offset)
                content = file.read()
        except FileNotFoundError:
            return [], Position(), since == Position()
        except OSError as error:
            raise InputError(
                f"cannot read {str(self.path)!r}: {error.strerror}: let this program "
                "read it, or open another project"
            ) from None
        whole = content[: content.rfind(b"\n") + 1]
        before = (since.before + whole)[-COMPARED:]
        position = Position(number, since.offset + len(whole), before)
        return list(_parsed(whole)), position, follows

    def _write(self, events):
        """Append lines, after the last line that is whole; the caller has the lock."""
        lines = "".join(json.dumps(event) + "\n" for event in events).encode()
        if not lines:
            return
        try:
            with open(self.path, "a+b") as file:
                _drop_cut_line(file)
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise cannot_write(self.path, error) from None


def _is_at(file, number, position):
    """Return whether a file holds what was read up to a position."""
    if not position.offset:
        return True
    if number != position.file:
        return False
    file.seek(position.offset - len(position.before))
    return file.read(len(position.before)) == position.before


def _drop_cut_line(file):
    """Remove what follows the last end of a line."""
    end = file.seek(0, os.SEEK_END)
    if not end:
        return
    file.seek(end - 1)
    if file.read(1) == b"\n":
        return
    file.seek(0)
    file.truncate(file.read().rfind(b"\n") + 1)


def _parsed(content):
    """Yield the events of whole lines, without those that are damaged."""
    for line in content.split(b"\n"):
        with contextlib.suppress(ValueError, RecursionError):
            event = json.loads(line)
            if isinstance(event, dict):
                yield event
