import io
import tarfile
import zipfile

import pytest
from PIL import Image

from ssvae.errors import InputError
from ssvae.projects.project import Project
from ssvae.projects.uploads import add_uploads, safe_name


class Dropped(io.BytesIO):
    def __init__(self, name, content):
        super().__init__(content)
        self.name = name


def picture(level=0, kind="PNG"):
    file = io.BytesIO()
    Image.new("L", (12, 12), level).save(file, kind)
    return file.getvalue()


@pytest.fixture
def dropped(tmp_path):
    return Project.create(tmp_path / "projects", "dropped")


def test_dropped_images_become_the_images_of_the_project(dropped):
    with pytest.raises(InputError, match="has no images yet"):
        dropped.images()
    files = [Dropped("one.png", picture(1)), Dropped("my dog.JPG", picture(2, "JPEG"))]
    done = add_uploads(dropped, files)
    assert done.stored == ["one.png", "my dog.JPG"] and not done.left_out
    assert sorted(dropped.images().names) == ["my dog.JPG", "one.png"]
    add_uploads(dropped, [Dropped("two.png", picture(3))])
    assert len(dropped.images()) == 3


def test_images_of_one_name_are_kept_apart_and_the_same_image_is_stored_once(dropped):
    files = [Dropped("a.png", picture(level)) for level in (1, 2, 3, 2)]
    done = add_uploads(dropped, files)
    assert done.stored == ["a.png", "a (2).png", "a (3).png"]
    assert done.left_out == {"a.png": "the same image is there already"}
    again = add_uploads(dropped, [Dropped("a.png", picture(3))])
    assert not again.stored


def test_what_is_no_image_is_left_out_with_the_reason(dropped):
    files = [
        Dropped("notes.txt", b"hello"),
        Dropped("cut.png", picture()[:20]),
        Dropped("good.png", picture()),
    ]
    done = add_uploads(dropped, files)
    assert done.stored == ["good.png"]
    assert "no readable image" in done.left_out["notes.txt"]
    assert "cut.png" in done.left_out


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_is_unpacked_below_a_folder_of_its_name(dropped, kind):
    file = io.BytesIO()
    members = {"cat/1.png": picture(1), "../2.png": picture(2), "read.me": b"words"}
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    done = add_uploads(dropped, [Dropped(f"pets.{kind}.gz", file.getvalue())])
    assert "pets/cat/1.png" in done.stored
    assert any("read.me" in name for name in done.left_out)
    stored = [path.name for path in (dropped.folder / "images" / "pets").rglob("*.png")]
    anywhere = [path.name for path in dropped.folder.parent.parent.rglob("*.png")]
    assert "1.png" in stored and sorted(stored) == sorted(anywhere)


def test_a_damaged_archive_is_left_out(dropped):
    done = add_uploads(dropped, [Dropped("pets.zip", b"PK\x03\x04" + b"x" * 99)])
    assert not done.stored and "pets.zip" in done.left_out["pets.zip"]
    assert "upload" not in done.left_out["pets.zip"]


def test_an_image_with_the_ending_of_another_kind_gets_its_own(dropped):
    done = add_uploads(dropped, [Dropped("photo.txt", picture())])
    assert done.stored == ["photo.txt.png"]
    assert dropped.images().names == done.stored


def test_a_name_that_is_a_folder_here_is_stored_all_the_same(dropped):
    files = [Dropped("a.png", picture(1)), Dropped("a.png/b.png", picture(2))]
    assert add_uploads(dropped, files).stored == ["a.png", "a.png_b.png"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.png", "etc/passwd.png"),
        ("C:\\photos\\cat.png", "C_/photos/cat.png"),
        ("/abs/cat.png", "abs/cat.png"),
        (".hidden.png", "hidden.png"),
        ("a\0b\n.png", "a_b_.png"),
        ("NUL.png", "_NUL.png"),
        ("", "image"),
        ("..", "image"),
    ],
)
def test_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


def test_long_names_keep_their_ending():
    name = safe_name("ä" * 400 + ".jpeg")
    assert name.endswith("ä.jpeg") and len(name.encode()) <= 180


def test_images_of_a_folder_elsewhere_get_no_uploads(project):
    with pytest.raises(InputError, match="put new ones there"):
        add_uploads(project, [Dropped("a.png", picture())])
