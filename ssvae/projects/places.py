"""Where the images of a project are, also after it was moved or copied."""

import dataclasses
import os
from pathlib import Path
from typing import Any

from ssvae.config.fields import as_toml
from ssvae.config.settings import Config
from ssvae.data import FILE_SETTINGS, is_named
from ssvae.errors import InputError

# Settings that a project keeps: how its images are read. How they are trained on is
# chosen anew for each model.
SETTINGS = ("dataset", "data_dir", "image_size", "test_fraction", *FILE_SETTINGS)
# Those of them that hold a path.
PATHS = ("dataset", "labels_csv", "data_dir")


def absolute(config: Config) -> dict[str, Any]:
    """Return the settings that a project keeps, with absolute paths."""
    usual = Config()
    stated: dict[str, Any] = {"dataset": config.dataset}
    for name in SETTINGS:
        if getattr(config, name) != getattr(usual, name):
            stated[name] = getattr(config, name)
    for name in PATHS:
        path = stated.get(name)
        if path and not (name == "dataset" and is_named(path)):
            stated[name] = str(Path(path).expanduser().absolute())
    return stated


def check_there(path: str) -> None:
    """Raise `InputError` if there is nothing at a path."""
    if not os.path.exists(path):
        raise InputError(
            f"there are no images at {path!r}: nothing is there; give the folder or "
            "the archive that holds them"
        )


def from_here(stated: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return the relative paths of a project's data as seen from its folder."""
    found = {}
    for name in PATHS:
        path = stated.get(name, "")
        if os.path.isabs(path):
            try:
                found[name] = Path(os.path.relpath(path, folder)).as_posix()
            except ValueError:  # Another drive of Windows.
                continue
    return found


def places_now(config: Config, about: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return the paths of a project's data that are right from here.

    What lies in the project's own folder is looked for there, since the folder may be a
    copy. All else is looked for where it was, and then as seen from the folder.
    """
    kept = about.get("from_here")
    places = {}
    for name, path in (kept if isinstance(kept, dict) else {}).items():
        if name not in PATHS or not isinstance(path, str):
            continue
        there = os.path.normpath(folder.absolute() / path)
        own = not path.startswith("..")
        if own or (os.path.exists(there) and not os.path.exists(getattr(config, name))):
            places[name] = there
    return places


def as_text(stated: dict[str, Any]) -> str:
    """Return settings as TOML, one per line with its meaning."""
    fields = {field.name: field for field in dataclasses.fields(Config)}
    lines = [as_toml(fields[name], value) for name, value in stated.items()]
    return "\n".join(lines) + "\n"
