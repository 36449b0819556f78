"""Members of archives that would do harm are left out, and told."""

import random

import pytest
from archives import CONTENTS, contents_of, reasons_of, tarred, zipped

from ssvae.data.tree import members
from ssvae.data.tree.listing import open_place
from ssvae.errors import InputError

UNSAFE = ("/etc/passwd", "../a.png", "a/../../b.png", "C:/a.png", "..")


@pytest.mark.parametrize("write", [zipped, tarred])
def test_names_that_lead_out_of_an_archive_are_left_out(tmp_path, write):
    contents = dict.fromkeys((*UNSAFE, "./a//./b.png", "a..b.png", "c:d.png"), b"x")
    place = open_place(write(tmp_path / "x", contents))
    names = [entry.name for entry in place.entries]
    assert names == ["a/b.png", "a..b.png", "c:d.png"]
    assert reasons_of(place) == {members.UNSAFE: len(UNSAFE)}


@pytest.mark.parametrize("write", [zipped, tarred])
def test_of_files_of_one_name_the_last_is_read(tmp_path, write):
    pairs = [("a.png", b"1"), ("b.png", b"2"), ("./a.png", b"3")]
    place = open_place(write(tmp_path / "x", pairs))
    assert contents_of(place) == {"a.png": b"3", "b.png": b"2"}
    assert reasons_of(place) == {members.REPEATED: 1}


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.xz"])
def test_archives_that_unpack_to_far_too_much_are_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(members, "FREE_BYTES", 1000)
    monkeypatch.setattr(members, "MAX_RATIO", 2)
    path, contents = tmp_path / f"x.{kind}", {"a.png": bytes(10**6)}
    if kind == "zip":
        zipped(path, contents)
    else:
        tarred(path, contents, f"w:{kind[4:]}")
    with pytest.raises(InputError, match=r"unpacks to more than .* unpack it yourself"):
        open_place(path)
    # What does not shrink is not suspicious, however large.
    noise = random.Random(0).randbytes(10**5)
    assert open_place(zipped(path, {"a.png": noise})).entries


@pytest.mark.parametrize("write", [zipped, tarred])
def test_an_archive_of_too_many_files_is_refused(tmp_path, monkeypatch, write):
    monkeypatch.setattr(members, "MAX_MEMBERS", 4)
    with pytest.raises(InputError, match="it holds more than 4 files; unpack it"):
        open_place(write(tmp_path / "x", CONTENTS))
