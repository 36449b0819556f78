"""Words that stand where an image has no label."""

import re

# Words for "no label", in lower case and without blanks, "_", "-", "." and "/".
WORDS = frozenset(
    "na nan nat none null nil missing notavailable notapplicable undefined unspecified "
    "unknown unlabeled unlabelled notlabeled notlabelled nolabel nolabels unassigned "
    "unannotated notannotated unclassified".split()
)
# What the label of an image says that belongs to none of the classes, as people read
# it; also without blanks, "_" and the like.
NONE_OF_THESE = "none of these"
_NONE_OF_THESE = "noneofthese"
# Signs for "no label". Other signs may be classes of characters.
SIGNS = frozenset(
    ("", "?", "??", "???", "-", "--", "---", "\u2013", "\u2014", "[]", "{}", "()")
)
# Words for "no label" that people also use as the name of a class.
DOUBTFUL = frozenset("none missing undefined unknown unspecified unclassified".split())
_MINUS_ONE = re.compile(r"[-\u2212]1(\.0*)?")
# Characters without width, which programs leave at the ends of a text.
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060\x00"
_JOINTS = re.compile(r"[\s_./\-#]+")


def is_missing(text: str) -> bool:
    """Return whether a label's text means that there is no label.

    Every source of labels asks this function, so that `NA` in a table and in an array
    mean the same. Upper and lower case and blanks at the ends do not matter.

    Args:
        text: The label as it was found, for example "cat", "", "N/A", "-1.0" or "?".
    """
    word = plain(text)
    return word in SIGNS or bool(_MINUS_ONE.fullmatch(word)) or _joined(word) in WORDS


def is_none_of_these(text: str) -> bool:
    """Return whether a label's text says that the image belongs to none of the classes.

    Upper and lower case do not matter, nor blanks, "_" and "-" between the words.
    """
    return _joined(plain(text)) == _NONE_OF_THESE


def is_doubtful(text: str) -> bool:
    """Return whether a text for "no label" is also a usual name of a class."""
    return _joined(plain(text)) in DOUBTFUL


def plain(text: str) -> str:
    """Return a text in lower case, without blanks, quotes and marks around it."""
    word = text.strip(_INVISIBLE).strip().strip(_INVISIBLE)
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'":
        word = word[1:-1].strip()
    return word.casefold()


def _joined(word):
    """Return "na" for "#n/a" and "<na>", "nolabel" for "no_label"."""
    if len(word) > 1 and word[0] == "<" and word[-1] == ">":
        word = word[1:-1]
    return _JOINTS.sub("", word)
