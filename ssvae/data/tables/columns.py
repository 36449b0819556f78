"""Which column of a table holds the file, which the class, which the part."""

from dataclasses import dataclass, field

from ssvae.data.tables.class_columns import are_numbers, class_columns
from ssvae.data.tables.matching import ImageNames
from ssvae.data.tables.parse import Table
from ssvae.data.tables.parts import split_column
from ssvae.data.tables.words import file_rank, normal
from ssvae.errors import InputError

# Rows by which columns are chosen; cells, in tables of very many columns.
_ROWS, _CELLS = 400, 100_000


@dataclass(frozen=True)
class Columns:
    """The columns that mean something, as numbers from 0.

    Attributes:
        file: Column of the file.
        labels: Column of the class; or several, of which the one with a 1 names it.
        split: Column that says train or test, None if there is none.
        notes: Other columns that could hold the class, and the flag that takes them.
    """

    file: int
    labels: tuple[int, ...]
    split: int | None
    notes: list[str] = field(default_factory=list)


def choose_columns(
    table: Table, images: ImageNames, file_column: str = "", label_column: str = ""
) -> Columns:
    """Return the columns of the file, the class and the part.

    The file's column is the one whose cells name most images. The class's column is
    known by its name, else by few repeating values.

    Args:
        table: The table.
        images: The images that it may name.
        file_column: Name, or number from 1, of the file's column. "" to find it.
        label_column: The same for the class.

    Raises:
        InputError: If a column is not found, or several could be meant.
    """
    rows = _sample(table)
    stated = _stated(table, label_column, "--label-column")
    file = _stated(table, file_column, "--file-column")
    if file is None:
        file = _file_column(table, rows, images, stated)
    if file == stated:
        raise InputError(
            f"{table.where}: {table.name(file)} is stated for both the file and the "
            "class; need --file-column and --label-column to differ"
        )
    split = split_column(table.columns, rows, {file, stated})
    if stated is not None:
        return Columns(file, (stated,), split)
    labels, notes = class_columns(table, rows, (file, split))
    return Columns(file, labels, split, notes)


def file_column_of(table: Table, images: ImageNames, file_column: str = "") -> int:
    """Return the column of the file, as a number from 0; see `choose_columns`."""
    stated = _stated(table, file_column, "--file-column")
    if stated is not None:
        return stated
    return _file_column(table, _sample(table), images, None)


def _sample(table):
    """Return rows spread over the table."""
    count = max(20, min(_ROWS, _CELLS // max(1, len(table.columns))))
    return table.rows[:: max(1, len(table.rows) // count)]


def _stated(table, stated, flag) -> int | None:
    """Return the number of the column that a flag states."""
    if not stated:
        return None
    names = table.columns
    for key in (str, str.casefold, normal):
        found = [n for n, name in enumerate(names) if name and key(name) == key(stated)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"{table.where}: {flag} {stated!r} names {len(found)} columns; give "
                f"the number: {', '.join(str(n + 1) for n in found)}"
            )
    if stated.isascii() and stated.isdecimal() and 0 < int(stated[:9]) <= len(names):
        return int(stated[:9]) - 1
    raise InputError(
        f"{table.where}: {flag} {stated!r} is no column; {table.shown()}; give a name "
        "or a number from 1"
    )


def _file_column(table, rows, images, taken):
    """Return the column whose cells name most images."""
    for find in (images.find, images.find_number):
        counts = [
            _images_named(table, n, cells, find)
            for n, cells in enumerate(zip(*rows, strict=True))
        ]
        if taken is not None:
            counts[taken] = 0
        if max(counts):
            enough = 0.8 * max(counts)
            return min(
                (n for n, count in enumerate(counts) if count >= enough),
                key=lambda n: (_rank(file_rank(table.columns[n])), -counts[n], n),
            )
    example = "no image is here"
    if images.names:
        example = f"an image here is {images.names[0]!r}"
    raise InputError(
        f"{table.where}: no column names an image; {table.shown()}; {example}. Need a "
        "column with the images' files: --file-column names it"
    )


def _images_named(table, column, cells, find):
    """Return how many images some cells of a column name.

    Numbers that repeat are no names: an image may be called as a pixel's value is.
    """
    cells = [cell for cell in cells if cell]
    if file_rank(table.columns[column]) is None and are_numbers(cells):
        numbers = [row[column] for row in table.rows]
        if len(set(numbers)) < len(numbers):
            return 0
    return len({match.image for match in map(find, cells) if match})


def _rank(rank):
    return 10_000 if rank is None else rank
