"""What a class of a project may have: its name, its color, its key."""

import re
import unicodedata

from ssvae.data.tables.missing import is_missing, is_none_of_these
from ssvae.errors import InputError
from ssvae.projects.state import COLORS, KEYS, State

# Characters of a class's name, at most: some folders have long names.
MAX_NAME = 100


def checked_name(name: str, state: State, class_id: str = "") -> str:
    """Return the name that a class gets, without blanks around it.

    Args:
        name: What was typed.
        state: The state; no class of it may have the name.
        class_id: Id of the class that gets the name; "" for a new one.

    Raises:
        InputError: If it is empty or too long, or another class has it.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise InputError("the class has no name: type one")
    if len(name) > MAX_NAME or any(unicodedata.category(c)[0] == "C" for c in name):
        raise InputError(
            f"class name {name[:MAX_NAME]!r}: need at most {MAX_NAME} characters that "
            "can be seen: type a shorter one"
        )
    if is_missing(name):
        raise InputError(
            f"class name {name!r}: in tables it means that an image has no label: "
            "choose another name, or use 'none of these'"
        )
    if is_none_of_these(name):
        raise InputError(
            f"class name {name!r}: images of none of the classes have no class of "
            "their own: choose another name"
        )
    other = state.class_named(name)
    if other and other.id != class_id:
        raise InputError(
            f"there is a class {other.name!r} already: choose another name, or merge "
            "the two classes"
        )
    return name


def checked_color(color: str) -> str:
    """Return a color in small letters; raise `InputError` if it is none."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", color):
        raise InputError(f"color: got {color!r}, need one like #2078d8: choose another")
    return color.lower()


def checked_key(key: str) -> str:
    """Return a key in small letters; raise `InputError` if no class may have it."""
    key = key.strip().lower()
    if key and key not in tuple(KEYS):
        raise InputError(
            f"key: got {key!r}, need a digit from 1 to 9, or one of the letters "
            f"{' '.join(KEYS[9:])}: choose another"
        )
    return key


def free_color(state: State) -> str:
    """Return the first color that fewest classes have."""
    used = [one.color for one in state.classes]
    return min(COLORS, key=used.count)


def free_key(state: State) -> str:
    """Return the first key that no class has; "" if all are taken."""
    used = {one.key for one in state.classes}
    return next((key for key in KEYS if key not in used), "")
