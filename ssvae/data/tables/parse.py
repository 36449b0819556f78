"""A table as somebody exported it becomes columns and rows of equal width."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ssvae.data.tables.header import find_header, stacked
from ssvae.data.tables.json_rows import json_rows
from ssvae.data.tables.lines import IsImage
from ssvae.data.tables.separators import Row, rows_of
from ssvae.data.tables.text import text_of
from ssvae.errors import InputError

# Columns of the widest table that is read: beyond, it is no table of labels.
MAX_COLUMNS = 20_000
# Columns and characters of a cell that messages show.
_SHOWN_COLUMNS, _SHOWN_LETTERS = 8, 24


@dataclass
class Table:
    """The columns and rows of a table.

    Attributes:
        where: How messages call the table.
        columns: Name of each column, "" where it has none.
        has_header: Whether the names of the columns stand in the table.
        rows: Cells of each row, as many as columns; "" where a row is too short.
        lines: Line of the file, from 1, in which each row begins.
        notes: What was assumed or left out, one sentence each.
    """

    where: str
    columns: list[str] = field(default_factory=list)
    has_header: bool = False
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def name(self, column: int) -> str:
        """Return what messages call a column: 'species', or column 2."""
        name = self.columns[column]
        return repr(short(name, 40)) if name else f"column {column + 1}"

    def shown(self) -> str:
        """Return the columns and the first row in a few words, for messages."""
        first = _listed(self.rows[0]) if self.rows else "none"
        if not self.has_header:
            return f"it has {len(self.columns)} columns, no header, first row {first}"
        return f"it has the columns {_listed(self.columns)}, first row {first}"


def read_table(content: bytes, where: str, is_image: IsImage) -> Table:
    """Return the columns and rows of a table of any style.

    Encoding, separator, quotes and header are found by content. Tables that stand one
    below another, each with its header, are joined by the names of their columns.

    Args:
        content: The bytes of the table's file: delimited text, or JSON objects.
        where: How messages call the table.
        is_image: Tells whether a cell names an image. It is what separator and header
            are recognised by.

    Raises:
        InputError: If the bytes are no table.
    """
    text, notes = text_of(content, where)
    table = Table(where, notes=notes)
    objects = json_rows(text, where)
    if objects is not None:
        table.columns, rows = objects
        table.has_header = True
        _add(table, [], rows)
        return table
    rows, more = rows_of(text, where, is_image)
    header, rows, said = find_header(rows, where, is_image)
    notes += more + said
    if not header and not rows:
        raise InputError(f"{where} holds no row; need one per image: file and label")
    table.has_header = bool(header)
    wide: list[int] = []
    for part, block in stacked(header, rows, is_image):
        wide += _add(table, part, block)
    if not table.rows and not wide:
        raise InputError(f"{where} holds no row below its header {_listed(header)}")
    _trim(table)
    if len(table.columns) > MAX_COLUMNS:
        raise InputError(f"{where} has {len(table.columns):,} columns: no table")
    _tell_wide(table, wide)
    return table


def _add(table: Table, header: Sequence[str], rows: list[Row]) -> list[int]:
    """Add rows to a table; return the lines of rows with too many cells."""
    if header:
        places = _places(table.columns, header)
        width = len(header)
    else:
        width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
        table.columns = table.columns or [""] * width
        places = list(range(width))
    straight = places == list(range(len(table.columns)))
    wide = []
    for line, cells in rows:
        if len(cells) > width:
            if any(cells[width:]):
                wide.append(line)
                continue
            cells = cells[:width]
        if not straight or len(cells) < width:
            row = [""] * len(table.columns)
            for place, cell in zip(places, cells, strict=False):
                row[place] = cell
            cells = row
        table.rows.append(cells)
        table.lines.append(line)
    return wide


def _places(columns, header):
    """Return which column of the table each name of a header is; new ones are added."""
    free: dict[str, list[int]] = {}
    for place, name in enumerate(columns):
        free.setdefault(name.casefold(), []).append(place)
    places = []
    for name in header:
        known = free.get(name.casefold())
        places.append(known.pop(0) if known else len(columns))
        if not known and places[-1] == len(columns):
            columns.append(name)
    return places


def _trim(table):
    """Make all rows equally wide; leave out columns at the end that hold nothing."""
    width = len(table.columns)
    if not table.has_header or not table.columns[-1]:
        while width > 1 and not table.columns[width - 1]:
            if any(len(cells) >= width and cells[width - 1] for cells in table.rows):
                break
            width -= 1
    del table.columns[width:]
    table.rows = [cells[:width] + [""] * (width - len(cells)) for cells in table.rows]


def _tell_wide(table, wide):
    """Note rows with too many cells; raise `InputError` if no others are left."""
    if not wide:
        return
    if not table.rows:
        raise InputError(
            f"{table.where}: every row has more cells than the header names, which "
            f"are {_listed(table.columns)}; put cells with separators in quotes"
        )
    table.notes.append(
        f"{table.where}: {counted(len(wide), 'row')} left out with more than "
        f"{len(table.columns)} cells (first: line {min(wide)}); put cells with "
        "separators in quotes"
    )


def counted(count: int, noun: str) -> str:
    """Return "1 row is" or "1,203 rows are"."""
    return f"1 {noun} is" if count == 1 else f"{count:,} {noun}s are"


def _listed(cells):
    """Return cells as messages show them: the first few, shortened."""
    shown = ", ".join(repr(short(cell)) for cell in cells[:_SHOWN_COLUMNS])
    more = len(cells) - _SHOWN_COLUMNS
    return f"{shown} and {more} more" if more > 0 else shown


def short(text: str, letters: int = _SHOWN_LETTERS) -> str:
    """Return a text in one line, cut to a number of letters, for messages."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
