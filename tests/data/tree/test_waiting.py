"""What takes long is told now and then."""

import pytest
from archives import CONTENTS, tarred

from ssvae.data.tree import waiting
from ssvae.data.tree.listing import open_place
from ssvae.data.tree.waiting import SECONDS, Waiting


@pytest.fixture
def clock(monkeypatch):
    """Return a list whose one number is the time, in seconds."""
    now = [100.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    return now


def test_a_line_comes_now_and_then(clock):
    lines = []
    work = Waiting(lines.append)
    for second in range(round(3 * SECONDS)):
        clock[0] = 100.0 + second
        work.tell(lambda: f"{clock[0] - 100:.0f}")
    assert lines == [f"{SECONDS:.0f}.", f"{2 * SECONDS:.0f}."]


def test_the_remaining_time_follows_from_the_share(clock):
    lines = []
    work = Waiting(lines.append)
    clock[0] += 10
    work.tell(lambda: "At work", 0.25)
    assert lines == ["At work; about 30 s are left."]


def test_nothing_is_told_without_a_listener(clock):
    work = Waiting(None)
    clock[0] += 100
    work.tell(lambda: pytest.fail("no text is needed"))


@pytest.mark.parametrize("kind", ["folder", "tar", "tar.gz"])
def test_listing_that_takes_long_is_told(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(waiting, "SECONDS", 0.0)
    words = "files found in"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.png").touch()
    if kind != "folder":
        tarred(tmp_path / kind, CONTENTS, f"w:{kind[4:]}")
        words = "Unpacking " if kind == "tar.gz" else "Listing the files of"
    lines = []
    open_place(tmp_path / kind, lines.append)
    assert words in lines[0]
    assert f"{kind}'" in lines[0]
