"""The folder of what is kept for the next run on the same images."""

import os
from pathlib import Path


def folder() -> Path | None:
    """Return the folder: `SSVAE_CACHE`, or one in the user's cache.

    None if that variable is empty or the user has no home; then nothing is kept.
    """
    chosen = os.environ.get("SSVAE_CACHE")
    if chosen is not None:
        return Path(chosen).expanduser() if chosen else None
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "ssvae")
    except RuntimeError:
        return None


def make_room(place: Path, pattern: str, max_bytes: int) -> None:
    """Delete kept files, those used last excepted, until the others are small enough.

    Args:
        place: Path of the folder.
        pattern: Pattern of the files' names. The partial files of killed runs have such
            names too, after a dot.
        max_bytes: Size of all files together, bytes, at most.
    """
    files = [(path.stat(), path) for path in place.glob(pattern)]
    total = 0
    for stat, path in sorted(files, key=lambda file: -file[0].st_mtime):
        total += stat.st_size
        if total > max_bytes:
            path.unlink(missing_ok=True)
