"""The image that each row of a table is about."""

import re
from collections import Counter
from typing import Any

from ssvae.data.tables.matching import WHOLE, ImageNames, Match
from ssvae.data.tables.parse import Table, counted, short
from ssvae.data.tables.words import PARTS
from ssvae.errors import InputError


def match_rows(
    table: Table, file: int, images: ImageNames
) -> tuple[list[Match | None], list[str]]:
    """Return the image of each row, None if there is none or several fit; and notes.

    Args:
        table: The table.
        file: Number of the column of the file.
        images: The images.

    Raises:
        InputError: If several images fit every row.
    """
    cells = [row[file] for row in table.rows]
    found: list[Any] = [images.find(cell) for cell in cells]
    if not any(found):
        found = [images.find_number(cell) for cell in cells]
    for place, match in enumerate(found):
        if match and match.image < 0:
            beside = [cell for n, cell in enumerate(table.rows[place]) if n != file]
            found[place] = images.find(cells[place], beside[:30]) or match
    _drop_other_folders(cells, found)
    notes = _settle(table.where, found, images.names)
    matches = [match if match and match.image >= 0 else None for match in found]
    several = [place for place, match in enumerate(found) if match and match.image < 0]
    if several:
        cell, others = cells[several[0]], found[several[0]].others
        first, second = (images.names[image] for image in others[:2])
        notes.append(_unclear(table.where, len(several), cell, first, second))
    if notes and not any(matches):
        raise InputError(notes[-1])
    return matches, notes


def _unclear(where, count, cell, first, second):
    """Return the note about rows that fit several images."""
    return (
        f"{where}: {counted(count, 'row')} left out as several images fit "
        f"(first: {short(cell, 60)!r}, may be {first!r} or {second!r}); write the "
        "folder before the name in the table"
    )


def _settle(where, found, names):
    """Choose among images that fit equally by the folder that the table is about.

    It is the folder of most other rows, or the part that the table is named after.
    Returns a note if there were such images.
    """
    chosen, example = 0, ""
    settled = Counter(
        _outer(names[match.image], match.depth)
        for match in found
        if match and match.image >= 0 and match.depth < WHOLE
    )
    usual, count = settled.most_common(1)[0] if settled else ("", 0)
    known = count >= 0.9 * sum(settled.values()) > 0
    part = _part(where.rpartition("/")[2])
    for place, match in enumerate(found):
        if not match or match.image >= 0:
            continue
        for kept in (
            [
                n
                for n in match.others
                if known and _outer(names[n], match.depth) == usual
            ],
            [n for n in match.others if part and _part(_outer(names[n], 1)) == part],
        ):
            if len(kept) == 1:
                found[place] = match._replace(image=kept[0])
                example = example or names[kept[0]]
                chosen += 1
                break
    if not chosen:
        return []
    return [
        f"{where}: where several images fit, those in the folders of the table's other "
        f"rows, or of its name, were taken: {chosen:,} rows (first: {example!r})"
    ]


def _outer(name, depth):
    """Return the folders of a path before a number of names at its end."""
    return "/".join(name.split("/")[:-depth])


def _part(text):
    """Return the part that the words of a text name: "train_labels.csv"."""
    parts = {PARTS.get(word) for word in re.split(r"[\W_]+", text.casefold())} - {None}
    return parts.pop() if len(parts) == 1 else ""


def _drop_other_folders(cells, found):
    """Unmatch rows of other folders, where most rows name the folders that are here."""
    agree, differ = 0, []
    for place, match in enumerate(found):
        if match and ("/" in cells[place] or "\\" in cells[place]):
            if match.agrees:
                agree += 1
            else:
                differ.append(place)
    if agree >= len(differ):
        for place in differ:
            found[place] = None
