"""The part of an image, train or test, as a column of a table says it."""

from collections.abc import Iterable, Sequence

from ssvae.data.tables.words import PARTS, SPLIT, normal


def split_column(
    columns: Sequence[str], rows: Sequence[list[str]], taken: set[int | None]
) -> int | None:
    """Return the column that says train or test, None if there is none.

    Args:
        columns: Names of the columns.
        rows: Rows by which columns are judged.
        taken: Columns that mean something else.
    """
    for n, name in enumerate(columns):
        if n in taken:
            continue
        cells = {row[n].casefold() for row in rows if row[n]}
        if len(cells) > len(PARTS):
            continue
        found = {_part_of(name, cell) for cell in cells}
        named = normal(name) in SPLIT
        if "" not in found and ((named and found) or {"train", "test"} <= found):
            return n
    return None


def _part_of(header: str, cell: str) -> str:
    """Return "train", "validation" or "test", "" if a cell says none of them.

    Args:
        header: Name of the column: 1 in `is_test` says test.
        cell: The cell.
    """
    header, cell = normal(header), normal(cell)
    if header in ("istrain", "istraining", "istest"):
        true = {"1": True, "true": True, "0": False, "false": False}.get(cell)
        if true is None:
            return ""
        return "test" if true == (header == "istest") else "train"
    return PARTS.get(cell, "")


def parts_of(
    header: str, cells: Iterable[tuple[int, str]], count: int, where: str
) -> tuple[list[str], list[str]]:
    """Return "train", "test" or "" for each image, and what was assumed.

    Args:
        header: Name of the column.
        cells: Numbers of images, each with what the column says about it.
        count: Number of images.
        where: How messages call the table.
    """
    parts = [""] * count
    for image, cell in cells:
        parts[image] = _part_of(header, cell)
    if "validation" not in parts:
        return parts, []
    to = "train" if "test" in parts else "test"
    joined = [to if part == "validation" else part for part in parts]
    word = "joins the training part" if to == "train" else "is the test part"
    return joined, [f"{where}: the validation part {word}"]
