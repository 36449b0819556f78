"""The image that each row of a table is about."""

from ssvae.data.tables.matching import ImageNames, Match
from ssvae.data.tables.parse import Table, counted, short
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
    found = list(map(images.find, cells))
    if not any(found):
        found = list(map(images.find_number, cells))
    for place, match in enumerate(found):
        if match and match.image < 0:
            beside = [cell for n, cell in enumerate(table.rows[place]) if n != file]
            found[place] = images.find(cells[place], beside[:30]) or match
    _drop_other_folders(cells, found)
    several = [
        (cell, match.others)
        for cell, match in zip(cells, found, strict=True)
        if match and match.image < 0
    ]
    matches = [match if match and match.image >= 0 else None for match in found]
    if not several:
        return matches, []
    cell, others = several[0]
    first, second = (images.names[image] for image in others)
    note = (
        f"{table.where}: {counted(len(several), 'row')} left out as several images fit "
        f"(first: {short(cell, 60)!r}, may be {first!r} or {second!r}); write the "
        "folder before the name in the table"
    )
    if not any(matches):
        raise InputError(note.replace("left out as", "unclear:", 1))
    return matches, [note]


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
