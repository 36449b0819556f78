"""Which column of a table holds the class, or which columns of 0 and 1."""

from collections.abc import Container, Iterable, Sequence

from ssvae.data.tables.missing import is_missing
from ssvae.data.tables.onehot import one_hot_columns
from ssvae.data.tables.parse import Table
from ssvae.data.tables.words import CERTAIN, SPLIT, is_box, label_rank, normal
from ssvae.errors import InputError

# What a column's rank among words for the class falls by: where it holds one value
# alone, where nearly every row has its own, and where it holds fractions.
_CONSTANT, _UNIQUE, _FRACTIONS = 1000, 2000, 4000
# Values of a column of numbers that may be classes after all.
_FEW = 20


def class_columns(
    table: Table, rows: Sequence[list[str]], taken: Container[int | None]
) -> tuple[tuple[int, ...], list[str]]:
    """Return the columns that name the class, and a note about others that could.

    The column is known by its name, else by few repeating values. Several columns are
    those of which the one with a 1 names the class.

    Args:
        table: The table.
        rows: Rows by which columns are judged.
        taken: Columns that mean something else.

    Raises:
        InputError: If no column can hold the class, or several.
    """
    cells = dict(enumerate(zip(*rows, strict=True)))
    open_columns = [
        n
        for n, name in enumerate(table.columns)
        if n not in taken
        and normal(name) not in SPLIT
        and not normal(name).startswith("unnamed")
        and not (all(map(is_missing, cells[n])) and _is_empty(table, n))
    ]
    ranks = _by_name(table, cells, open_columns)
    if not any(normal(table.columns[n]) in CERTAIN for n in ranks):
        several = one_hot_columns(table, open_columns)
        if several:
            return several, []
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
    return (best,), notes


def _is_empty(table, column):
    """Return whether no row has a label in a column."""
    return all(is_missing(row[column]) for row in table.rows)


def _by_name(table, cells, columns):
    """Return the columns that are named like a class, with their ranks and doubts."""
    ranks = {}
    for n in columns:
        rank = label_rank(table.columns[n])
        if rank is None or is_box(table.columns[n], table.columns):
            continue
        doubt = _doubt(cells[n])
        if doubt < _FRACTIONS or normal(table.columns[n]) in CERTAIN:
            ranks[n] = rank + doubt
    return ranks


def _by_content(table, cells, columns):
    """Return the one column that can hold the class, with its doubt."""
    if len(columns) == 1:
        return {columns[0]: 0}
    certain = [n for n in columns if not _doubt(cells[n])]
    texts = [n for n in certain if not are_numbers(cells[n])]
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


def are_numbers(cells: Iterable[str]) -> bool:
    """Return whether all cells that hold something hold numbers."""
    return all(_number(cell) is not None for cell in cells if cell)


def _is_fraction(cell):
    number = _number(cell)
    return number is not None and number % 1 != 0


def _number(cell) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
