"""Unusual images that the newest model of a project found, as questions to people."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from ssvae.config.toml import load_config
from ssvae.data.content import names_below
from ssvae.errors import InputError
from ssvae.projects.actions import act, add_class
from ssvae.projects.images import Images
from ssvae.projects.kept import name_of_row, readable
from ssvae.projects.project import Project
from ssvae.projects.state import NONE, State
from ssvae.runs.unusual import read_unusual

# Part of a group without answer, from which on it is asked about: guesses of a later
# model may have put some of its images right.
STILL_OPEN = 0.5


@dataclass(frozen=True)
class Question:
    """Images that people are asked about.

    Attributes:
        model: Name of the model that found them.
        number: Number of the group, from 1; 0 for single images that are unlike all
            others.
        names: Names of the images that nobody has answered, the strangest first.
        put_aside: Whether they taught the model nothing.
    """

    model: str
    number: int
    names: list[str]
    put_aside: bool

    @property
    def is_group(self) -> bool:
        """Whether the images look like each other, so that one answer is for all."""
        return self.number > 0

    @property
    def sentence(self) -> str:
        """What is asked, for a person."""
        count = len(self.names)
        if self.is_group:
            return (
                f"{count:,} images look like each other and like none of your classes."
            )
        if count == 1:
            return "1 image is unlike all others."
        return f"{count:,} images are unlike all others."


def questions(project: Project, images: Images, state: State) -> list[Question]:
    """Return what the newest model asks, the largest group first, single images last.

    Images that have a label by now, or that people left as they are, are not asked
    about again.

    Args:
        project: The project.
        images: Its images.
        state: What people did so far.
    """
    folders = list(project.models().values())
    rows = _rows_of(folders[-1], images) if folders else []
    known, found = set(images.names), defaultdict(list)
    aside = {}
    for name, row in rows:
        if name in known:
            number = int(row["group"] or 0)
            found[number].append(name)
            aside[number] = row.get("put aside", "yes") == "yes"
    asked = []
    for number, names in found.items():
        still = [n for n in names if n not in state.labels and n not in state.left]
        least = STILL_OPEN * len(names) if number else 0
        if len(still) > least:
            asked.append(Question(folders[-1].name, number, still, aside[number]))
    return sorted(asked, key=lambda one: (not one.is_group, -len(one.names)))


def _rows_of(run: Path, images: Images) -> list[tuple[str, dict[str, str]]]:
    """Return the name of each image in a run's table, and its row."""
    rows = read_unusual(run)
    if not rows:
        return []
    try:
        config = load_config(run / "config.toml")
    except InputError:
        return []
    if "file" in rows[0]:
        names = names_below(config.dataset, [row["file"] for row in rows])
        return list(zip(map(readable, names), rows, strict=True))
    if config.test_fraction or images.dataset.files:
        # Its images have other numbers here.
        return []
    return [(name_of_row(int(row["index"])), row) for row in rows]


def name_them(project: Project, names: list[str], class_name: str) -> None:
    """Give images a class, which is added if there is none of the name.

    Args:
        project: The project.
        names: Names of the images.
        class_name: Name of the class.

    Raises:
        InputError: If a class cannot have the name, or the journal cannot be written.
    """
    known = project.state().class_named(class_name)
    class_id = (known or add_class(project, class_name)).id
    _do(project, {"do": "label", "images": names, "class": class_id})


def none_of_these(project: Project, names: list[str]) -> None:
    """Say of images that they show none of the classes.

    Raises:
        InputError: If the journal cannot be written.
    """
    _do(project, {"do": "label", "images": names, "class": NONE})


def leave(project: Project, names: list[str]) -> None:
    """Leave images as they are: nobody is asked about them again.

    Raises:
        InputError: If the journal cannot be written.
    """
    _do(project, {"do": "leave", "images": names})


def undo(project: Project) -> None:
    """Take back the last thing that anybody did.

    Raises:
        InputError: If the journal cannot be written.
    """
    _do(project, {"do": "undo"})


def _do(project, action):
    act(project, uuid.uuid4().hex, [{"number": 1, **action}])
