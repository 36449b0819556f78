"""Names of classes: as short as a person would write them, in one spelling each."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

from ssvae.data.layout.grids import Path
from ssvae.data.layout.words import STATES, VARIANTS, key_of, words

# Merged spellings that are named; of more, the number is.
MAX_SAID = 3
# Share of the paths, from 0 to 1, that may end alike before all are named with two
# folders.
MAX_ALIKE = 0.1


class Spellings:
    """The spellings of names that are the same but for case and spaces."""

    def __init__(self):
        self._seen: dict[str, dict[str, int]] = defaultdict(dict)

    def add(self, name: str, number: int = 1) -> str:
        """Count a name, and return what it has in common with its other spellings."""
        key = key_of(name)
        seen = self._seen[key]
        seen[name] = seen.get(name, 0) + number
        return key

    def best(self, key: str) -> str:
        """Return the most frequent spelling of a name, without spaces around it."""
        counts = self._seen[key]
        name = min(counts, key=lambda name: (-counts[name], name))
        return " ".join(unicodedata.normalize("NFC", name).split())

    def notes(self, keys: Iterable[str]) -> list[str]:
        """Return a note if some names occur in several spellings."""
        merged = [
            " and ".join(repr(name) for name in sorted(self._seen[key]))
            for key in sorted(keys)
            if len(self._seen[key]) > 1
        ]
        if not merged:
            return []
        more = len(merged) - MAX_SAID
        return [
            f"{'; '.join(merged[:MAX_SAID])} "
            + (f"and {more:,} more " if more > 0 else "")
            + "are one class each, for they differ in case or spaces alone: rename one "
            "of the folders if they are two"
        ]


def short_names(paths: Iterable[Path]) -> dict[Path, Path]:
    """Return the shortest ending of each path that no other path ends with.

    `A/left` and `B/left` keep both folders. If many do, all do, so that `A/top` is
    named like `A/left`. A word such as `healthy` alone says too little.
    """
    paths = list(paths)
    ends = Counter(path[-size:] for path in paths for size in range(1, len(path) + 1))
    alike = sum(ends[path[-1:]] > 1 for path in paths)
    least = 2 if alike > MAX_ALIKE * len(paths) else 1
    short = {}
    for path in paths:
        start = max(least, 2 if _needs_more(path[-1]) else 1)
        sizes = (size for size in range(start, len(path)) if ends[path[-size:]] == 1)
        short[path] = path[-next(sizes, len(path)) :]
    return short


def _needs_more(name):
    """Return whether a name says a state or a variant, but not of what."""
    said = words(name)
    return bool(said) and all(word in STATES or word in VARIANTS for word in said)
