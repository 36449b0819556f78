"""Classes from the beginning of the names of files: `scratches_12.jpg`."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from ssvae.data.layout.words import (
    CAMERA_WORDS,
    is_about,
    key_of,
    no_class,
    part_word,
    words,
)

# Fewest and most classes that names are taken to state.
MIN_PREFIXES, MAX_PREFIXES = 2, 1000
# Share of the images that must have such a beginning, from 0 to 1.
MIN_COVERED = 0.95
# Images per beginning, on average, and share of beginnings with two images and more,
# from 0 to 1: names of other kinds have beginnings that occur once.
MIN_MEAN, MIN_REPEATED = 3, 0.9
# Digits of a number that may be a class: more are dates, times or counts.
MAX_DIGITS = 3

_TRAILING = re.compile(r"[\W_]*\d+[\W_]*$")
_LEADING = re.compile(r"^\d+[\W_]+")
_ENDING = re.compile(r"[\W_]+[^\W_]*[\W_]*$")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def find_prefixes(names: Sequence[str]) -> list[str]:
    """Return the class that the names of files state, if they all do so alike.

    Args:
        names: Names of files, folders and all.

    Returns:
        The class of each, "" for none; an empty list if the names state no classes.
    """
    stems = [_stem(name) for name in names]
    for cut in (_without_number, _without_numbers, _before_number):
        found = _cut_all(stems, cut)
        if _is_clean(found):
            return found
    return []


def numbered_prefixes(names: Sequence[str]) -> list[str]:
    """Return the numbers that names of files begin with, if they split the files."""
    found = _cut_all([_stem(name) for name in names], _without_number)
    numbers = [text if text.isdigit() else "" for text in found]
    return numbers if _is_clean(numbers, with_numbers=True) else []


def stated_prefixes(names: Sequence[str]) -> list[str]:
    """Return the class that the name of each file states, when a person says so.

    The number at the end is taken off (`cat (12).jpg`), else the one at the beginning
    (`12_cat.jpg`), else the last word (`subject01.happy`). What has no other word has
    no class.
    """
    stems = [_stem(name) for name in names]
    return find_prefixes(names) or [_stated(stem) for stem in stems]


def _stated(stem):
    """Return the class that a single name states."""
    for pattern in (_TRAILING, _LEADING, _ENDING):
        text, changed = pattern.subn("", stem)
        if changed:
            return _EDGES.sub("", text)
    return ""


def _stem(name):
    """Return a file's name without its folders and extension."""
    file = name.rpartition("/")[2]
    return file.rpartition(".")[0] or file


def _cut_all(stems: Sequence[str], cut: Callable[[str], str]) -> list[str]:
    """Return what is left of stems; "" where it cannot be the name of a class."""
    found = [cut(stem) for stem in stems]
    known = set(found)
    # Hashes and the like: judging each of them takes long and cannot change it.
    if len(known) > MAX_PREFIXES + (1 - MIN_COVERED) * len(stems) + 1:
        return [""] * len(stems)
    classes = {text: text if _may_be_class(text) else "" for text in known}
    return [classes[text] for text in found]


def _without_number(stem):
    """Return a stem without the number at its end; "" if there is none."""
    text, changed = _TRAILING.subn("", stem)
    return _EDGES.sub("", text) if changed else ""


def _without_numbers(stem):
    """Return a stem without all numbers at its end."""
    text, last = _without_number(stem), ""
    while text and text != last:
        text, last = _EDGES.sub("", _TRAILING.sub("", text)), text
    return text


def _before_number(stem):
    """Return what a stem has before its first number."""
    text, digit, _ = re.sub(r"\d", "0", stem).partition("0")
    return _EDGES.sub("", stem[: len(text)]) if digit else ""


def _may_be_class(text):
    """Return whether the beginning of a name may be one of a class."""
    said = [word for word in words(text) if not word.isdigit()]
    if not said:
        return text.isdigit() and len(text) <= MAX_DIGITS
    return not (
        no_class(text)
        or is_about(text)
        or all(word in CAMERA_WORDS or part_word(word)[0] for word in said)
    )


def _is_clean(found, with_numbers=False):
    """Return whether beginnings of names split images into classes."""
    counts = Counter(key_of(text) for text in found if text)
    return (
        MIN_PREFIXES <= len(counts) <= MAX_PREFIXES
        and counts.total() >= MIN_COVERED * len(found)
        and counts.total() >= MIN_MEAN * len(counts)
        and sum(count > 1 for count in counts.values()) >= MIN_REPEATED * len(counts)
        and (with_numbers or not all(text.isdigit() for text in counts))
    )
