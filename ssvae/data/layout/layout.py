"""Where the classes of image files are: their folders, parts, and file names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ssvae.data.layout.beside import leave_copies, leave_masks
from ssvae.data.layout.found import Found
from ssvae.data.layout.nodes import few, grow, images
from ssvae.data.layout.placed import Placing
from ssvae.data.layout.placing import place
from ssvae.data.layout.prefixes import find_prefixes
from ssvae.data.layout.remarks import notes_on_classes
from ssvae.data.layout.sources import (
    folder_text,
    from_folders,
    from_names,
    from_parents,
)
from ssvae.data.layout.splits import find_splits
from ssvae.errors import InputError

# Where classes may come from: `auto` tries the folders, then the files' names.
LABEL_SOURCES = ("auto", "folder", "parent", "name")
# What follows if no image of a test part has a class.
NO_TEST = (
    ", so there is no test accuracy: --test-fraction 0.2 holds some labeled images back"
)
# Class names that a sentence gives.
MAX_SAID = 5
# Fraction of the images above which a class is so large that the others may be none.
NEARLY_ALL = 0.95


@dataclass(frozen=True)
class Layout:
    """What the names of the image files below a place say about the images.

    Attributes:
        classes: Class of each image; "" for unlabeled.
        parts: "train" or "test" for each image; "" for those left out.
        reasons: Why each image is left out; "" for those that are not.
        roles: "train", "validation" or "test" for each image whose folder says so, with
            a class or not; "" for the others.
        sentence: What was understood, in one sentence.
        notes: What a person should look into, each with what changes it.
        unclassed: The one of them on images of a test or validation part that have no
            class; "" if there are none.
    """

    classes: list[str]
    parts: list[str]
    reasons: list[str]
    roles: list[str]
    sentence: str
    notes: list[str]
    unclassed: str


def find_layout(
    names: Sequence[str], label_from: str = "auto", class_depth: int = 0
) -> Layout:
    """Return the class and the part of each image, from the names alone.

    Args:
        names: Paths of the image files below a place, "/" between folders.
        label_from: Where the classes are: "folder" for the folders, which ones is found
            out; "parent" for the folder that each file lies in; "name" for the
            beginnings of the files' names; "auto" for the folders, or for the names if
            the folders give fewer than two classes and the names split the files.
        class_depth: Number of folders, below wrappers and parts, that name the class; 0
            to find out.

    Raises:
        InputError: If the settings do not fit together.
    """
    _check(label_from, class_depth)
    reasons = [""] * len(names)
    root = grow(names)
    notes = leave_copies(root, names, reasons)
    notes += leave_masks(root, names, reasons)
    splits = find_splits(root)
    placing = place(root, splits)
    _leave_out(placing, reasons)
    found = _find_classes(placing, names, label_from, class_depth)
    notes += splits.notes + placing.notes + found.notes
    parts, sentences, unclassed = _assign_parts(placing, found, reasons)
    notes += [unclassed] if unclassed else []
    sentence = _what(found, placing) + "".join(f"; {text}" for text in sentences)
    missing = sum(not c and not r for c, r in zip(found.classes, reasons, strict=True))
    if missing and found.names:
        sentence += f"; {images(missing)} without a class"
    notes += notes_on_classes(found, parts)
    roles = [""] * len(names)
    for folder in placing.paths:
        for row in folder.rows:
            roles[row] = placing.splits.role(folder)
    sentence += "."
    return Layout(found.classes, parts, reasons, roles, sentence, notes, unclassed)


def _check(label_from, class_depth):
    """Raise `InputError` if settings do not fit together."""
    if label_from not in LABEL_SOURCES:
        raise InputError(
            f"label_from is {label_from!r}: need one of {', '.join(LABEL_SOURCES)}"
        )
    if class_depth < 0:
        raise InputError(
            f"class_depth is {class_depth}: need a number of folders, or 0"
        )
    if class_depth and label_from in ("parent", "name"):
        raise InputError(
            f"class_depth is {class_depth} and label_from is {label_from!r}: a depth "
            "goes with the folders, --label-from folder"
        )


def _leave_out(placing, reasons):
    """Take folders that are left out from the others, and note why for each image."""
    for folder, reason in placing.left_out.items():
        placing.paths.pop(folder, None)
        for row in folder.rows:
            reasons[row] = reason


def _find_classes(placing, names, label_from, class_depth):
    """Return the classes from where a person wants them, or where they are."""
    if label_from == "parent":
        return from_parents(placing, len(names))
    if label_from == "name":
        return from_names(placing, names, certain=True)
    found = from_folders(placing, len(names), class_depth)
    number = len(found.names)
    if label_from == "folder" or class_depth:
        return found
    if number > 1 and not found.is_odd:
        found.notes += _offer_names(found, names)
        return found
    by_name = from_names(placing, names, certain=False)
    if len(by_name.names) > max(number, 1):
        return by_name
    found.notes += by_name.notes
    return found


def _offer_names(found, names):
    """Return a note if one folder has nearly all images, and their names split them."""
    name, count = Counter(filter(None, found.classes)).most_common(1)[0]
    rows = [row for row, each in enumerate(found.classes) if each == name]
    if count < NEARLY_ALL * sum(map(bool, found.classes)):
        return []
    prefixes = sorted(set(find_prefixes([names[row] for row in rows])) - {""})
    if len(prefixes) < 2:
        return []
    return [
        f"{name!r} holds {count:,} of the images, and their names begin with "
        f"{few(prefixes, MAX_SAID)}: --label-from name makes these the classes"
    ]


def _assign_parts(placing: Placing, found: Found, reasons):
    """Return the part of each row, sentences about the parts, and the note on them."""
    rows: dict[str, list[int]] = {}
    folders: dict[str, list] = {}
    for folder in placing.paths:
        role = placing.splits.role(folder)
        rows.setdefault(role, []).extend(folder.rows)
    for folder, role in placing.splits.roles.items():
        if placing.splits.role(folder.parent) != role:
            folders.setdefault(role, []).append(folder)
    labeled = {
        role: [row for row in rows.get(role, []) if found.classes[row]]
        for role in ("validation", "test")
    }
    tested = "test" if labeled["test"] else "validation"
    parts = ["" if reason else "train" for reason in reasons]
    for row in labeled[tested]:
        parts[row] = "test"
    sentences = []
    if labeled[tested]:
        where = folder_text(folders[tested])
        why = ", for there is no other" if tested == "validation" else ""
        sentences.append(
            f"test part from {where} ({len(labeled[tested]):,} images{why})"
        )
    if labeled["test"] and labeled["validation"]:
        sentences.append(
            f"{folder_text(folders['validation'])} ({len(labeled['validation']):,} "
            "images) joins the training part"
        )
    lacking = [r for r in labeled if len(labeled[r]) < len(rows.get(r, []))]
    unclassed = ""
    if lacking and found.names:
        where = folder_text([folder for role in lacking for folder in folders[role]])
        missing = sum(len(rows[role]) - len(labeled[role]) for role in lacking)
        unclassed = (
            f"{images(missing)} without a class in {where}, taken as unlabeled images "
            "of the training part" + ("" if labeled[tested] else NO_TEST)
        )
    return parts, sentences, unclassed


def _what(found: Found, placing: Placing):
    """Return what was understood about the classes."""
    names = found.names
    if not names:
        return "No classes: all images are unlabeled" if found.classes else "No images"
    classes = f"{len(names):,} classes" if len(names) > 1 else f"One class {names[0]!r}"
    if found.source == "parents":
        return f"{classes}, the folders that the files lie in"
    if found.source == "names":
        return (
            f"{classes} from the beginning of the file names: {few(names, MAX_SAID)} "
            "(--label-from folder stops that)"
        )
    rooted = [
        root for root in placing.roots if placing.splits.role(root) in ("", "train")
    ]
    where = folder_text(rooted or placing.roots)
    if not where:
        return (
            f"{classes}, one per folder" if len(names) > 1 else f"{classes}, a folder"
        )
    said = "the folders" if len(names) > 1 else "a folder"
    return f"{classes}, {said} below {where}"
