"""Paths of folders from which the levels that are no classes are taken out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ssvae.data.layout.grids import Path
from ssvae.data.layout.nodes import few, images

# Share of the images of a folder that lie in it directly, from 0 to 1, from which on it
# is a class, and the folders in it are parts of that class.
MIN_DIRECT = 0.1


@dataclass
class Levels:
    """What is left of paths when the levels that are no classes are taken out.

    Attributes:
        reduced: The folders that name the class, for each path; empty for none.
        spell: Function that returns how a folder's name is written.
        notes: What a person should look into.
    """

    reduced: dict[Path, Path]
    spell: Callable[[str], str] = str
    notes: list[str] = field(default_factory=list)

    def current(self) -> set[Path]:
        """Return the distinct paths that are left."""
        return {path for path in self.reduced.values() if path}

    def say(self, paths: Collection[Path]) -> str:
        """Return the first of some paths for a sentence."""
        return few(sorted("/".join(map(self.spell, path)) for path in paths))

    def depth(self) -> int:
        """Return the number of folders that the longest path has."""
        return max(map(len, self.reduced))

    def note(self, text: str) -> None:
        """Add a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def replace(self, new: dict[Path, Path]) -> None:
        """Set something else for some of the paths that are left."""
        for path, left in self.reduced.items():
            self.reduced[path] = new.get(left, left)


def settle_groups(levels: Levels, counts: dict[Path, int]) -> None:
    """Decide on folders that hold images and the folders of other classes."""
    paths = levels.current()
    direct: dict[Path, int] = {}
    for path, left in levels.reduced.items():
        direct[left] = direct.get(left, 0) + counts[path]
    below: dict[Path, int] = {}
    for path in paths:
        for at in range(1, len(path)):
            below[path[:at]] = below.get(path[:at], 0) + direct[path]
    whole: set[Path] = set()
    loose: set[Path] = set()
    for group in sorted(set(below) & paths, key=len):
        if not _outer(group, whole):
            few_direct = direct[group] < MIN_DIRECT * (direct[group] + below[group])
            (loose if few_direct else whole).add(group)
    new = {
        path: _outer(path, whole) or (() if path in loose else path) for path in paths
    }
    levels.replace(new)
    if whole:
        levels.note(
            f"Folders that hold images and folders, {levels.say(whole)}, are one class "
            "with all in them: --label-from parent makes each folder a class"
        )
    if loose:
        number = images(sum(direct[group] for group in loose))
        levels.note(
            f"{number} directly in {levels.say(loose)}, beside class folders, taken as "
            f"unlabeled: --class-depth {max(map(len, loose))} makes it one class"
        )


def note_uneven(levels: Levels) -> None:
    """Add a note if some classes lie beside the one folder that holds all others."""
    paths = levels.current()
    deep = {path[:1] for path in paths if len(path) > 1}
    beside = {path for path in paths if len(path) == 1}
    if len(deep) == 1 and beside:
        name = levels.say(deep)
        levels.note(
            f"Taken as classes beside {name!r}, which holds the other classes: "
            f"{levels.say(beside)}; move them away if they are none, or "
            f"--class-depth 1 makes {name!r} one class too"
        )


def _outer(path, groups):
    """Return the outermost of some groups that a path lies in; () for none."""
    found = (path[:at] for at in range(1, len(path)) if path[:at] in groups)
    return next(found, ())
