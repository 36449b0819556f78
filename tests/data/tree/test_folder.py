"""Every file of a folder is listed once, whatever links and permissions there are."""

import os
import socket

import pytest

from ssvae.data.tree import folder as folders
from ssvae.data.tree.listing import choose, open_place
from ssvae.errors import InputError


def write(folder, *names):
    """Write files of one byte, and the folders on the way to them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def link(folder, name, target):
    """Make a link, and the folders on the way to it."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    os.symlink(target, folder / name)


def chosen(place):
    """Return the names of the images, and the count of each reason for the others."""
    entries, account = choose(place)
    names = [entry.name for entry in entries]
    return names, {reason: left.count for reason, left in account.reasons.items()}


def socket_at(folder):
    with socket.socket(socket.AF_UNIX) as file:
        # The path of a socket has about a hundred bytes.
        there = os.open(folder, os.O_RDONLY)
        file.bind(f"/proc/self/fd/{there}/socket")
        os.close(there)


# What is made beside `a.png`, the images that are read, and the reasons for the others.
CASES = {
    "hidden files and folders": (
        lambda f: write(f, ".b.png", ".c/d.png", "e/.f/g.png"),
        [],
        {"hidden": 3},
    ),
    "system files": (
        lambda f: write(f, "Thumbs.db", "._a.png", "__MACOSX/a.png", ".git/x/y"),
        [],
        {"system file": 4},
    ),
    "other files": (
        lambda f: write(f, "b.txt", "c.txt", "d.csv", "e"),
        [],
        {"no image: .txt": 2, "no image: .csv": 1, "no image: no ending": 1},
    ),
    "an archive": (lambda f: write(f, "b.zip"), [], {"archive inside, not opened": 1}),
    "empty folders": (lambda f: (f / "b" / "c").mkdir(parents=True), [], {}),
    "a link to a file": (lambda f: link(f, "b.png", "a.png"), ["b.png"], {}),
    "a link that leads nowhere": (
        lambda f: link(f, "b.png", "none.png"),
        [],
        {folders.DEAD_LINK: 1},
    ),
    "links that lead to each other": (
        lambda f: (link(f, "b.png", "c.png"), link(f, "c.png", "b.png")),
        [],
        {folders.DEAD_LINK: 2},
    ),
    "a link to a folder that is read": (
        lambda f: (write(f, "z/b.png"), link(f, "b", "z")),
        ["z/b.png"],
        {folders.READ_ALREADY: 1},
    ),
    "links to the folders above": (
        lambda f: (link(f, "b/c", ".."), link(f, "b/d", "."), link(f, "b/e", "../..")),
        [],
        {folders.LOOP: 3},
    ),
    "a link to another folder": (
        lambda f: (write(f.parent, "other/b.png"), link(f, "b", "../other")),
        ["b/b.png"],
        {},
    ),
    "two links to another folder": (
        lambda f: (
            write(f.parent, "other/b.png"),
            link(f, "b", "../other"),
            link(f, "c", "../other"),
        ),
        ["b/b.png"],
        {folders.READ_ALREADY: 1},
    ),
    "a link to a folder in a folder of another link": (
        lambda f: (
            write(f.parent, "other/c/b.png", "other/d.png"),
            link(f, "b", "../other/c"),
            link(f, "c", "../other"),
        ),
        ["b/b.png", "c/d.png"],
        {folders.READ_ALREADY: 1},
    ),
    "a loop in another folder": (
        lambda f: (
            write(f.parent, "other/b.png"),
            link(f.parent, "other/c", "../other"),
            link(f, "b", "../other"),
        ),
        ["b/b.png"],
        {folders.LOOP: 1},
    ),
    "hidden links": (
        lambda f: (
            write(f.parent, "other/b.png", "other/c.png"),
            link(f, ".b", "../other"),
            link(f, "._c", "none"),
        ),
        [],
        {"hidden": 1, "system file": 1},
    ),
    "a pipe": (lambda f: os.mkfifo(f / "b.png"), [], {folders.NO_FILE: 1}),
    "a socket": (socket_at, [], {folders.NO_FILE: 1}),
    "a link to a device": (
        lambda f: link(f, "b.png", "/dev/null"),
        [],
        {folders.NO_FILE: 1},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_in_a_folder_is_read_or_left_out_for_a_reason(tmp_path, case):
    make, images, reasons = CASES[case]
    write(tmp_path, "place/a.png")
    make(tmp_path / "place")
    assert chosen(open_place(tmp_path / "place")) == (["a.png", *images], reasons)


def test_files_come_folder_by_folder_with_their_sizes(tmp_path):
    write(tmp_path, "b-1/c.png", "b/c.png", "b/10.png", "b/9.png", "A.png")
    (tmp_path / "A.png").write_bytes(b"12345")
    place = open_place(tmp_path)
    names = ["A.png", "b/10.png", "b/9.png", "b/c.png", "b-1/c.png"]
    assert [entry.name for entry in place.entries] == names
    assert [entry.size for entry in place.entries] == [5, 1, 1, 1, 1]


@pytest.mark.parametrize(
    "name", ["a b.png", "a\nb.png", "\u0061\u0308.png", "\u00e4.png", "\udcff.png"]
)
def test_files_of_any_name_are_opened(tmp_path, name):
    write(tmp_path, name)
    place = open_place(tmp_path)
    (entry,) = place.entries
    assert entry.name == name
    assert place.where(name) == str(tmp_path / name)
    with place.open(name) as file:
        assert file.read() == b"x"


@pytest.fixture
def forbid(monkeypatch):
    """Return a function that forbids folders of a name; root may read any other."""
    scan = os.scandir

    def forbid(name):
        def refuse(path):
            if os.path.basename(path) == name:
                raise PermissionError(13, "Permission denied", path)
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)

    return forbid


def test_a_forbidden_folder_is_left_out_and_told(tmp_path, forbid):
    write(tmp_path, "a.png", "b/c.png")
    forbid("b")
    assert chosen(open_place(tmp_path)) == (["a.png"], {folders.FORBIDDEN_FOLDER: 1})


def test_a_forbidden_folder_of_the_system_is_no_more_than_that(tmp_path, forbid):
    write(tmp_path, "a.png", "lost+found/c.png")
    forbid("lost+found")
    assert chosen(open_place(tmp_path)) == (["a.png"], {"system file": 1})


@pytest.mark.parametrize("name", ["place", "b"], ids=["the place", "all there is"])
def test_a_place_that_may_not_be_read_is_refused(tmp_path, forbid, name):
    write(tmp_path, "place/b/c.png", "place/.hidden")
    forbid(name)
    with pytest.raises(InputError, match=rf"cannot read '.*{name}': Permission denied"):
        open_place(tmp_path / "place")


def test_a_file_that_may_not_be_opened_is_one_line(tmp_path, monkeypatch):
    write(tmp_path, "a.png")
    place = open_place(tmp_path)
    (tmp_path / "a.png").unlink()
    with pytest.raises(InputError, match=r"cannot read '.*a\.png': No such file"):
        place.open("a.png")
