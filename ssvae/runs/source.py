"""Where the images of a run are, from wherever it is used."""

import json
import os
from pathlib import Path
from typing import Any

from ssvae.config.settings import Config
from ssvae.data import is_named
from ssvae.errors import InputError

# Settings that hold a path, which was seen from where the training was started.
PATHS = ("dataset", "labels_csv", "data_dir", "groups")
# File of a run folder that keeps these paths as seen from the folder, and their key.
FILE, KEY = "labels.json", "from_here"


def paths_from(folder: Path, config: Config) -> dict[str, str]:
    """Return the relative paths of a config's data as seen from a run folder.

    Args:
        folder: Path of the run folder.
        config: `Config` with paths as seen from the working directory.
    """
    return {
        name: os.path.relpath(path, folder)
        for name, path in _relative(config).items()
        if Path(path).exists()
    }


def located(config: Config, folder: Path) -> Config:
    """Return a run's config with paths that are right from the working directory.

    A path counts as seen from the working directory, and if nothing is there, as seen
    from the run folder.

    Args:
        config: `Config` of the run.
        folder: Path of the run folder.

    Raises:
        InputError: If the images are at neither place.
    """
    seen: dict[str, Any] = {}
    kept = _kept(folder)
    for name, path in _relative(config).items():
        there = folder / kept.get(name, path)
        if Path(path).exists():
            continue
        if not (name in kept and there.exists()):
            places = [Path(path).absolute(), there.absolute()][: 1 + (name in kept)]
            texts = " and at ".join(repr(os.path.normpath(place)) for place in places)
            flag = f"--{name.replace('_', '-')}"
            raise InputError(
                f"{name} {path!r} of the run is not here: looked for it at {texts}; "
                f"{flag} names where it is now"
            )
        seen[name] = os.path.normpath(there)
    return config.replace(**seen)


def _relative(config):
    """Return the settings that hold a relative path."""
    names = PATHS[1:] if is_named(config.dataset) else PATHS
    paths = {name: getattr(config, name) for name in names}
    return {
        name: path
        for name, path in paths.items()
        if path and not Path(path).expanduser().is_absolute()
    }


def _kept(folder):
    """Return the paths that a run folder keeps."""
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {
            name: path
            for name, path in content[KEY].items()
            if name in PATHS and isinstance(path, str)
        }
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}
