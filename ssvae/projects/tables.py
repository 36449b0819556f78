"""Labels of a project as tables: written, read, and taken from the images' source."""

import csv
import io
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ssvae.data.dataset import UNLABELED
from ssvae.data.tables.labels import labels_of_table
from ssvae.data.tables.missing import NONE_OF_THESE, is_none_of_these
from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.projects.classes import class_event
from ssvae.projects.images import Images
from ssvae.projects.journal import Event
from ssvae.projects.project import Project
from ssvae.projects.state import NONE, ClassOf, State, plain_name
from ssvae.types import PathLike

# Columns of the table.
FILE_COLUMN, LABEL_COLUMN = "file", "label"
# What messages call a table that was given as text.
TEXT = "the table"


def rows_of(state: State, names: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the name of each labeled image, and the name of its class.

    Images that show none of the classes have "none of these" in its place. Those that
    were skipped are not in it.

    Args:
        state: The state of the project.
        names: Names of the images that may be in it, in order; empty for all images
            that have labels, in the order of labeling.
    """
    class_names = {one.id: one.name for one in state.classes} | {NONE: NONE_OF_THESE}
    labels = ((name, state.labels.get(name)) for name in names or state.labels)
    return [(name, class_names[one]) for name, one in labels if one in class_names]


def as_csv(rows: Iterable[tuple[str, str]]) -> str:
    """Return names of images and of their classes as the text of a CSV file."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow((FILE_COLUMN, LABEL_COLUMN))
    table.writerows(rows)
    return file.getvalue()


def write_labels(project: Project, path: PathLike) -> int:
    """Write the labels as a CSV file that `--labels-csv` and `read_labels` read.

    Args:
        project: The project.
        path: Path of the file; one that exists is replaced.

    Returns:
        The number of labels.

    Raises:
        InputError: If the file cannot be written.
    """
    rows = rows_of(project.state())
    with new_file(path, overwrite=True) as partial:
        partial.write_text(as_csv(rows), "utf-8", "surrogateescape", newline="")
    return len(rows)


def read_labels(project: Project, images: Images, table: PathLike | bytes) -> str:
    """Take the classes and labels of a table into a project.

    An image's label of the table replaces the one that it has; undo takes all back.

    Args:
        project: The project.
        images: Its images.
        table: Path of the file, or its content.

    Returns:
        A sentence of what was taken.

    Raises:
        InputError: If it is no table, or none of its rows is about an image here.
    """
    if isinstance(table, bytes):
        content, where = table, TEXT
    else:
        content, where = _content(Path(table)), repr(str(table))
    found = labels_of_table(content, where, images.names)
    given = {
        name: label
        for name, label in zip(images.names, found.labels, strict=True)
        if label
    }
    return take(project, given, found.sentence, replaces=True)


def labels_from_source(project: Project, images: Images) -> str:
    """Take the labels that the images' folders, names or tables state.

    Labels that people gave stay as they are.

    Args:
        project: The project.
        images: Its images.

    Returns:
        A sentence of what was taken.

    Raises:
        InputError: If the source has no labels.
    """
    dataset = images.dataset
    if not len(dataset.labeled):
        raise InputError(
            "the images come without labels: their folders and names tell no classes; "
            "label some, or give a table of labels"
        )
    names = np.array(images.names, object)
    given = {
        names[row]: dataset.class_names[dataset.labels[row]]
        for row in np.flatnonzero(dataset.labels != UNLABELED)
    }
    given |= dict.fromkeys(names[dataset.outside], NONE_OF_THESE)
    sentences = dataset.reading.sentences if dataset.reading else ()
    return take(project, given, next(iter(sentences), ""))


def _content(path):
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read {str(path)!r}: {error.strerror}: give another file"
        ) from None


def take(
    project: Project, given: dict[str, str], source: str, replaces: bool = False
) -> str:
    """Store labels that come from elsewhere as one batch; classes are added.

    Args:
        project: The project.
        given: Dict from the name of an image to the name of its class.
        source: Sentence that says where they come from.
        replaces: Whether labels of the project may change.

    Returns:
        A sentence of what was taken.

    Raises:
        InputError: If a class cannot have its name.
    """
    with project.journal.writing() as write:
        state = project.state()
        if not replaces:
            given = {name: c for name, c in given.items() if name not in state.labels}
        events, ids = _new_classes(state, given.values())
        labels = defaultdict(list)
        changed = 0
        for name, class_name in given.items():
            none = is_none_of_these(class_name)
            label = NONE if none else ids[plain_name(class_name)]
            old = state.labels.get(name)
            changed += old not in (None, label)
            if old != label:
                labels[label].append(name)
        count = sum(map(len, labels.values()))
        if count:
            now = round(time.time())
            write([*events, {"do": "assign", "labels": dict(labels), "time": now}])
    return _sentence(count, len(events), changed, source)


def _new_classes(
    state: State, class_names: Iterable[str]
) -> tuple[list[Event], dict[str, str]]:
    """Return events that add classes that are missing, and every class's id by name."""
    events: list[Event] = []
    for name in dict.fromkeys(class_names):
        if state.class_named(name) is None and not is_none_of_these(name):
            event = class_event(state, name)
            events.append(event)
            one = ClassOf(*(event[key] for key in ("id", "name", "color", "key")))
            state = replace(
                state, classes=[*state.classes, one], num_actions=state.num_actions + 1
            )
    return events, {plain_name(one.name): one.id for one in state.classes}


def _sentence(count, classes, changed, source):
    """Return what was taken, for a person."""
    if not count:
        return "No image got another label: nothing was changed."
    text = f"{count:,} labels were taken" if count > 1 else "1 label was taken"
    if classes:
        text += (
            f" and {classes:,} classes added" if classes > 1 else " and 1 class added"
        )
    if changed:
        text += f"; {changed:,} of these images had another label before"
    return f"{text}. {source.rstrip('.')}." if source else f"{text}."
