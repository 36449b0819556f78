"""Classes that were found, and names among them that are hardly those of classes."""

import re
from dataclasses import dataclass, field

from ssvae.data.layout.beside import names_masks
from ssvae.data.layout.nodes import few
from ssvae.data.layout.words import (
    HOLDERS,
    PORTIONS,
    is_about,
    no_class,
    part_word,
    telling_words,
    words,
)


@dataclass
class Found:
    """Classes that were found.

    Attributes:
        classes: Class of each row; "" for none. Rows that are left out have none.
        source: "folders", "parents" or "names".
        notes: What a person should look into.
    """

    classes: list[str]
    source: str
    notes: list[str] = field(default_factory=list)

    @property
    def is_odd(self) -> bool:
        """Whether a class is named like a part, a portion, or pictures about data."""
        return any(
            no_class(name) not in ("", "case") or is_about(name) or _is_part(name)
            for name in self.names
        )

    @property
    def names(self) -> list[str]:
        """The class names, by their number if all are numbers, else as text."""
        names = {name for name in self.classes if name}
        if all(name.isdecimal() for name in names):
            return sorted(names, key=lambda name: (int(name), name))
        return sorted(names)


def without_odd_names(found: Found) -> None:
    """Take classes back that are named like folders of anything, and say so."""
    names = found.names
    kinds = {name: no_class(name).replace("case", "") for name in names}
    kinds |= {name: "masks" for name in names if names_masks(name)}
    if _differ_in_numbers(names):
        kinds = dict.fromkeys(names, "portion")
    odd = [name for name in names if kinds[name]]
    if not odd or len(names) == 1:
        return
    if len(odd) < len(names):
        odd = [name for name in odd if kinds[name] in ("holder", "portion")]
        if odd:
            found.classes = ["" if name in odd else name for name in found.classes]
            found.notes.append(
                f"The images in {few(map(repr, odd))} beside class folders are taken "
                "as unlabeled, as hardly a class: --label-from parent makes it one"
            )
    elif all(kind == "identity" for kind in kinds.values()):
        found.notes.append(
            f"The classes {few(names)} look like persons: --label-from parent or name "
            "if something else is to be told apart"
        )
    else:
        found.classes = [""] * len(found.classes)
        found.notes.append(
            f"The folders {few(names)} look like portions or sources of the data, not "
            "like classes: --label-from parent makes them the classes"
        )


def _differ_in_numbers(names):
    """Return whether names are those of portions: `cells_images_part_1` and so on."""
    told = {tuple(telling_words(name)) for name in names}
    held = all(
        not (HOLDERS | PORTIONS).isdisjoint(words(name)) and re.search(r"\d", name)
        for name in names
    )
    return held and len(told) == 1


def note_parts(found: Found) -> None:
    """Add a note if a class is named like a part."""
    names = [name for name in found.names if part_word(name)[0]]
    if names and len(found.names) > len(names):
        found.notes.append(
            f"Taken as classes, not as parts of the data, for they lie beside class "
            f"folders: {few(map(repr, names))}; move the others into a folder 'train' "
            "if these are parts"
        )


def _is_part(name):
    """Return whether a name says a part of the data and nothing else."""
    part, rest = part_word(name)
    return bool(part) and not rest
