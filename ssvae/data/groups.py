"""Groups of classes: read from a file, and found among the classes of a data set."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ssvae.config.fields import nearest
from ssvae.errors import InputError
from ssvae.types import PathLike

# First cells of a table's header, in lower case. Its columns may have any order.
_GROUP_WORDS = frozenset("group groups".split())
_CLASS_WORDS = frozenset("class classes label labels member members".split())
NEEDED = (
    "need a CSV file whose rows hold a group and its classes, or a TOML file with "
    'lines like bird = ["crow", "wren"]'
)


def read_groups(path: PathLike) -> dict[str, tuple[str, ...]]:
    """Return the groups of a file, names of classes by the name of the group.

    Args:
        path: Path of a TOML file with a list of classes for each group, or of a CSV
            file. Each row of it holds a group and one class or more; there may be a
            header, and several rows about one group.

    Raises:
        InputError: If the file cannot be read, or a class is in two groups.
    """
    where = f"groups {str(path)!r}"
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InputError(f"{where}: {reason}; {NEEDED}") from None
    if Path(path).suffix.lower() == ".toml":
        pairs = _of_toml(text, where)
    else:
        pairs = _of_csv(text)
    if not pairs:
        raise InputError(f"{where} holds no group: {NEEDED}")
    return _checked(pairs, where)


def _of_toml(text, where):
    """Return pairs of a group and a class."""
    try:
        content: Any = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not TOML: {error}; {NEEDED}") from None
    if list(content) == ["groups"] and isinstance(content["groups"], dict):
        content = content["groups"]
    pairs = []
    for group, classes in content.items():
        if not isinstance(classes, list) or not all(
            isinstance(one, str | int) and not isinstance(one, bool) for one in classes
        ):
            raise InputError(f"{where}: {group!r} has no list of classes; {NEEDED}")
        pairs += [(group.strip(), str(one).strip()) for one in classes]
    return pairs


def _of_csv(text):
    """Return pairs of a group and a class."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [
        [cell.strip() for cell in row]
        for row in csv.reader(text.splitlines(), delimiter=delimiter)
    ]
    rows = [row for row in rows if any(row)]
    place = 0
    head = [cell.casefold() for cell in rows[0]] if rows else []
    if len(head) > 1 and {*head[:2]} & _GROUP_WORDS and {*head[:2]} & _CLASS_WORDS:
        place = 0 if head[0] in _GROUP_WORDS else 1
        rows = rows[1:]
    return [
        (row[place], cell)
        for row in rows
        if len(row) > place
        for number, cell in enumerate(row)
        if number != place and cell
    ]


def _checked(pairs, where):
    """Return pairs as groups, if every class is in one."""
    groups: dict[str, list[str]] = {}
    group_of: dict[str, str] = {}
    for group, one in pairs:
        if not group:
            raise InputError(f"{where}: class {one!r} has no group beside it; {NEEDED}")
        known = group_of.setdefault(one, group)
        if known != group:
            raise InputError(
                f"{where}: class {one!r} is in two groups, {known!r} and {group!r}: "
                "need one group per class"
            )
        if one not in groups.setdefault(group, []):
            groups[group].append(one)
    for group in groups:
        if group in group_of:
            raise InputError(
                f"{where}: {group!r} is a group, and in the group {group_of[group]!r} "
                "too: need classes in groups, and other names for groups than for "
                "classes"
            )
    return {group: tuple(classes) for group, classes in groups.items()}


def group_table(
    groups: Mapping[str, Sequence[str]], class_names: Sequence[str], where: str
) -> np.ndarray:
    """Return which classes each group holds.

    Args:
        groups: What `read_groups` returned.
        class_names: One name per class.
        where: What holds the classes, for messages.

    Returns:
        bool array `(len(groups), num_classes)`.

    Raises:
        InputError: If a group holds an unknown class.
    """
    table = np.zeros((len(groups), len(class_names)), bool)
    for number, (group, classes) in enumerate(groups.items()):
        for one in classes:
            index = place_in(class_names, one)
            if index is None:
                raise InputError(
                    f"group {group!r} holds {one!r}, which is no class of {where}"
                    f"{nearest(one, class_names)}: need some of "
                    f"{', '.join(class_names)}"
                )
            table[number, index] = True
    return table


def place_in(names: Sequence[str], name: str) -> int | None:
    """Return the place of a name among others, None if it is not there.

    If none is the same, the only one that differs in case alone counts.
    """
    if name in names:
        return list(names).index(name)
    alike = [n for n, one in enumerate(names) if one.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None
