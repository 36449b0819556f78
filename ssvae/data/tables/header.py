"""The names of a table's columns, where they stand in it."""

import re
from collections import Counter
from collections.abc import Iterator

from ssvae.data.tables.lines import IsImage
from ssvae.data.tables.separators import Row
from ssvae.data.tables.words import file_rank, is_class_word

# Rows by which it is decided whether there is a header.
_SAMPLE = 200
_IMAGE_FILE = re.compile(
    r"\.(png|jpe?g|jfif|gif|bmp|tiff?|webp|avif|hei[cf]|p[gpbn]m|dcm)$", re.IGNORECASE
)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


def find_header(
    rows: list[Row], where: str, is_image: IsImage
) -> tuple[list[str], list[Row], list[str]]:
    """Return the header, [] if there is none, the rows below it, and notes.

    Args:
        rows: All rows of the table.
        where: How messages call the table.
        is_image: Tells whether a cell names an image.
    """
    notes: list[str] = []
    widths = Counter(len(cells) for _, cells in rows)
    widest = max(widths, key=widths.__getitem__, default=0)
    for place, (line, cells) in enumerate(rows[:3]):
        named = any(map(is_image, filter(None, cells)))
        if cells[0].startswith("#") and not named:
            cells = [cells[0].lstrip("# "), *cells[1:]]
            if any(map(_is_word, cells)):
                return cells, rows[place + 1 :], notes
            continue
        if widest < 2 or named or any(cells[1:]):
            below = rows[place + 1 :]
            if _is_header(cells, below, is_image):
                return cells, below, notes
            return [], rows[place:], notes
        notes.append(f"{where}: line {line} is no row and is left out")
    return [], rows[3:], notes


def _is_header(cells, rows, is_image):
    """Return whether a row holds the names of columns."""
    named_file = any(file_rank(cell) is not None for cell in cells)
    named_class = any(map(is_class_word, cells))
    if named_file and named_class:
        return True
    if any(_is_file(cell, is_image) for cell in cells):
        return False
    numbers = any(_NUMBER.fullmatch(cell) for cell in cells)
    if named_file or (named_class and not numbers):
        return True
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    found = sum(any(is_image(cell) for cell in cells if cell) for _, cells in sample)
    # pandas names the columns of a series "" and "0".
    few = not numbers or not cells[0]
    return few and bool(sample) and found * 2 >= len(sample)


def _is_word(cell):
    return file_rank(cell) is not None or is_class_word(cell)


def _is_file(cell, is_image):
    return bool(cell) and (bool(_IMAGE_FILE.search(cell)) or is_image(cell))


def stacked(
    header: list[str], rows: list[Row], is_image: IsImage
) -> Iterator[tuple[list[str], list[Row]]]:
    """Yield the header and rows of each table of those that stand one below another."""
    if not header:
        yield [], rows
        return
    names = frozenset(map(str.casefold, header))
    block: list[Row] = []
    for line, cells in rows:
        again = cells[0].casefold() in names and names == {*map(str.casefold, cells)}
        if again or _heads_another(cells, is_image):
            yield _fitted(header, block, is_image), block
            header, block = cells, []
        else:
            block.append((line, cells))
    yield _fitted(header, block, is_image), block


def _heads_another(cells, is_image):
    """Return whether a row amid others is the header of a table with other columns."""
    return (
        any(map(is_class_word, cells))
        and any(file_rank(cell) is not None for cell in cells)
        and not any(_NUMBER.fullmatch(c) or _is_file(c, is_image) for c in cells)
    )


def _fitted(header, rows, is_image):
    """Return a header with a name for each cell, where rows have one more.

    R writes no name above the names of rows.
    """
    if not header or not rows:
        return header
    width = len(header)
    longer = sum(len(cells) == width + 1 and bool(cells[-1]) for _, cells in rows)
    if longer < 0.9 * len(rows):
        return header
    named = any(file_rank(name) is not None for name in header)
    if named and any(is_image(cells[0]) for _, cells in rows[:_SAMPLE]):
        return header
    return ["", *header]
