"""Which levels of nested folders are the classes."""

import re
from collections.abc import Callable, Collection

from ssvae.data.layout.grids import Path, judge_grid
from ssvae.data.layout.reduced import Levels, note_uneven, settle_groups
from ssvae.data.layout.words import no_class, without_holders


def find_levels(counts: dict[Path, int], spell: Callable[[str], str] = str) -> Levels:
    """Return the class folders among the folders of images.

    By default the innermost folders are the classes. Folders named like sources, and
    names that repeat in every other folder, are not.

    Args:
        counts: Number of images that lie directly in each path of folders.
        spell: Function that returns how a folder's name is written.
    """
    levels = Levels({path: path for path in counts}, spell)
    # Each step takes at least one level out of all paths, or is the last.
    for _ in range(max(map(len, counts), default=0)):
        if not (
            _drop_inner_sources(levels)
            or _drop_single(levels)
            or _drop_outer_sources(levels)
            or _drop_repeated(levels)
        ):
            break
    settle_groups(levels, counts)
    note_uneven(levels)
    return levels


def cut_levels(paths: Collection[Path], depth: int) -> Levels:
    """Return the first folders of each path, as many as a person states."""
    return Levels({path: path[:depth] for path in paths})


def _drop_inner_sources(levels):
    """Take out folders in a class named like sources; return whether there are any."""
    inside = _inside(levels.current())
    dropped = {
        prefix
        for prefix, names in inside.items()
        if prefix and all(no_class(name) for name in names)
    }
    if not dropped:
        return False
    levels.replace(
        {
            path: tuple(
                name for at, name in enumerate(path) if path[:at] not in dropped
            )
            for path in levels.current()
        }
    )
    names = {name for prefix in dropped for name in inside[prefix]}
    if all(no_class(name) == "holder" for name in names):
        return True
    levels.note(
        f"The folders {levels.say([(name,) for name in names])} inside the class "
        "folders are taken as sources, not as classes: --label-from parent makes them "
        "the classes"
    )
    return True


def _drop_single(levels):
    """Take out a folder alone in another one, beside which lie classes; as above.

    In `cat/more` beside `dog` the class is the cat; in `Veg/Leek` beside `Fruit/Fig`
    and `Fruit/Pear` it is the leek.
    """
    paths = levels.current()
    inside = _inside(paths)
    parents_of_classes = {path[:-1] for path in paths if path not in inside}
    alone = {
        prefix
        for prefix, names in inside.items()
        if len(names) == 1 and prefix and prefix not in paths
    }
    alone = {prefix for prefix in alone if prefix[:-1] in parents_of_classes}
    if alone:
        levels.replace(
            {
                path: tuple(
                    name for at, name in enumerate(path) if path[:at] not in alone
                )
                for path in paths
            }
        )
    return bool(alone)


def _drop_outer_sources(levels):
    """Take out outer folders all named like sources; return whether there are any."""
    paths = levels.current()
    names = {path[0] for path in paths}
    if not paths or any(len(path) < 2 for path in paths) or not _are_sources(names):
        return False
    levels.replace({path: path[1:] for path in paths})
    if len(names) > 1:
        levels.note(
            f"The outer folders {levels.say([(name,) for name in names])} are taken as "
            "sources, not as classes: --class-depth 1 makes them the classes"
        )
    return True


def _drop_repeated(levels):
    """Take out a level that repeats in the other; return whether there is one."""
    paths = levels.current()
    if not paths or any(len(path) < 2 for path in paths):
        return False
    cuts = (1, -1) if any(len(path) > 2 for path in paths) else (1,)
    judged = [(cut, judge_grid(paths, cut)) for cut in cuts]
    for cut, found in judged:
        if found in ("outer", "inner"):
            _drop_part(levels, paths, cut, found)
            return True
    if any(found == "both" for _, found in judged):
        levels.note(
            f"The folders {levels.say({path[-1:] for path in paths})} repeat in each "
            f"of {levels.say({path[:1] for path in paths})}: every pair is taken as a "
            "class; --class-depth 1 takes the outer folders, --label-from parent the "
            "inner ones"
        )
    return False


def _drop_part(levels, paths, cut, which):
    """Take the outer or the inner part of all paths out, and say so."""
    kept = {path: path[cut:] if which == "outer" else path[:cut] for path in paths}
    gone = {path[:cut] if which == "outer" else path[cut:] for path in paths}
    levels.replace(kept)
    if len(gone) == 1:
        return
    names, depth = levels.say(gone), levels.depth()
    levels.note(
        f"The outer folders {names} hold the same folders each, which are the classes: "
        "--class-depth 1 makes the outer ones the classes, "
        f"--class-depth {depth} every pair"
        if which == "outer"
        else f"The folders {names} repeat in every class folder and are not taken as "
        "classes: --label-from parent makes them the classes, "
        f"--class-depth {depth} every pair of outer and inner folder"
    )


def _are_sources(names):
    """Return whether the names of outer folders say that they are no classes."""
    if all(no_class(name) not in ("", "case") for name in names):
        return True
    # casting_data and casting_512x512; but not s1 and s2, which differ in numbers.
    left = {without_holders(name) for name in names}
    return (
        len(names) > 1
        and len(left) == 1
        and left != {()}
        and len({re.sub(r"\d+", "0", name) for name in names}) > 1
    )


def _inside(paths):
    """Return the names of the folders that lie in each folder of paths."""
    inside: dict[Path, set[str]] = {}
    for path in paths:
        for at, name in enumerate(path):
            inside.setdefault(path[:at], set()).add(name)
    return inside
