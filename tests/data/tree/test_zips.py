"""Zip files of every system, and with members that cannot be read."""

import random
import stat
import struct
import zipfile
import zlib

import pytest
from archives import contents_of, reasons_of, zipped

from ssvae.data.tree import members, zips
from ssvae.data.tree.listing import open_place
from ssvae.data.tree.slices import HEAD_BYTES
from ssvae.errors import InputError


def test_headers_of_packed_files_are_read_without_the_rest(tmp_path, monkeypatch):
    place = open_place(zipped(tmp_path / "x.zip", {"a.png": bytes(10**6)}))
    read, sizes = zipfile.ZipExtFile.read, []
    monkeypatch.setattr(
        zipfile.ZipExtFile, "read", lambda *args: sizes.append(args[1]) or read(*args)
    )
    with place.open("a.png") as file:
        file.read(100)
    assert sizes == [HEAD_BYTES]


@pytest.mark.parametrize(
    ("system", "name", "expected"),
    [
        (0, r"a\b\c.png", "a/b/c.png"),
        (10, r"a\c.png", "a/c.png"),
        (0, r"a\b/c.png", r"a\b/c.png"),
        (3, r"a\c.png", r"a\c.png"),
    ],
    ids=["windows", "ntfs", "both", "unix"],
)
def test_backslashes_of_windows_part_folders(tmp_path, system, name, expected):
    path = zipped(tmp_path / "x.zip", {name: b"x"}, create_system=system)
    assert contents_of(open_place(path)) == {expected: b"x"}


@pytest.mark.parametrize(
    ("encoding", "flagged"),
    [("cp437", False), ("utf-8", False), ("utf-8", True)],
    ids=["cp437", "utf-8", "utf-8 that says so"],
)
def test_names_in_a_zip_are_decoded(tmp_path, encoding, flagged):
    path = zipped(tmp_path / "x.zip", {"AAAAAAA.png": b"x", "ascii.png": b"y"})
    written = "äöü.png".encode(encoding)
    plain = b"A" * (len(written) - 4) + b".png"
    content = zipped(path, {plain.decode(): b"x"}).read_bytes()
    if flagged:
        # Bit 11 of the flags, in both headers.
        content = content.replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\0\x08")
        content = content.replace(b"\x14\0\0\0\x08\0", b"\x14\0\0\x08\x08\0")
    path.write_bytes(content.replace(plain, written))
    assert contents_of(open_place(path)) == {"äöü.png": b"x"}


@pytest.mark.parametrize(("checksum", "expected"), [(0, "日本.png"), (1, "_.png")])
def test_a_name_beside_the_name_in_a_zip_counts_if_it_fits(
    tmp_path, checksum, expected
):
    name = "日本.png".encode()
    start = struct.pack("<BL", 1, zlib.crc32(b"_.png") + checksum)
    extra = struct.pack("<HHB", 1, 1, 0)
    extra += struct.pack("<HH", 0x7075, len(start + name)) + start + name
    path = zipped(tmp_path / "x.zip", {"_.png": b"x"}, extra=extra)
    assert contents_of(open_place(path)) == {expected: b"x"}


def mode(kind):
    """Return the attribute of a member that Unix wrote as something of a kind."""
    return {"create_system": 3, "external_attr": (kind | 0o644) << 16}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (mode(stat.S_IFLNK), members.LINK),
        (mode(stat.S_IFCHR), members.NO_FILE),
        (mode(stat.S_IFIFO), members.NO_FILE),
    ],
    ids=["link", "device", "pipe"],
)
def test_what_is_no_file_in_a_zip_is_left_out(tmp_path, changes, reason):
    path = zipped(tmp_path / "x.zip", {"a.png": b"/etc/passwd"}, **changes)
    place = open_place(path)
    assert (place.entries, reasons_of(place)) == ([], {reason: 1})


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"\x14\0\0\0\x08\0", b"\x14\0\x01\0\x08\0", zips.ENCRYPTED),
        (b"\x14\0\0\0\x08\0", b"\x14\0\0\0\x09\0", zips.UNKNOWN),
    ],
    ids=["encrypted", "an unknown packing"],
)
def test_what_cannot_be_unpacked_from_a_zip_is_left_out(tmp_path, old, new, reason):
    path = zipped(tmp_path / "x.zip", {"a.png": b"x" * 99})
    path.write_bytes(path.read_bytes().replace(old, new))
    place = open_place(path)
    assert (place.entries, reasons_of(place)) == ([], {reason: 1})


def test_files_that_are_too_large_to_unpack_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "MAX_BYTES", 1000)
    path = zipped(tmp_path / "x.zip", {"a.png": bytes(1000), "b.png": bytes(1001)})
    place = open_place(path)
    assert [entry.name for entry in place.entries] == ["a.png"]
    assert reasons_of(place) == {zips.TOO_LARGE: 1}


def test_a_damaged_file_of_an_archive_is_named_and_the_others_are_read(tmp_path):
    noise = random.Random(0).randbytes(3 * HEAD_BYTES)
    contents = {"a.png": b"good", "b.png": noise, "c.png": b"spoiled"}
    path = zipped(tmp_path / "x.zip", contents, compress_type=zipfile.ZIP_STORED)
    content = path.read_bytes().replace(noise[-9:], b"123456789")
    path.write_bytes(content.replace(b"spoiled", b"Spoiled"))
    place = open_place(path)
    with place.open("a.png") as file:
        assert file.read() == b"good"
    with pytest.raises(InputError, match=r"x\.zip/c\.png' is no readable.*Bad CRC"):
        place.open("c.png")
    # Only the whole of a large file shows that it is damaged.
    with place.open("b.png") as file:
        assert file.read(9) == noise[:9]
        with pytest.raises(InputError, match=r"x\.zip/b\.png' is no readable.*Bad CRC"):
            file.read()
