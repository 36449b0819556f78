"""Lines become rows: the separator and the quotes that make sense of a table."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from ssvae.data.tables.lines import IsImage, lines_of
from ssvae.errors import InputError

# In the order in which they are preferred where several divide the rows equally well:
# decimal commas stand in tables of semicolons, blanks in names and labels of any.
SEPARATORS = ("\t", ";", "|", ",", " ", "first blank", "last blank")
# Lines by which the separator is chosen.
_SAMPLE = 60
# Columns that are searched for files meanwhile.
_COLUMNS = 40
# A line of its own after the last: an open quote swallows it.
_END = "\x02"
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Style:
    """How the cells of a row are divided.

    Attributes:
        separator: One of `SEPARATORS`, or the character that the file itself states.
        quote: The quotation mark around cells, "" for none.
    """

    separator: str
    quote: str


def rows_of(text: str, where: str, is_image: IsImage) -> tuple[list[Row], list[str]]:
    r"""Return the rows of a text, each with its line's number, and what was assumed.

    Empty lines and comments (`#`) are left out. The first line may begin with "#" and
    be a header all the same: it is kept for the caller to decide.

    Args:
        text: The table, lines end with "\n".
        where: How messages call the table.
        is_image: Tells whether a cell names an image.

    Raises:
        InputError: If the rows cannot be divided.
    """
    lines, stated = lines_of(text, is_image)
    separators = (stated,) if stated else SEPARATORS
    sample = [line for line in lines if line.strip()][:_SAMPLE]
    styles = [
        Style(separator, quote)
        for separator in separators
        for quote in _quotes(sample, separator)
    ]
    style = max(styles, key=lambda style: _score(sample, style, is_image))
    return _with_quotes(lines, style, where, is_image)


def _with_quotes(lines, style, where, is_image):
    """Return the rows, without quotes where these do not pair; and a note about it."""
    try:
        rows, closed = _divided(lines, style)
    except csv.Error:
        rows, closed = [], False
    plain = Style(style.separator, "")
    if closed and style.quote and not _swallows(rows, lines, plain, is_image):
        return rows, []
    try:
        rows, _ = _divided(lines, plain)
    except csv.Error as error:
        raise InputError(
            f"{where} is no table: {error}; need a row per image: its file and label"
        ) from None
    bare = [(line, [_bare(cell) for cell in row]) for line, row in rows]
    note = f"{where}: quotation marks do not pair; they are left out"
    return bare, [note] if bare != rows else []


def _quotes(sample, separator):
    """Return the quotation marks that may stand around cells, "" for none."""
    blank = separator == " " or len(separator) > 1
    edge = "[ \t]" if blank else f"{re.escape(separator)} *"
    found = [
        quote
        for quote in "\"'"
        if any(re.search(f"(?:^|{edge}){quote}", line.strip()) for line in sample)
    ]
    # The usual mark stands for "no quotes found" as well, as it may come later.
    return [*(found if '"' in found else ['"', *found]), ""]


def _divided(lines, style) -> tuple[list[Row], bool]:
    """Return the rows, and whether all quotes were closed at the end."""
    if "blank" in style.separator:
        if max(map(len, lines), default=0) > csv.field_size_limit():
            raise csv.Error(f"a line has more than {csv.field_size_limit()} letters")
        split = str.split if style.separator == "first blank" else str.rsplit
        cells = ((n, split(line.strip(), None, 1)) for n, line in enumerate(lines, 1))
        return [(n, row) for n, row in cells if row], True
    separator = style.separator
    if separator == " ":
        lines = (re.sub(r"[ \t]+", " ", line.strip()) for line in lines)
    if style.quote == '"':
        lines = (line.replace('\\"', '""') if "\\" in line else line for line in lines)
    reader = csv.reader(
        (f"{line}\n" for line in (*lines, _END)),
        delimiter=separator,
        quotechar=style.quote or None,
        quoting=csv.QUOTE_MINIMAL if style.quote else csv.QUOTE_NONE,
        skipinitialspace=separator not in " \t",
    )
    rows, start, last = [], 1, []
    for row in reader:
        last = [cell.strip() for cell in row]
        if any(last) and last != [_END]:
            rows.append((start, last))
        start = reader.line_num + 1
    return rows, last == [_END]


def _score(sample, style, is_image):
    """Return how well a style divides some lines: files found, then even rows."""
    try:
        rows = [row for _, row in _divided(sample, style)[0]]
    except csv.Error:
        return (-1.0,)
    if not rows:
        return (-1.0,)
    width, even = Counter(map(len, rows)).most_common(1)[0]
    named = _found(rows, is_image)
    blank = "blank" in style.separator or style.separator == " "
    order = SEPARATORS.index(style.separator) if style.separator in SEPARATORS else 0
    return (
        round(named, 1),
        width > 1,
        not blank,
        round(even / len(sample), 1),
        -order,
        "\"'".find(style.quote) == 0,
        bool(style.quote),
    )


def _found(rows: Sequence[list[str]], is_image: IsImage) -> float:
    """Return the largest share of rows that name an image in one column."""
    counts: Counter[int] = Counter()
    for row in rows:
        for column, cell in enumerate(islice(row, _COLUMNS)):
            if cell and is_image(cell):
                counts[column] += 1
    return max(counts.values(), default=0) / len(rows)


def _swallows(rows, lines, plain, is_image):
    """Return whether quotes hide rows: without them more cells name images."""
    if not any("\n" in cell for _, row in rows for cell in row):
        return False
    others = [row for _, row in _divided(lines, plain)[0]]
    quoted = [row for _, row in rows]
    found, without = _found(quoted, is_image), _found(others, is_image)
    return without * len(others) > found * len(quoted)


def _bare(cell):
    """Return a cell without quotes around it."""
    cell = cell.strip('" ')
    if len(cell) > 1 and cell[0] == cell[-1] == "'":
        return cell[1:-1].strip()
    return cell
