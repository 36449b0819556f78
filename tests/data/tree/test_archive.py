"""Archives are read as the folder that they were made of."""

import gzip
import os
import random
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

import fuzzing
import numpy as np
import pytest
from archives import CONTENTS, TARS, contents_of, tarred, zipped

from ssvae.data.tree.listing import choose, is_archive, open_place
from ssvae.data.tree.slices import HEAD_BYTES
from ssvae.errors import InputError


@pytest.fixture(params=["x.zip", *TARS])
def archive(request, tmp_path):
    """Return the path of an archive of `CONTENTS`, of each kind."""
    path = tmp_path / request.param
    if request.param == "x.zip":
        return zipped(path, CONTENTS)
    return tarred(path, CONTENTS, TARS[request.param])


def test_an_archive_is_read_whatever_its_name(archive):
    other = archive.rename(archive.with_name("images"))
    assert is_archive(other)
    place = open_place(other)
    assert contents_of(place) == CONTENTS
    assert place.account.total == 0
    assert [entry.name for entry in place.entries] == sorted(CONTENTS)
    assert place.where("a/1.png") == f"{other}/a/1.png"
    with pytest.raises(InputError, match=r"holds no file 'none\.png'"):
        place.open("none.png")


def test_streams_of_an_archive_are_read_anywhere(archive):
    place = open_place(archive)
    content = CONTENTS["a/2.png"]
    assert len(content) > HEAD_BYTES
    with place.open("a/2.png") as file:
        assert file.read(3) == content[:3]
        assert file.seek(-5, os.SEEK_END) == len(content) - 5
        assert file.read() == content[-5:]
        assert file.seek(HEAD_BYTES - 2) == HEAD_BYTES - 2
        assert file.read(9) == content[HEAD_BYTES - 2 :][:9]
        assert file.seek(1000, os.SEEK_CUR) == file.tell()
        assert file.seek(len(content) + 7)
        assert file.read(1) == b""


def test_many_threads_read_one_archive(archive):
    place = open_place(archive)

    def read(name):
        with place.open(name) as file:
            return file.read() == CONTENTS[name]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, list(CONTENTS) * 50))


def not_archives(folder):
    """Write files that are no archives of files; return their paths."""
    np.savez(folder / "a.npz", x=np.arange(3), y=np.arange(3))
    np.savez_compressed(folder / "cut.npz", x=np.arange(9))
    content = (folder / "cut.npz").read_bytes()
    (folder / "cut.npz").write_bytes(content[:-30])
    (folder / "a.gz").write_bytes(gzip.compress(b"words" * 999))
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(999))
    (folder / "a.csv").write_text("file,label\n" * 99)
    (folder / "empty.zip").write_bytes(b"")
    return sorted(folder.iterdir())


def test_other_files_are_no_archives(tmp_path):
    paths = not_archives(tmp_path)
    assert len(paths) == 6
    for path in [*paths, tmp_path, tmp_path / "none"]:
        assert not is_archive(path)
    for path in paths:
        with pytest.raises(InputError, match="neither a folder nor an archive"):
            open_place(path)


@pytest.mark.parametrize(
    ("head", "name"), [(b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!\x1a\x07\0", "RAR")]
)
def test_archives_of_other_programs_are_called_by_their_names(tmp_path, head, name):
    (tmp_path / "x").write_bytes(head + bytes(600))
    with pytest.raises(InputError, match=f"is a {name} archive: unpack it; need a"):
        open_place(tmp_path / "x")


@pytest.mark.parametrize("write", [zipped, tarred])
def test_an_archive_of_nothing_holds_nothing(tmp_path, write):
    place = open_place(write(tmp_path / "x", {}))
    assert (place.entries, place.account.total) == ([], 0)


def test_archives_in_archives_are_not_opened(tmp_path):
    inner = zipped(tmp_path / "inner.zip", CONTENTS).read_bytes()
    place = open_place(zipped(tmp_path / "x.zip", {"a.png": b"x", "inner.zip": inner}))
    entries, account = choose(place)
    assert [entry.name for entry in entries] == ["a.png"]
    assert account.lines() == [
        "1 file left out: 1 archive inside, not opened (inner.zip)"
    ]


def test_a_cut_archive_is_refused(archive):
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 3])
    with pytest.raises(InputError, match="is no readable archive: "):
        open_place(archive)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_holds_what_its_folder_holds(tmp_path, seed, kind):
    rng = random.Random(seed)
    names = ["a.png", "ä.png", "a\u0308.png", "x y", "n\nl.png", ".h", "Thumbs.db"]
    folder = tmp_path / "folder"
    for depth in ("", "b", "b/c", "b/c/__MACOSX", "b b"):
        (folder / depth).mkdir(exist_ok=True)
        for name in rng.sample(names, rng.randrange(len(names))):
            (folder / depth / name).write_bytes(rng.randbytes(rng.randrange(2000)))
    if kind == "tar":
        with tarfile.open(tmp_path / "x", "w") as archive:
            archive.add(folder, "")
    else:
        with zipfile.ZipFile(tmp_path / "x", "w") as archive:
            for path in folder.rglob("*"):
                archive.write(path, path.relative_to(folder))
    place, expected = open_place(tmp_path / "x"), open_place(folder)
    assert contents_of(place) == contents_of(expected)
    assert place.entries == expected.entries
    assert choose(place)[1] == choose(expected)[1]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar-gz"])
def test_damaged_archives_are_read_or_refused(tmp_path, kind):
    path, opens = fuzzing.seed_files(tmp_path)[kind]
    content = path.read_bytes()
    opens(path)
    refused = 0
    for case in range(100):
        path.write_bytes(fuzzing.mutated(content, random.Random(case)))
        try:
            opens(path)
        except InputError as error:
            assert "\n" not in str(error)
            refused += 1
    assert 0 < refused < 100
