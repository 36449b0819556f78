"""Whether the images of a project are as they were: by sizes and times of the files."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssvae.config.settings import Config
from ssvae.data import holds_files, is_named
from ssvae.data.reading.understood import is_table
from ssvae.data.tree.listing import open_place

# Bytes of a stamp.
DIGEST = 16


@dataclass(frozen=True)
class Stamp:
    """Sizes and times of everything that the images of a project depend on.

    Attributes:
        paths: Files and folders below the place whose sizes and times count. A folder's
            time tells of files that are new in it or gone.
        digest: Digest of these, of the files that are read besides, and of the
            settings.
    """

    paths: list[str]
    digest: str

    @classmethod
    def of(cls, config: Config, settings: dict[str, Any]) -> "Stamp":
        """Return the stamp of the images that a config names, as they are now.

        Args:
            config: `Config` of the project.
            settings: What the images depend on besides.

        Raises:
            InputError: If the folder of the images cannot be read.
        """
        place, paths = place_of(config), []
        if place and place.is_dir() and holds_files(place):
            found = open_place(place)
            names = [entry.name for entry in found.entries]
            above = {"", *found.empty}
            for name in names:
                folder = name.rpartition("/")[0]
                while folder not in above:
                    above.add(folder)
                    folder = folder.rpartition("/")[0]
            paths = [*sorted(above), *names]
        return cls(paths, _digest(config, settings, paths))

    def holds(self, config: Config, settings: dict[str, Any]) -> bool:
        """Return whether nothing has changed; see `of`."""
        return _digest(config, settings, self.paths) == self.digest


def place_of(config: Config) -> Path | None:
    """Return the folder or file of the images; None for a data set known by name."""
    if is_named(config.dataset):
        return None
    path = Path(config.dataset).expanduser()
    return path.parent if is_table(path) else path


def _digest(config: Config, settings: dict[str, Any], paths: Sequence[str]) -> str:
    digest = hashlib.blake2b(
        repr(sorted(settings.items())).encode(), digest_size=DIGEST
    )
    place = place_of(config)
    above = [config.dataset, config.labels_csv] if place else []
    # Text joined as the system does it: path objects take ten times as long.
    for path in [*above, *(f"{place}{os.sep}{name}" for name in paths)]:
        digest.update(_seen(path))
    return digest.hexdigest()


def _seen(path):
    """Return size and time of a file or folder, as bytes; the time alone of folders."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return b"gone"
    return f"{status.st_size},{status.st_mtime_ns};".encode()
