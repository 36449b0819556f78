"""Columns of 0 and 1, of which the one with a 1 names the class."""

from collections.abc import Sequence

from ssvae.data.tables.parse import Table, short
from ssvae.errors import InputError

ONES = frozenset(("1", "1.0", "true", "x"))
_ZEROS = frozenset(("0", "0.0", "false", "", "-1", "-1.0"))
# Rows by which columns are told from others, before all rows are looked at.
_SAMPLE = 1000


def one_hot_columns(table: Table, columns: Sequence[int]) -> tuple[int, ...]:
    """Return the columns that name the class by a 1, () if there are none.

    Args:
        table: The table.
        columns: Numbers of the columns that may hold classes.

    Raises:
        InputError: If rows have a 1 in several of three columns or more: they name
            several classes.
    """
    if not table.has_header or len(columns) < 2:
        return ()
    sample = table.rows[:: max(1, len(table.rows) // _SAMPLE)]
    binary = tuple(n for n in columns if _is_binary([row[n] for row in sample]))
    if len(binary) < 2 or len(binary) < len(columns) / 2:
        return ()
    counts = [len(_ones(row, binary)) for row in table.rows]
    several = sum(count > 1 for count in counts)
    if not several:
        return binary if any(counts) else ()
    if len(binary) < 3 or 2 * sum(map(bool, counts)) < len(counts):
        return ()
    place = next(place for place, count in enumerate(counts) if count > 1)
    names = [repr(short(table.columns[n])) for n in _ones(table.rows[place], binary)]
    raise InputError(
        f"{table.where}: {several:,} of {len(counts):,} rows have a 1 in several "
        f"columns (first: line {table.lines[place]}, {', '.join(names[:3])}); need one "
        "class per image: leave these rows out, or take one column with --label-column"
    )


def class_of(row: Sequence[str], columns: Sequence[int], names: Sequence[str]) -> str:
    """Return the name of the column with a 1, "" if there is none."""
    ones = _ones(row, columns)
    return names[ones[0]] if ones else ""


def _is_binary(cells):
    return {cell.casefold() for cell in cells} <= ONES | _ZEROS


def _ones(row, columns):
    return [n for n in columns if row[n].casefold() in ONES]
