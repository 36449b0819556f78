"""The labels that a table states for images."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssvae.data.tables.columns import Columns, choose_columns
from ssvae.data.tables.group_column import Groups, groups_of_rows
from ssvae.data.tables.matching import ImageNames
from ssvae.data.tables.onehot import class_of
from ssvae.data.tables.parse import Table, counted, read_table, short
from ssvae.data.tables.parts import parts_of
from ssvae.data.tables.row_images import match_rows
from ssvae.data.tables.spelling import classes_of
from ssvae.errors import InputError


@dataclass(frozen=True)
class TableLabels:
    """What a table says about images.

    Attributes:
        labels: Class of each image, "" if the table states none.
        parts: "train" or "test" for each image, "" where the table says nothing; None
            if it has no column for that.
        named: Whether the table names the image at all, per image.
        sentence: What was understood: the columns, and how many rows fit.
        notes: What a person should look into, each with what changes it.
        group_labels: Group of each image that has no class, "" if the table states
            none.
        groups: Names of classes by the name of their group, where the table tells.
    """

    labels: list[str]
    parts: list[str] | None
    named: list[bool]
    sentence: str
    notes: list[str]
    group_labels: list[str] = field(default_factory=list)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)


def labels_of_table(
    content: bytes,
    where: str,
    names: Sequence[str] | ImageNames,
    *,
    file_column: str = "",
    label_column: str = "",
    table_folder: str = "",
    groups: Groups | None = None,
) -> TableLabels:
    """Return the labels that a table states for images.

    Args:
        content: The bytes of the table's file.
        where: How messages call the table, for example "labels.csv".
        names: Paths of all images below the place, "/" between folders; or their index,
            for several tables about the same images.
        file_column: Name, or number from 1, of the column with the files. "" to find
            it.
        label_column: The same for the classes.
        table_folder: Folder of the table below the place, "" if it is not below it.
        groups: Names of classes by the name of their group, as they are stated.

    Raises:
        InputError: If the bytes are no table, its columns are unclear, no row names an
            image with a label, an image has two labels, or a group is not known.
    """
    index = names if isinstance(names, ImageNames) else ImageNames(names)
    images = index.seen_from(table_folder)
    names = images.names
    table = read_table(content, where, lambda cell: images.find(cell) is not None)
    columns = choose_columns(table, images, file_column, label_column)
    matches, notes = match_rows(table, columns.file, images)
    found = [(row, match) for row, match in enumerate(matches) if match]
    if not found:
        raise _no_image(table, columns, names)
    rows = [row for row, _ in found]
    classes, more = _classes(table, columns, rows)
    grouped = groups_of_rows(table, columns, rows, classes, groups or {})
    # The other column that could be the class is that of the group.
    other = [] if any(grouped.names) else columns.notes
    notes = [*table.notes, *other, *notes, *more, *grouped.notes]
    labels = _labels(table, columns, found, classes, names)
    group_labels = _labels(table, columns, found, grouped.names, names)
    named = [False] * len(names)
    for _, match in found:
        named[match.image] = True
    parts = None
    if columns.split is not None:
        split = columns.split
        cells = ((match.image, table.rows[row][split]) for row, match in found)
        parts, more = parts_of(table.columns[split], cells, len(names), where)
        notes += more
    sentence = _sentence(table, columns, matches, classes.count(""))
    if not all(named):
        sentence += f"; {counted(named.count(False), 'image')} not in it"
    told = labels, parts, named, sentence, notes
    return TableLabels(*told, group_labels, grouped.groups)


def looks_like_labels(
    content: bytes, names: Sequence[str] | ImageNames, table_folder: str = ""
) -> float:
    """Return the share of images that a table would label, 0.0 if it is none.

    Args:
        content: The bytes of a file that may be a table.
        names: Paths of all images below the place, or their index.
        table_folder: Folder of the table below the place.
    """
    try:
        labels = labels_of_table(
            content, "table", names, table_folder=table_folder
        ).labels
    except InputError:
        return 0.0
    return sum(map(bool, labels)) / max(1, len(labels))


def _classes(table, columns, rows):
    """Return the class that each of some rows states, and what was assumed."""
    if len(columns.labels) == 1:
        label = columns.labels[0]
        texts = [table.rows[row][label] for row in rows]
    else:
        names = table.columns
        texts = [class_of(table.rows[row], columns.labels, names) for row in rows]
    column = _column(table, columns)
    classes, notes = classes_of(texts, table.where, column)
    if not any(classes):
        raise InputError(
            f"{table.where}: {column} holds no label for an image; {table.shown()}. "
            "--label-column takes another column"
        )
    return classes, notes


def _labels(table, columns, found, classes, names):
    """Return the label of each image; raise `InputError` if it has two."""
    labels, stated = [""] * len(names), {}
    twice = {}
    for (row, match), label in zip(found, classes, strict=True):
        if not label:
            continue
        image = match.image
        if stated.setdefault(image, row) != row and labels[image] != label:
            twice.setdefault(image, (row, label))
        else:
            labels[image] = label
    if not twice:
        return labels
    image, (row, label) = next(iter(twice.items()))
    first = stated[image]
    files = {table.rows[place][columns.file] for place in (first, row)}
    as_named = (
        f", as {' and '.join(map(repr, sorted(files)))}" if len(files) > 1 else ""
    )
    more = f"; {len(twice):,} images have several" if len(twice) > 1 else ""
    raise InputError(
        f"{table.where}: {names[image]!r} has two labels, {short(labels[image])!r} in "
        f"line {table.lines[first]} and {short(label)!r} in line {table.lines[row]}"
        f"{as_named}{more}; need one class per image"
    )


def _no_image(table, columns, names):
    """Return the error about a column of files that names no image."""
    example = f", like {names[0]!r}" if names else ""
    return InputError(
        f"{table.where}: {table.name(columns.file)} names no image here; "
        f"{table.shown()}; need the files of images{example}: --file-column takes "
        "another column"
    )


def _column(table, columns):
    """Return what messages call the column or columns of the class."""
    if len(columns.labels) == 1:
        name = table.name(columns.labels[0])
        return name if name.startswith("column") else f"column {name}"
    shown = [table.name(n) for n in columns.labels[:3]]
    dots = ", …" if len(columns.labels) > 3 else ""
    return f"a 1 in one of {len(columns.labels)} columns ({', '.join(shown)}{dots})"


def _sentence(table: Table, columns: Columns, matches: list, unlabeled: int) -> str:
    """Return what was understood of a table, in one sentence."""
    total, found = len(matches), sum(match is not None for match in matches)
    header = "" if table.has_header else " (it has no header)"
    text = (
        f"Labels from {table.where}: {_column(table, columns)} names the class and "
        f"{table.name(columns.file)} the file{header}"
    )
    if columns.split is not None:
        text += f", {table.name(columns.split)} the part"
    if found == total:
        rows = f"all {total:,} rows are images" if total > 1 else "its row is an image"
        text += f"; {rows} here"
    else:
        place = next(n for n, match in enumerate(matches) if match is None)
        first = short(table.rows[place][columns.file], 60) or "one without a file"
        verb = "is" if total - found == 1 else "are"
        text += (
            f"; {found:,} of {total:,} rows are images here, {total - found:,} {verb} "
            f"not (first: {first})"
        )
    if unlabeled:
        text += f"; {unlabeled:,} of them without a label"
    return text
