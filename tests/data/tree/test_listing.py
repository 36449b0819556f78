"""Of a place the files to read are chosen, and all others are accounted for."""

import os
import random

import pytest

from ssvae.data.tree.listing import choose, open_place, single_file
from ssvae.errors import InputError


def write(folder, *names):
    """Write files of one byte, and the folders on the way to them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_images_without_an_ending_are_found_and_nothing_else_is_opened(tmp_path):
    head = b"\x89PNG\r\n\x1a\n"
    write(tmp_path, "a.png", "b.txt", "c.xml", "d", ".e", "empty")
    (tmp_path / "f.scan").write_bytes(head)
    (tmp_path / "g").write_bytes(head)
    (tmp_path / "empty").write_bytes(b"")
    place = open_place(tmp_path)
    opened = []

    class Watched:
        entries, account = place.entries, place.account

        def open(self, name):
            opened.append(name)
            return place.open(name)

    entries, _ = choose(Watched())
    assert [entry.name for entry in entries] == ["a.png", "f.scan", "g"]
    assert opened == ["d", "f.scan", "g"]


def test_other_kinds_and_files_are_chosen_too(tmp_path):
    write(tmp_path, "a.png", "b.npy", "c.csv", "d.csv", "e")
    place = open_place(tmp_path)
    # Choosing again counts nothing twice.
    for _ in range(2):
        entries, account = choose(place, ("array",), {"c.csv"})
        assert [entry.name for entry in entries] == ["b.npy", "c.csv"]
        assert account.left_out == 3


def test_a_single_file_is_a_place(tmp_path):
    write(tmp_path, "a/b.png", "a/c.png")
    place = single_file(tmp_path / "a" / "b.png")
    assert [(entry.name, entry.size) for entry in place.entries] == [("b.png", 1)]
    assert place.where("b.png") == str(tmp_path / "a" / "b.png")
    with pytest.raises(InputError, match="No such file"):
        single_file(tmp_path / "none.png")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("none", "'.*none' does not exist, but '.*' does: need a folder"),
        ("none/of/these", "these' does not exist, but '[^']*(?<!none)(?<!of)' does"),
        ("text", "neither a folder nor an archive: need a folder, or a .zip"),
        ("pipe", "neither a folder nor an archive"),
        ("text/more", "cannot read .*: Not a directory"),
        ("a\0b", "cannot read .*: embedded null byte"),
        ("x" * 300, "cannot read .*: File name too long"),
    ],
    ids=["none", "deeper", "text", "pipe", "in a file", "no name", "long"],
)
def test_a_place_that_is_none_is_told_why(tmp_path, path, words):
    write(tmp_path, "text")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=words) as error:
        open_place(os.path.join(tmp_path, path))
    assert "\n" not in str(error.value)


NAMES = (
    *("a.png", "b b.JPG", "new\nline.png", "\u0061\u0308", "\u00e4", "\udcff", "-rf"),
    *(".hidden", "Thumbs.db", "notes.txt", "labels.csv", "a.zip", "%s", "back\\slash"),
)


def fill(folder, rng, depth=0):
    """Fill a folder at random with files, folders, links, and pipes."""
    for name in rng.sample(NAMES, rng.randrange(len(NAMES))):
        path, kind = folder / name, rng.randrange(8)
        if kind == 0 and depth < 3:
            path.mkdir()
            fill(path, rng, depth + 1)
        elif kind == 1:
            os.symlink(rng.choice(("..", ".", "a.png", "none", "../-rf")), path)
        elif kind == 2:
            os.mkfifo(path)
        else:
            path.write_bytes(bytes(rng.randrange(9)))


@pytest.mark.parametrize("seed", range(30))
def test_read_and_left_out_add_up_to_what_is_there(tmp_path, seed):
    fill(tmp_path, random.Random(seed))
    # Links lead to folders of this place alone: each of them counts as one.
    there = 0
    for path, inside, names in os.walk(tmp_path):
        there += len(names) + sum(os.path.islink(f"{path}/{name}") for name in inside)
    place = open_place(tmp_path)
    assert len(place.entries) + place.account.total == there
    entries, account = choose(place)
    account.count_read(len(entries))
    assert account.total == there
    for entry in entries:
        with place.open(entry.name) as file:
            assert len(file.read()) == entry.size
