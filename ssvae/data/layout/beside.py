"""Folders of files that belong to other files: masks of images, and second copies."""

import re
from collections.abc import Sequence

from ssvae.data.layout.nodes import Folder, remove
from ssvae.data.layout.words import HOLDERS, is_holder, key_of, part_word, words

MASK_REASON = "in a folder of masks"
COPY_REASON = "a second copy of the files beside its folder"
# Words of folders of masks. The first few may as well name a class: "mask".
MAYBE_MASKS = set("mask masks label labels seg".split())
MASKS = MAYBE_MASKS | set(
    "segmentation segmentations annotation annotations annot annots gt ground truth "
    "groundtruth groundtruths trimap trimaps".split()
)
# Words that stand beside those, as in SegmentationClass.
BESIDE_MASKS = HOLDERS | {"class", "object"}
# Share of the masks that must have an image of the same name, from 0 to 1: some sets
# lack a few images.
MIN_PAIRED = 0.5
# Share of the files of a folder that must lie beside it under the same names.
MIN_COPIED = 0.9

_MASK_ENDING = re.compile(
    r"[_\-. ]*(mask|gt|seg|segmentation|label|annotation|(ground_?)?truth|trimap)s?"
    r"[_\-. ]*\d*$"
)


def leave_copies(root: Folder, names: Sequence[str], reasons: list[str]) -> list[str]:
    """Take folders that repeat what lies beside them out of a tree.

    Archives are often packed with the folder in itself: `xray/train` beside
    `xray/xray/train`.

    Args:
        root: The tree; it is changed.
        names: Name of each file.
        reasons: Why each file is left out, "" for not; it is changed.

    Returns:
        A note for each such folder.
    """
    notes = []
    for folder in list(root.walk()):
        for child in list(folder.folders.values()):
            if _repeats(child, folder, names):
                notes.append(
                    f"{child.path!r} repeats the files beside it and is left out: "
                    "delete one of the two"
                )
                _leave_out(child, COPY_REASON, reasons)
    return notes


def leave_masks(root: Folder, names: Sequence[str], reasons: list[str]) -> list[str]:
    """Take folders of masks, which have an image of the same name, out of a tree.

    Args:
        root: The tree; it is changed.
        names: Name of each file.
        reasons: Why each file is left out, "" for not; it is changed.

    Returns:
        A note if there are such folders.
    """
    found, number = [], 0
    for folder in list(root.walk()):
        masks = [child for child in folder.folders.values() if names_masks(child.name)]
        if not masks:
            continue
        others = [child for child in folder.folders.values() if child not in masks]
        rows = folder.rows + [row for child in others for row in child.all_rows()]
        holders = bool(folder.rows) or any(
            is_holder(child.name) or part_word(child.name)[0] for child in others
        )
        stems = None
        for child in masks:
            if not rows or (set(words(child.name)) & MAYBE_MASKS and not holders):
                continue
            stems = stems or {_stem(names[row]) for row in rows}
            inside = child.all_rows()
            paired = sum(_stem(names[row]) in stems for row in inside)
            if paired >= MIN_PAIRED * len(inside):
                found.append(child.path)
                number += len(inside)
                _leave_out(child, MASK_REASON, reasons)
    if not found:
        return []
    return [
        f"{number:,} files below {found[0]!r}{_more(found)} are taken as masks of the "
        "images of the same names and left out: rename the folder if they are images"
    ]


def _repeats(child, folder, names):
    """Return whether the files below a folder's child are those beside it again."""
    inner, others = child.folders, folder.folders
    if not inner or not all(name in others and name != child.name for name in inner):
        return False
    start = len(child.path) + 1
    skip = len(folder.path) + 1 if folder.parent else 0
    beside = {
        names[row][skip:]
        for other in others.values()
        if other is not child
        for row in other.all_rows()
    }
    rows = child.all_rows()
    repeated = [names[row][start:] for row in rows if names[row][start:] in beside]
    # Files that are numbered in each folder are not the same for that.
    told = key_of(child.name) == key_of(folder.name) or not all(
        _stem(name).isdigit() for name in repeated
    )
    return told and len(repeated) >= MIN_COPIED * len(rows)


def names_masks(name: str) -> bool:
    """Return whether a folder's name says that it holds masks."""
    found = words(name)
    return not MASKS.isdisjoint(found) and all(
        word in MASKS
        or word in BESIDE_MASKS
        or word.isdigit()
        or bool(part_word(word)[0])
        for word in found
    )


def _stem(name):
    """Return a file's name without folder, extension and the ending of a mask."""
    stem = name.rpartition("/")[2].rpartition(".")[0].casefold()
    return _MASK_ENDING.sub("", stem)


def _leave_out(folder, reason, reasons):
    """Take a folder out of its tree, and note why for each file below it."""
    for row in folder.all_rows():
        reasons[row] = reason
    remove(folder)


def _more(found):
    """Return how many other folders there are, for a sentence."""
    return f" and {len(found) - 1:,} other folders" if len(found) > 1 else ""
