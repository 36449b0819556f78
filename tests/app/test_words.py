"""Texts of the pages: names as they are, numbers with nouns, durations."""

import pytest

from words import counted, left, plain


def test_names_are_no_markdown():
    assert plain("a_b*c [d](e)") == r"a\_b\*c \[d\]\(e\)"
    assert plain("leaf 3") == "leaf 3"


def test_nouns_follow_their_numbers():
    assert counted(1, "class", "classes") == "1 class"
    assert counted(1200, "image") == "1,200 images"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "A few seconds left"),
        (33, "About 35 seconds left"),
        (89, "About 90 seconds left"),
        (95, "About 2 minutes left"),
        (7000, "About 2 hours left"),
    ],
)
def test_time_left_is_told_without_false_precision(seconds, words):
    assert left(seconds) == words
