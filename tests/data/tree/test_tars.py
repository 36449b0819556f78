"""Tar files: links, holes, damaged headers, temporary files."""

import os
import struct
import tarfile

import pytest
from archives import CONTENTS, contents_of, reasons_of, tarred

from ssvae.data.tree import members, tars
from ssvae.data.tree.listing import open_place
from ssvae.errors import InputError


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": tarfile.SYMTYPE, "linkname": "b.png"}, members.LINK),
        ({"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, members.LINK),
        ({"type": tarfile.LNKTYPE, "linkname": "../b.png"}, members.LINK),
        ({"type": tarfile.LNKTYPE, "linkname": "none.png"}, members.LINK),
        ({"type": tarfile.CHRTYPE, "devmajor": 1}, members.NO_FILE),
        ({"type": tarfile.FIFOTYPE}, members.NO_FILE),
    ],
    ids=["link", "link out", "hard link out", "dead hard link", "device", "pipe"],
)
def test_what_is_no_file_in_a_tar_is_left_out(tmp_path, changes, reason):
    place = open_place(tarred(tmp_path / "x.tar", {"a.png": b""}, **changes))
    assert (place.entries, reasons_of(place)) == ([], {reason: 1})


def test_a_hard_link_in_a_tar_is_the_file_itself(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.png").write_bytes(b"x")
    os.link(tmp_path / "folder" / "a.png", tmp_path / "folder" / "b.png")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(tmp_path / "folder", ".")
    place = open_place(tmp_path / "x.tar")
    assert contents_of(place) == {"a.png": b"x", "b.png": b"x"}


def test_a_file_with_holes_is_left_out(tmp_path):
    # As GNU tar writes it: a map of what is stored, the number of its parts first.
    headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "a.png",
        "GNU.sparse.realsize": "9000",
    }
    path = tmp_path / "x.tar"
    tarred(
        path, {"a.png": b"1\n0\n3\n".ljust(512, b"\0") + b"abc"}, pax_headers=headers
    )
    place = open_place(path)
    assert (place.entries, reasons_of(place)) == ([], {tars.SPARSE: 1})


def test_nothing_is_left_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    place = open_place(tarred(tmp_path / "x.tgz", CONTENTS, "w:gz"))
    assert contents_of(place) == CONTENTS
    assert not list((tmp_path / "temporary").iterdir())


def test_an_archive_for_which_there_is_no_room_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "RESERVE", 2**62)
    path = tarred(tmp_path / "x.tgz", CONTENTS, "w:gz")
    with pytest.raises(InputError, match=r"no room to unpack .* in TMPDIR, or unpack"):
        open_place(path)


def test_a_damaged_header_in_a_tar_does_not_hide_the_files_behind_it(tmp_path):
    path = tarred(tmp_path / "x.tar", CONTENTS)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"b/.DS_Store", b"b/.XX_Store"))
    with pytest.raises(InputError, match="damaged behind the first 3 files"):
        open_place(path)


def test_a_second_tar_behind_the_first_is_told(tmp_path):
    path = tarred(tmp_path / "x.tar", {"a.png": b"x"})
    path.write_bytes(path.read_bytes() * 2)
    place = open_place(path)
    assert len(place.entries) == 1
    assert reasons_of(place) == {tars.BEHIND: 1}


@pytest.mark.parametrize("size", [-512, -1024])
def test_a_negative_size_in_a_tar_is_no_endless_loop(tmp_path, size):
    path = tarred(tmp_path / "x.tar", {"a.png": b"x", "b.png": b"y", "c.png": b"z"})
    data = bytearray(path.read_bytes())
    # The header of the second member. A number that is not octal starts with byte 255
    # if it is negative.
    header = data[1024:1536]
    header[124:136] = b"\xff\xff\xff\xff" + struct.pack(">q", size)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    data[1024:1536] = header
    path.write_bytes(data)
    with pytest.raises(InputError, match="is no readable archive: a header says a neg"):
        open_place(path)
