"""Folders that repeat in every other folder: which level names the classes."""

import re
from collections.abc import Collection

from ssvae.data.layout.words import HOLDERS, STATES, VARIANTS, words

# Share of all pairs of an outer and an inner name that must occur, from 0 to 1. The
# lower one holds if the names of one level already look like variants or numbers.
MIN_FULL, MIN_FULL_HINTED = 0.95, 0.6
# One level must have so many times the names of the other to be taken as the classes.
MIN_RATIO = 1.5
# Words with a number may be sources unless they are so many times more than the others.
MAX_RATIO = 2
# Single letters up to so many are a count of sources, A to F, rather than an alphabet.
MAX_LETTERS = 6

Path = tuple[str, ...]


def judge_grid(paths: Collection[Path], cut: int) -> str:
    """Return which part of paths is repeated for each of the other part.

    Args:
        paths: Distinct paths of at least two folders each, outermost first.
        cut: Where the paths are cut in two: 1 behind the first folder, -1 before the
            last.

    Returns:
        "outer" if the outer part is no class (`site1/cat`, `site2/cat`), "inner" if the
        inner part is none (`cat/left`, `dog/left`), "both" if both repeat and nothing
        says which is the class, "" if nothing repeats.
    """
    outer = {path[:cut] for path in paths}
    inner = {path[cut:] for path in paths}
    if len(outer) < 2:
        return ""
    if len(inner) == 1:
        return "inner"
    # A level of many more names is hardly a count of sources: Sample001 to Sample062.
    counts = len(outer), len(inner)
    hints = (
        _is_hinted(outer, counts[0] > MAX_RATIO * counts[1]),
        _is_hinted(inner, counts[1] > MAX_RATIO * counts[0]),
    )
    full = len(paths) / (len(outer) * len(inner))
    sure = _is_hinted(outer, sure=True) != _is_hinted(inner, sure=True)
    if full < (MIN_FULL_HINTED if sure and hints[0] != hints[1] else MIN_FULL):
        return ""
    if hints[0] != hints[1]:
        return "outer" if hints[0] else "inner"
    said = {word for path in paths for word in words(path[-1])}
    if hints[0] or said & STATES:
        return "both"
    if len(inner) >= MIN_RATIO * len(outer):
        return "outer"
    return "inner" if len(outer) >= MIN_RATIO * len(inner) else "both"


def _is_hinted(parts, sure=False):
    """Return whether the names of a level look like numbers or variants.

    Args:
        parts: The paths of the level.
        sure: Whether words before the numbers do not count: characters may be numbered.
    """
    if any(len(part) > 1 for part in parts):
        return False
    names = [part[0] for part in parts]
    numbered = all(name.isdigit() for name in names) if sure else _is_numbered(names)
    return numbered or all(
        words(name)
        and all(w in VARIANTS or w in HOLDERS or w.isdigit() for w in words(name))
        for name in names
    )


def _is_numbered(names):
    """Return whether names differ in a number alone, or are the first few letters."""
    if all(len(name) == 1 and name.isalpha() for name in names):
        return len(names) <= MAX_LETTERS
    numbers = [re.findall(r"\d+", name) for name in names]
    return all(numbers) and len({re.sub(r"\d+", "0", name) for name in names}) == 1
