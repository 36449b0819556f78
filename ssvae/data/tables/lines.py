"""The lines of a table that may hold cells."""

import re
from collections.abc import Callable
from typing import TypeAlias

IsImage: TypeAlias = Callable[[str], bool]
# Excel may state the separator in the first line.
_EXCEL = re.compile(r"""["']?sep=([^"'\w\n ])["']?""", re.IGNORECASE)
# A line that is one quoted cell with separators within.
_WRAPPED = re.compile(r'"(?=.*[,;|\t])(?:[^"]|"")*"')


def lines_of(text: str, is_image: IsImage) -> tuple[list[str], str]:
    r"""Return the lines of a table, and the separator that the first one states, or "".

    Comments (`#`) become empty lines, so that numbers of lines stay. The first line may
    begin with "#" and be a header all the same: it is kept for the caller to decide.

    Args:
        text: The table, lines end with "\n".
        is_image: Tells whether a cell names an image.
    """
    lines = text.split("\n")
    stated = _EXCEL.fullmatch(lines[0].strip(" "))
    if stated:
        lines[0] = ""
    return _unwrapped(_without_comments(lines, is_image)), stated[1] if stated else ""


def _unwrapped(lines):
    """Take the quotes off lines that are quoted as a whole, as if they were one cell.

    A spreadsheet does so that opened a table with another separator and saved it.
    """
    full = [line for line in lines if line.strip()]
    if 2 * sum(bool(_WRAPPED.fullmatch(line)) for line in full) < len(full):
        return lines
    return [
        line[1:-1].replace('""', '"') if _WRAPPED.fullmatch(line) else line
        for line in lines
    ]


def _without_comments(lines, is_image):
    """Empty the lines that are comments; the first line of all may be a header."""
    began = False
    kept = []
    for line in lines:
        bare = line.lstrip()
        comment = bare.startswith("#") and not _names_image(bare, is_image)
        kept.append("" if comment and began else line)
        began |= bool(bare)
    return kept


def _names_image(line, is_image):
    """Return whether a line that begins with "#" begins with the name of an image."""
    return is_image(re.split(r"[\t;|,]", line, maxsplit=1)[0].strip("\"' "))
