"""The class and the part of each image file: from folders, names, and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ssvae.config.settings import Config
from ssvae.data.groups import read_groups
from ssvae.data.layout.layout import Layout, find_layout
from ssvae.data.tables.labels import TableLabels, labels_of_table
from ssvae.data.tables.matching import ImageNames
from ssvae.data.tree.entries import Place
from ssvae.data.tree.kinds import tables_first
from ssvae.errors import InputError

# Largest table that is read without being asked for, bytes, and number of tables that
# are looked into.
MAX_TABLE, MAX_TABLES = 2**26, 50
# Images that such a table must label at least.
MIN_NAMED = 2


@dataclass
class Labeling:
    """What is known of each image file before it is read.

    Attributes:
        classes: Class of each file; "" for unlabeled.
        parts: "train" or "test" for each file; "" for those that are left out.
        reasons: Why a file is left out; "" for those that are not.
        sentences: What was understood.
        notes: What a person should look into, each with what changes it.
        tables: Names of the tables below the place that were used.
        groups: Names of classes by the name of their group, where tables tell. A class
            may then be the name of a group.
    """

    classes: list[str]
    parts: list[str]
    reasons: list[str]
    sentences: list[str]
    notes: list[str]
    tables: list[str] = field(default_factory=list)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)


def label_files(place: Place, names: Sequence[str], config: Config) -> Labeling:
    """Return the class and the part of each image file.

    A table that is stated gives all classes. Without one they come from folders or
    names. Tables that lie beside the images are used where these say nothing.

    Args:
        place: The place of the files.
        names: Names of the image files below it.
        config: `Config`; `labels_csv` and what follows it are read.

    Raises:
        InputError: If the table cannot be read, or settings do not fit together.
    """
    label_from = "folder" if config.label_from == "table" else config.label_from
    layout = find_layout(names, label_from, config.class_depth)
    if config.labels_csv:
        path = Path(config.labels_csv).expanduser()
        name = _inside(place, path)
        content, where = _content(path), f"labels {config.labels_csv!r}"
        folder = name.rpartition("/")[0]
        table = _read(content, where, names, config, folder)
        return _by_tables(layout, [table], [name] if name else [])
    if config.label_from not in ("auto", "table"):
        return _by_layout(layout)
    few = len(set(layout.classes) - {""}) < 2
    untold = [row for row, role in enumerate(layout.roles) if role == "test"]
    untold = [row for row in untold if not layout.classes[row]]
    if config.label_from == "auto" and not few and not untold:
        return _by_layout(layout)
    found = dict(_tables_beside(place, names, config))
    if config.label_from == "table" and not found:
        raise InputError(
            f"label_from: got 'table', but no table in {str(place.path)!r} names "
            "images and their classes: state one with --labels-csv"
        )
    if few or config.label_from == "table":
        return _by_tables(layout, list(found.values()), list(found))
    return _completed(layout, found, untold)


def _by_layout(layout: Layout) -> Labeling:
    """Return what folders and names say."""
    return Labeling(
        layout.classes, layout.parts, layout.reasons, [layout.sentence], layout.notes
    )


def _by_tables(layout, tables: list[TableLabels], names) -> Labeling:
    """Return what tables say, and of the parts and what is left out, the folders."""
    labels = [""] * len(layout.classes)
    parts = [role if role == "test" else "train" for role in layout.roles]
    for table in tables:
        labels = [old or new for old, new in zip(labels, table.labels, strict=True)]
        if table.parts is not None:
            told = zip(parts, table.parts, strict=True)
            parts = [new or old for old, new in told]
    if not set(labels) - {""}:
        return _by_layout(layout)
    groups: dict[str, tuple[str, ...]] = {}
    for table in tables:
        coarse = zip(labels, table.group_labels, strict=True)
        labels = [label or group for label, group in coarse]
        groups |= table.groups
    if not any(p == "train" and c for p, c in zip(parts, labels, strict=True)):
        parts = ["train"] * len(parts)
    known = zip(parts, labels, layout.reasons, strict=True)
    parts = ["" if reason else part if c else "train" for part, c, reason in known]
    sentences = [table.sentence for table in tables]
    if "test" in parts:
        sentences.append(f"Test part: {parts.count('test'):,} images.")
    notes = [note for table in tables for note in table.notes]
    return Labeling(labels, parts, layout.reasons, sentences, notes, names, groups)


def _completed(layout, found: dict[str, TableLabels], untold) -> Labeling:
    """Return what folders say, and of test images without a folder, the tables."""
    labeling = _by_layout(layout)
    classes = set(layout.classes) - {""}
    spelled = {_plain(name): name for name in classes}
    for name, table in found.items():
        rows = [row for row in untold if table.labels[row]]
        told = {row: spelled.get(_plain(table.labels[row])) for row in rows}
        known = [row for row in rows if told[row]]
        # A table about something else names other classes.
        if not rows or len(known) < len(rows) / 2:
            continue
        for row in known:
            labeling.classes[row], labeling.parts[row] = told[row] or "", "test"
        labeling.tables.append(name)
        labeling.sentences.append(
            f"{table.sentence}; {len(known):,} of these images are the test part."
        )
    if labeling.tables:
        left = {row for row in untold if not labeling.classes[row]}
        labeling.notes = [note for note in labeling.notes if note != layout.unclassed]
        if left:
            labeling.notes.append(
                f"{len(left):,} images of the test part have no class: they are "
                "unlabeled images of the training part"
            )
    return labeling


def _plain(name):
    """Return a class name without the zeros before a number: 00016 and 16 are one."""
    return str(int(name)) if name.isdecimal() else name.casefold()


def _tables_beside(place, names, config):
    """Yield the tables in a place that label images, those of most images first."""
    sizes = {entry.name: entry.size for entry in place.entries}
    candidates = [
        name for name in tables_first(list(sizes)) if sizes[name] <= MAX_TABLE
    ]
    images = ImageNames(names)
    found = []
    for name in candidates[:MAX_TABLES]:
        try:
            with place.open(name) as file:
                content = file.read()
            folder = name.rpartition("/")[0]
            table = _read(content, name, images, config, folder)
        except (InputError, OSError):
            continue
        count = sum(map(bool, table.labels))
        # A table that names an image by chance is about something else.
        if count >= MIN_NAMED:
            found.append((count, name, table))
    found.sort(key=lambda item: -item[0])
    yield from ((name, table) for _, name, table in found)


def _read(content, where, names, config, folder):
    """Return the labels of a table, by the columns that the settings state."""
    return labels_of_table(
        content,
        where,
        names,
        file_column=config.file_column,
        label_column=config.label_column,
        table_folder=folder,
        groups=read_groups(config.groups) if config.groups else None,
    )


def _content(path):
    """Return the bytes of a table's file."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"labels {str(path)!r}: {reason}") from None


def _inside(place, path):
    """Return the name of a file below a place; "" if it is not below it."""
    try:
        name = path.resolve().relative_to(place.path.resolve()).as_posix()
    except (ValueError, OSError):
        return ""
    return name
