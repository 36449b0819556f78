"""Every file is counted once, and a person can read what was left out."""

import json

import pytest

from ssvae.data.tree.account import EXAMPLE, LINE, Account


def account(**reasons):
    """Return an account with these counts, whose examples are the reasons."""
    result = Account()
    for reason, count in reasons.items():
        for number in range(count):
            result.leave_out(reason, f"{reason}{number}")
    return result


def test_counts_add_up():
    result = account(hidden=2, broken=1)
    result.count_read()
    result.count_read(4)
    assert (result.read, result.left_out, result.total) == (5, 3, 8)


def test_nothing_left_out_is_not_worth_a_line():
    result = Account()
    result.count_read(3)
    assert result.lines() == []


def test_few_reasons_are_one_line_with_the_most_frequent_first():
    result = Account()
    result.leave_out("no image: .txt", "notes.txt")
    for name in (".a", ".b"):
        result.leave_out("hidden", name)
    line = "3 files left out: 2 hidden (.a), 1 no image: .txt (notes.txt)"
    assert result.lines() == [line]
    assert account(hidden=1).lines() == ["1 file left out: 1 hidden (hidden0)"]


def test_many_reasons_are_a_line_each_and_the_rare_ones_are_together():
    result = account(**{f"reason{number:02}": 2000 - number for number in range(12)})
    title, *lines = result.lines()
    assert title == "23,934 files left out:"
    assert lines[0] == "  2,000 reason00 (reason000)"
    assert lines[-1] == "  9,955 for 5 other reasons (reason070)"
    assert len(lines) == 8


SHOWN = {
    "plain": ("a b/ä.png", "a b/ä.png"),
    "line break": ("a\nb.png", r"a\nb.png"),
    "undecodable bytes": ("a\udcff.png", r"a\udcff.png"),
    "terminal codes": ("\x1b[31m.png", r"\x1b[31m.png"),
    "long": ("x" * 100 + ".png", "…" + "x" * (EXAMPLE - 5) + ".png"),
}


@pytest.mark.parametrize(("name", "shown"), SHOWN.values(), ids=SHOWN)
def test_examples_fit_on_a_line_of_any_terminal(name, shown):
    result = Account()
    result.leave_out("hidden", name)
    (line,) = result.lines()
    assert line == f"1 file left out: 1 hidden ({shown})"
    assert len(line) <= LINE
    assert json.dumps(result.as_dict(), ensure_ascii=False).encode()


def test_accounts_are_added():
    first, second = account(hidden=2), account(hidden=1, broken=3)
    first.count_read(5)
    second.count_read(1)
    both = first + second
    assert (both.read, both.left_out, both.total) == (6, 6, 12)
    assert both.reasons["hidden"].example == "hidden0"
    # What was added is not changed.
    assert (first.left_out, second.left_out) == (2, 4)


def test_the_account_for_json_holds_all_counts():
    result = account(rare=1, hidden=2)
    result.count_read(3)
    assert result.as_dict() == {
        "read": 3,
        "left_out": 3,
        "reasons": {
            "hidden": {"count": 2, "example": "hidden0"},
            "rare": {"count": 1, "example": "rare0"},
        },
    }
    assert list(result.as_dict()["reasons"]) == ["hidden", "rare"]
