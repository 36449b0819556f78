"""Folders that hold the parts of a data set: training, validation, test."""

import re
from dataclasses import dataclass, field

from ssvae.data.layout.nodes import Folder, few
from ssvae.data.layout.words import (
    is_about,
    is_holder,
    is_unlabeled,
    key_of,
    part_word,
    telling_words,
)


@dataclass
class Splits:
    """Which folders hold parts.

    Attributes:
        roles: "train", "validation" or "test" of each folder that holds a part.
        classes: The class that the name of such a folder states beside the part:
            "cats" of "cats_train". Most state none.
        parents: The folders in which the parts lie side by side.
        notes: What a person should look into.
    """

    roles: dict[Folder, str] = field(default_factory=dict)
    classes: dict[Folder, str] = field(default_factory=dict)
    parents: set[Folder] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def role(self, folder: Folder | None) -> str:
        """Return the part that a folder lies in; "" for none."""
        while folder is not None:
            if folder in self.roles:
                return self.roles[folder]
            folder = folder.parent
        return ""


def find_splits(root: Folder) -> Splits:
    """Return the folders of a tree that hold parts.

    A folder named like a part is one only beside another part: a lone `test` may be a
    class, or the name of the whole.
    """
    splits = Splits()
    for folder in root.walk():
        _judge(folder, splits)
    known = {key_of(folder.name) for folder in splits.roles}
    for folder in root.walk():
        inner = list(folder.folders.values())
        # The second "train" of train/train/cat, and a class without a test folder.
        if (
            inner
            and folder not in splits.parents
            and all(key_of(child.name) in known for child in inner)
        ):
            for child in inner:
                splits.roles[child] = part_word(child.name)[0]
    return splits


def _judge(folder, splits):
    """Add the parts that lie side by side in a folder."""
    said = {child: part_word(child.name) for child in folder.folders.values()}
    parts = {child: word for child, word in said.items() if word[0]}
    parts |= _implied(said, parts)
    if len(parts) < 2:
        return
    chosen, named = _paired(parts)
    others = [
        child.name
        for child in folder.folders.values()
        if child not in chosen and _has_content(child.name)
    ]
    if not chosen:
        return
    if others and not any(child.folders for child in chosen):
        names = few(repr(child.name) for child in chosen)
        splits.notes.append(
            f"{names} are taken as classes, for they lie beside {few(others)}: if they "
            "are parts, move the other folders into them"
        )
        return
    splits.parents.add(folder)
    for child in chosen:
        splits.roles[child] = parts[child][0]
        if named:
            splits.classes[child] = _without_part(child.name)


def _implied(said, parts):
    """Return folders whose names are those of a part without its word.

    `rps` beside `rps-test` is the training part, unless there is an `rps-train`.
    """
    rests = {rest for _, rest in parts.values() if rest}
    rests -= {rest for part, rest in parts.values() if part == "train"}
    if not rests:
        return {}
    found = {child: " ".join(telling_words(child.name)) for child in said}
    return {
        child: ("train", rest)
        for child, rest in found.items()
        if rest in rests and child not in parts
    }


def _paired(parts):
    """Return the folders that are parts of one another, and whether they name classes.

    Args:
        parts: The part and the rest of the name of each folder.
    """
    roles: dict[str, set[str]] = {}
    for part, rest in parts.values():
        roles.setdefault(rest, set()).add(part)
    paired = [rest for rest, found in roles.items() if len(found) > 1]
    if not paired:
        return [], False
    if "" in paired:
        return [child for child, (_, rest) in parts.items() if not rest], False
    # seg_train and seg_test are parts; cats_train, cats_test and dogs_train are more.
    named = len(roles) > 1
    return [child for child, (_, rest) in parts.items() if rest], named


def _has_content(name):
    """Return whether a folder beside parts may be a class."""
    return not (
        is_unlabeled(name) or is_about(name) or is_holder(name) or part_word(name)[0]
    )


def _without_part(name):
    """Return a folder's name without the word of its part."""
    for match in re.finditer(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name):
        if part_word(match.group())[0]:
            return (name[: match.start()] + name[match.end() :]).strip(" _-.")
    return name
