"""A project: a folder that holds where its images are, what people did, and models."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data import is_named
from ssvae.errors import InputError
from ssvae.files.atomic import new_folder, write_json
from ssvae.projects.following import state_of
from ssvae.projects.journal import Journal
from ssvae.projects.places import (
    absolute,
    as_text,
    check_there,
    from_here,
    places_now,
)
from ssvae.projects.state import State
from ssvae.saving.find import MODEL_FILE
from ssvae.types import Say

if TYPE_CHECKING:
    from ssvae.projects.images import Images

# Files of a project's folder: settings; what it is; what people did.
CONFIG_FILE, ABOUT_FILE, JOURNAL_FILE = "config.toml", "project.json", "journal.jsonl"
# Folders of it: images that were dropped onto the page, run folders, and what is made
# from the images once and can be made again.
IMAGES_FOLDER, MODELS_FOLDER, CACHE_FOLDER = "images", "models", "cache"
# A small picture of some images, for lists of projects.
COVER_FILE = "cover.jpg"
# Format of the folder. It rises when an older ssvae cannot read what this one writes.
FORMAT = 1
# Characters that names of folders cannot have on some system.
FORBIDDEN = '<>:"/\\|?*'
# Characters of a project's name, at most.
MAX_NAME = 80


@dataclass(frozen=True)
class Project:
    """A project, opened by its folder; to open one costs next to nothing.

    Attributes:
        folder: Path of the folder.
        config: How its images are read; paths are right from here. The images may be
            gone: `images` raises then.
    """

    folder: Path
    config: Config

    @classmethod
    def create(cls, parent: Path, name: str, config: Config | None = None) -> Project:
        """Make the folder of a new project.

        Args:
            parent: Path of the folder of all projects; it is made if it is missing.
            name: Name of the project and of its folder.
            config: `Config` that names the images and how they are read; None for
                images that will be dropped onto the page, see `add_uploads`.

        Raises:
            InputError: If the name cannot be taken, or the images are not there.
        """
        folder = parent / checked_name(name, parent)
        own = None if config else Path(IMAGES_FOLDER)
        config = config or Config(dataset=str(folder.absolute() / IMAGES_FOLDER))
        stated = absolute(config)
        if not own and not is_named(config.dataset):
            check_there(stated["dataset"])
        about = {
            "format": FORMAT,
            "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "from_here": from_here(stated, folder),
        }
        with new_folder(folder) as partial:
            if own:
                (partial / own).mkdir()
            (partial / MODELS_FOLDER).mkdir()
            (partial / CONFIG_FILE).write_text(as_text(stated), encoding="utf-8")
            write_json(partial / ABOUT_FILE, about, indent=2)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Return the project of a folder.

        Raises:
            InputError: If it is no project, or a later ssvae made it.
        """
        folder = Path(folder)
        try:
            about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
            number = about.get("format")
        except (OSError, ValueError, AttributeError):
            raise InputError(
                f"{str(folder)!r} is no project: need a folder with {ABOUT_FILE} in it"
                ": choose a project of the list, or make a new one"
            ) from None
        if not isinstance(number, int) or not 1 <= number <= FORMAT:
            raise InputError(
                f"project {folder.name!r}: its format is {number!r}, this ssvae knows "
                f"1 to {FORMAT}: get a newer one"
            )
        config = load_config(folder / CONFIG_FILE)
        return cls(folder, config.replace(**places_now(config, about, folder)))

    @property
    def name(self) -> str:
        """Its name, which is the folder's."""
        return self.folder.name

    @property
    def journal(self) -> Journal:
        """What people did."""
        return Journal(self.folder / JOURNAL_FILE)

    @property
    def cache(self) -> Path:
        """Folder of what is made from the images once; it may be missing."""
        return self.folder / CACHE_FOLDER

    @property
    def holds_uploads(self) -> bool:
        """Whether its images are those that were dropped onto the page."""
        place = self.folder.absolute() / IMAGES_FOLDER
        return Path(self.config.dataset) == place

    def state(self) -> State:
        """Return what people have done so far.

        If nothing happened since the last call, it is the same object.

        Raises:
            InputError: If the journal cannot be read.
        """
        return state_of(self.journal)

    def models(self) -> dict[str, Path]:
        """Return the run folders of its models by name, the oldest first."""
        files = (self.folder / MODELS_FOLDER).glob(f"[!.]*/{MODEL_FILE}")
        found = sorted((file.stat().st_mtime, file.parent) for file in files)
        return {folder.name: folder for _, folder in found}

    def images(
        self,
        say: Say | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Images:
        """Return the images; the first time they are decoded, which takes a while.

        Args:
            say: Function that prints a line about work that takes long.
            progress: Function that is told the share that is done, from 0 to 1.

        Raises:
            InputError: If the images are not there, or cannot be read.
        """
        from ssvae.projects.images import Images

        return Images.open(self, say, progress)


def checked_name(name: str, parent: Path, what: str = "project") -> str:
    """Return the name of a new project or model without blanks around it.

    Args:
        name: What was typed.
        parent: Path of the folder of all projects, or of all models.
        what: What messages call it.

    Raises:
        InputError: If no folder can have the name, or another one has it.
    """
    name = name.strip()
    if not name:
        raise InputError(f"the {what} has no name: type one")
    wrong = sorted({c for c in name if c in FORBIDDEN or not c.isprintable()})
    if wrong or name.startswith(".") or name.endswith(".") or len(name) > MAX_NAME:
        raise InputError(
            f"{what} name {name!r}: need at most {MAX_NAME} characters, none of "
            f"{' '.join(FORBIDDEN)}, and no dot at the ends: choose another"
        )
    if os.path.lexists(parent / name):
        raise InputError(
            f"there is a {what} {name!r} already: open it, or choose another name"
        )
    return name
