"""What a data set holds, as text for people: one screen, the most important first."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

# Characters of a line.
WIDTH = 88
# Classes up to which each gets a line of its own, and classes that are shown at most.
ONE_PER_LINE, MAX_CLASSES = 10, 48
# Spaces between the columns of classes.
GAP = 3


def as_text(counts: dict[str, Any], notes: list[str]) -> str:
    """Return the counts of `report` and what to look into, as lines of text.

    Args:
        counts: What `report` returned.
        notes: What `warnings` returned for it.
    """
    height, width, channels = counts["image_shape"]
    size = f"{width}x{height} pixels, {'grey' if channels == 1 else 'color'}"
    test = counts["num_test"]
    parts = [
        f"{counts['name']}: {counts['num_images']:,} images of {size}",
        f"{counts['num_labeled']:,} labeled in {len(counts['classes']):,} classes, "
        f"{counts['num_unlabeled']:,} unlabeled; "
        + ("no test part" if test is None else f"{test:,} test images"),
    ]
    if counts["num_coarse"]:
        parts.append(f"{counts['num_coarse']:,} labeled with a group of classes")
    if counts["num_outside"]:
        parts.append(f"{counts['num_outside']:,} labeled with none of the classes")
    lines = parts + wrapped(counts["understood"]) + _files(counts["files"])
    if notes:
        notes = [f"{note.rstrip('.')}." for note in notes]
        lines += ["", *wrapped(notes, "Note: ")]
    if counts["classes"]:
        lines += ["", *_classes(counts["classes"], test is not None)]
    return "\n".join(lines)


def _files(account):
    """Return how many files were found and read, and what was left out."""
    if account is None:
        return []
    total, read = account["read"] + account["left_out"], account["read"]
    if not account["left_out"]:
        return [f"{total:,} files, all of them read"]
    return [f"{total:,} files, {read:,} of them read", *account["lines"]]


def wrapped(texts: Sequence[str], mark: str = "") -> list[str]:
    """Return texts in lines of `WIDTH` characters.

    Args:
        texts: The texts.
        mark: What stands before each.
    """
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            mark + text,
            WIDTH,
            subsequent_indent=" " * len(mark),
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _classes(classes, with_test):
    """Return the number of labels of each class, several classes in a line if many."""
    head = "labeled" + (" + test images" if with_test else "")
    shown = dict(list(classes.items())[:MAX_CLASSES])
    cells = [(name, _numbers(part, with_test)) for name, part in shown.items()]
    names = max(5, *(len(name) for name, _ in cells))
    numbers = max(len(number) for _, number in cells)
    column = names + 1 + numbers + GAP
    fit = 1 if len(cells) <= ONE_PER_LINE else max(1, WIDTH // column)
    rows = math.ceil(len(cells) / fit)
    lines = [f"{'class':{names}} {head}"]
    for row in range(rows):
        line = "".join(
            f"{name:{names}} {number:>{numbers}}{' ' * GAP}"
            for name, number in cells[row::rows]
        )
        lines.append(line.rstrip())
    if len(classes) > len(shown):
        more = len(classes) - len(shown)
        lines.append(f"and {more:,} more classes: --json names all of them")
    return lines


def _numbers(part, with_test):
    """Return the counts of a class."""
    return f"{part['labeled']:,}" + (f" + {part['test']:,}" if with_test else "")
