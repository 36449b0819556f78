"""The column of a table that names the group of an image's class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ssvae.config.fields import nearest
from ssvae.data.groups import place_in
from ssvae.data.tables.columns import Columns
from ssvae.data.tables.missing import is_missing, is_none_of_these
from ssvae.data.tables.parse import Table, short
from ssvae.data.tables.words import CERTAIN, normal
from ssvae.errors import InputError

# Names of the column, in lower case, without blanks and signs.
_NAMES = frozenset(
    "group groups classgroup labelgroup supercategory superclass coarselabel "
    "coarseclass".split()
)
Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Grouped:
    """Rows without a class of which the group of classes is known.

    Attributes:
        names: Name of the group per row; "" where the class is known, or nothing.
        groups: Names of classes by the name of their group, as the rows tell; empty if
            they were stated.
        notes: What a person should look into.
    """

    names: list[str]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def groups_of_rows(
    table: Table,
    columns: Columns,
    rows: Sequence[int],
    classes: Sequence[str],
    stated: Groups,
) -> Grouped:
    """Return the group of each row that has no class.

    Without `stated` groups, the classes of a group are those of the rows that have
    both. A column whose classes are in several groups means something else.

    Args:
        table: The table.
        columns: The columns of the file and of the class.
        rows: Places of the rows.
        classes: Class of each of these rows, "" for none.
        stated: Names of classes by the name of their group; empty for none.

    Raises:
        InputError: If a group is not known, or has no class; or if a row contradicts
            what was stated.
    """
    nothing = Grouped([""] * len(rows))
    column = _column(table, columns)
    if column is None:
        return nothing
    cells = [table.rows[row][column] for row in rows]
    cells = ["" if is_missing(cell) else cell.strip() for cell in cells]
    names = ["" if one else cell for one, cell in zip(classes, cells, strict=True)]
    if not any(names):
        return nothing
    pairs = [
        (row, one, cell)
        for row, one, cell in zip(rows, classes, cells, strict=True)
        # A label that is no class says nothing of its group.
        if cell and not is_none_of_these(one) and place_in(list(stated), one) is None
    ]
    where = f"{table.where}: column {table.name(column)}"
    if stated:
        known = _as_stated(table, where, pairs, stated)
        return Grouped([known.get(name, "") for name in names])
    groups, note = _as_told(table, where, pairs)
    return Grouped(nothing.names, {}, [note]) if note else Grouped(names, groups)


def _column(table, columns):
    """Return the column of the group, None if there is none beside that of the class.

    Where nothing else is sure to be the class, a column of that name may be it.
    """
    taken = {columns.file, *columns.labels, columns.split}
    names = [normal(name) for name in table.columns]
    found = [n for n, name in enumerate(names) if name in _NAMES and n not in taken]
    sure = any(names[n] in CERTAIN for n in columns.labels)
    return found[0] if sure and len(found) == 1 else None


def _as_stated(table, where, pairs, stated):
    """Return the stated name of the group of each cell."""
    options, known = list(stated), {}
    for row, one, cell in pairs:
        place = place_in(options, cell)
        if place is None:
            raise InputError(
                f"{where} has {short(cell)!r} in line {table.lines[row]}, which is no "
                f"group of --groups{nearest(cell, options)}: need some of "
                f"{', '.join(options)}"
            )
        known[cell] = group = options[place]
        if one and place_in(stated[group], one) is None:
            raise InputError(
                f"{where} says in line {table.lines[row]} that {short(one)!r} is in "
                f"the group {group!r}, which holds {', '.join(stated[group])} by "
                "--groups: need the same in both"
            )
    return known


def _as_told(table, where, pairs):
    """Return the classes of each group as rows tell, and why not; "" for no reason."""
    groups: dict[str, tuple[str, ...]] = {}
    group_of: dict[str, str] = {}
    for _, one, cell in pairs:
        if one and group_of.setdefault(one, cell) != cell:
            return {}, (
                f"{where} is not read as groups of classes: {short(one)!r} is in two, "
                f"{short(group_of[one])!r} and {short(cell)!r}"
            )
        if one and one not in groups.get(cell, ()):
            groups[cell] = (*groups.get(cell, ()), one)
    for row, _, cell in pairs:
        if cell not in groups:
            raise InputError(
                f"{where} has {short(cell)!r} in line {table.lines[row]}, but no row "
                f"of this group has a class{nearest(cell, list(groups))}: need one "
                "or more, or --groups with the classes of each group"
            )
        if cell in group_of:
            raise InputError(
                f"{where}: {short(cell)!r} is a group and a class: need other names "
                "for groups than for classes"
            )
    return groups, ""
