"""Paths of folders from which the levels that are no classes are taken out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ssvae.data.tree.grids import Path
from ssvae.data.tree.nodes import few, images

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
    for group in sorted(set(below) & paths, key=len):
        if group not in levels.current():
            continue
        name = levels.say([group])
        inner = {p for p in levels.current() if p[: len(group)] == group}
        if direct[group] >= MIN_DIRECT * (direct[group] + below[group]):
            levels.replace(dict.fromkeys(inner, group))
            levels.note(
                f"The folder {name!r} holds images and folders: all of it is one "
                "class; --label-from parent makes each folder a class"
            )
        else:
            levels.replace({group: ()})
            levels.note(
                f"{images(direct[group])} directly in {name!r}, beside the class "
                "folders in it, taken as unlabeled: "
                f"--class-depth {len(group)} makes it one class"
            )
