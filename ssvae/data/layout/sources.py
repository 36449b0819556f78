"""The class of each image, from its folders or from the name of its file."""

from collections.abc import Sequence

from ssvae.data.layout.found import Found, note_parts, without_odd_names
from ssvae.data.layout.levels import cut_levels, find_levels
from ssvae.data.layout.naming import Spellings, short_names
from ssvae.data.layout.nodes import Folder, few
from ssvae.data.layout.placed import Placing
from ssvae.data.layout.prefixes import find_prefixes, numbered_prefixes, stated_prefixes
from ssvae.data.layout.words import is_unlabeled


def from_folders(placing: Placing, number: int, depth: int) -> Found:
    """Return the classes that folders name.

    Args:
        placing: What each folder is.
        number: Number of rows.
        depth: Number of folders that name the class; 0 to find out.
    """
    spellings = Spellings()
    counts: dict[tuple[str, ...], int] = {}
    keys = {}
    for folder, path in placing.paths.items():
        if folder.rows and path:
            size = len(folder.rows)
            keys[folder] = tuple(spellings.add(name, size) for name in path)
            counts[keys[folder]] = counts.get(keys[folder], 0) + size
    levels = cut_levels(counts, depth) if depth else find_levels(counts, spellings.best)
    short = short_names(sorted(levels.current()))
    texts = {
        path: "/".join(spellings.best(key) for key in ending)
        for path, ending in short.items()
    }
    classes = [""] * number
    for folder, key in keys.items():
        text = texts.get(levels.reduced[key], "")
        for row in folder.rows:
            classes[row] = text
    said = {key for ending in short.values() for key in ending}
    found = Found(classes, "folders", levels.notes + spellings.notes(said))
    if not depth:
        without_odd_names(found)
    note_parts(found)
    return found


def from_parents(placing: Placing, number: int) -> Found:
    """Return the names of the folders that the files lie in as classes."""
    classes = [""] * number
    for folder in placing.paths:
        names = [
            placing.splits.classes.get(above, above.name)
            for above in folder.chain()
            if above not in placing.splits.roles or above in placing.splits.classes
        ]
        if names and folder not in placing.unlabeled and not is_unlabeled(names[-1]):
            for row in folder.rows:
                classes[row] = names[-1]
    return _merged(Found(classes, "parents"))


def from_names(placing: Placing, names: Sequence[str], certain: bool) -> Found:
    """Return the classes that the files' names begin with.

    Args:
        placing: What each folder is.
        names: Name of each file.
        certain: Whether a person said so; otherwise only names that split the images
            cleanly give classes.
    """
    rows, judged = [], []
    for folder in placing.paths:
        if folder not in placing.unlabeled:
            rows += folder.rows
            if placing.splits.role(folder) != "test":
                judged += folder.rows
    classes = [""] * len(names)
    if certain:
        texts = stated_prefixes([names[row] for row in rows])
    elif not find_prefixes([names[row] for row in judged]):
        return Found(classes, "names", _offer_numbers(names, judged))
    else:
        texts = find_prefixes([names[row] for row in rows])
        if not texts:
            rows, texts = judged, find_prefixes([names[row] for row in judged])
    for row, text in zip(rows, texts, strict=True):
        classes[row] = text
    return _merged(Found(classes, "names"))


def _offer_numbers(names, rows):
    """Return a note if files' names begin with numbers that may be classes."""
    numbers = set(numbered_prefixes([names[row] for row in rows])) - {""}
    if not numbers:
        return []
    return [
        f"The files' names begin with {len(numbers):,} different numbers: --label-from "
        "name makes them the classes"
    ]


def _merged(found):
    """Return classes in one spelling each."""
    spellings = Spellings()
    counts: dict[str, int] = {}
    for name in found.classes:
        counts[name] = counts.get(name, 0) + 1
    keys = {name: spellings.add(name, count) for name, count in counts.items() if name}
    best = {name: spellings.best(key) for name, key in keys.items()}
    found.classes = [best.get(name, "") for name in found.classes]
    found.notes += spellings.notes(set(keys.values()))
    return found


def folder_text(folders: Sequence[Folder]) -> str:
    """Return the paths of folders for a sentence; "" for the place itself."""
    return few(dict.fromkeys(folder.path for folder in folders if folder.path), 2)
