"""Which column of a table holds the file, which the class, which the part."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssvae.data.tables.matching import ImageNames
from ssvae.data.tables.missing import is_missing
from ssvae.data.tables.onehot import one_hot_columns
from ssvae.data.tables.parse import Table
from ssvae.data.tables.parts import split_column
from ssvae.data.tables.words import (
    CERTAIN,
    SPLIT,
    file_rank,
    is_box,
    label_rank,
    normal,
)
from ssvae.errors import InputError

# Rows by which columns are chosen; cells, in tables of very many columns.
_ROWS, _CELLS = 400, 100_000
# What a column's rank among words for the class falls by: where it holds one value
# alone, where nearly every row has its own, and where it holds fractions.
_CONSTANT, _UNIQUE, _FRACTIONS = 1000, 2000, 4000
# Values of a column of numbers that may be classes after all.
_FEW = 20


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
    return _label_columns(table, rows, file, split)


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
            _images_named(find, cells, file_rank(table.columns[n]) is not None)
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
    example = f"an image here is {images.names[0]!r}" if images.names else "none here"
    raise InputError(
        f"{table.where}: no column names an image; {table.shown()}; {example}. Need a "
        "column with the images' files: --file-column names it"
    )


def _images_named(find, cells, is_named):
    """Return how many images the cells of a column name.

    Numbers that repeat are no names: an image may be called as a pixel's value is.
    """
    cells = [cell for cell in cells if cell]
    if not is_named and len(set(cells)) < len(cells) and _numbers(cells):
        return 0
    return len({match.image for match in map(find, cells) if match})


def _rank(rank):
    return 10_000 if rank is None else rank


def _label_columns(table, rows, file, split) -> Columns:
    """Return the columns, with the class's by name or content."""
    cells = dict(enumerate(zip(*rows, strict=True)))
    open_columns = [
        n
        for n, name in enumerate(table.columns)
        if n not in (file, split)
        and normal(name) not in SPLIT
        and not normal(name).startswith("unnamed")
        and not (all(map(is_missing, cells[n])) and _is_empty(table, n))
    ]
    ranks = {}
    for n in open_columns:
        rank = label_rank(table.columns[n])
        if rank is None or is_box(table.columns[n], table.columns):
            continue
        doubt = _doubt(cells[n])
        if doubt < _FRACTIONS or normal(table.columns[n]) in CERTAIN:
            ranks[n] = rank + doubt
    if not any(normal(table.columns[n]) in CERTAIN for n in ranks):
        several = one_hot_columns(table, open_columns)
        if several:
            return Columns(file, several, split)
    if not ranks:
        ranks = _by_content(table, cells, open_columns)
    best = min(ranks, key=lambda n: (ranks[n], n))
    others = [n for n in ranks if n != best and ranks[n] < _CONSTANT]
    if any(ranks[n] == ranks[best] for n in others):
        raise _unclear(table, "several columns could hold the class")
    notes = []
    if others:
        listed = ", ".join(table.name(n) for n in others[:4])
        notes.append(
            f"{table.where}: the class was taken from {table.name(best)}, not from "
            f"{listed}: --label-column takes another"
        )
    return Columns(file, (best,), split, notes)


def _is_empty(table, column):
    """Return whether no row has a label in a column."""
    return all(is_missing(row[column]) for row in table.rows)


def _by_content(table, cells, columns):
    """Return the one column that can hold the class, with its doubt."""
    if len(columns) == 1:
        return {columns[0]: 0}
    certain = [n for n in columns if not _doubt(cells[n])]
    texts = [n for n in certain if not _numbers(cells[n])]
    found = texts or certain
    if len(found) == 1:
        others = [n for n in columns if 1 < len(set(cells[n])) <= _FEW]
        return dict.fromkeys(others, _FEW) | {found[0]: 0}
    several = "several columns could hold the class"
    raise _unclear(table, several if columns else "no column has labels")


def _unclear(table, what):
    """Return the error about a table whose class is not clear."""
    return InputError(
        f"{table.where}: {what}; {table.shown()}. Need one: --label-column gives its "
        "name or number"
    )


def _doubt(cells: Sequence[str]) -> int:
    """Return how far the cells of a column are from few repeating values."""
    known = [cell for cell in cells if not is_missing(cell)]
    values = set(known)
    if any(_is_fraction(value) for value in values):
        return _FRACTIONS
    if len(values) > 20 and len(values) > 0.9 * len(known):
        return _UNIQUE
    return _CONSTANT if len(values) < 2 else 0


def _numbers(cells):
    return all(_number(cell) is not None for cell in cells if cell)


def _is_fraction(cell):
    number = _number(cell)
    return number is not None and number % 1 != 0


def _number(cell) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
