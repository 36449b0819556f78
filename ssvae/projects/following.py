"""The state of a project, kept in memory while its journal grows."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from pathlib import Path

from ssvae.projects.journal import Journal, Position
from ssvae.projects.replay import Replay
from ssvae.projects.state import State

# Journals whose state is kept in memory: projects that people work on at one time.
MAX_KEPT = 32


@dataclass
class _Kept:
    """The replay of a journal as far as it was read."""

    lock: threading.Lock
    stat: tuple[int, int, int] | None
    position: Position
    replay: Replay
    state: State


def state_of(journal: Journal) -> State:
    """Return the state after all events of a journal.

    What was read before is kept in this process: only new events are read, and if the
    file did not change the same object is returned.

    Args:
        journal: The journal.

    Raises:
        InputError: If the file cannot be read.
    """
    kept = _kept(journal.path.absolute())
    with kept.lock:
        stat = _stat(journal.path)
        if stat != kept.stat or stat is None:
            events, kept.position, follows = journal.tail(kept.position)
            if not follows:
                kept.replay = Replay()
            kept.replay.apply(events)
            kept.stat, kept.state = stat, kept.replay.state()
        return kept.state


@functools.lru_cache(MAX_KEPT)
def _kept(path: Path) -> _Kept:
    return _Kept(threading.Lock(), None, Position(), Replay(), State())


def _stat(path):
    """Return what changes when a file does; None if there is no file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
