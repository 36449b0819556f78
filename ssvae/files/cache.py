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
