import io
import os
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.projects import images as module
from ssvae.projects.project import Project
from ssvae.projects.thumbnails import THUMBNAIL, type_of


def opened(picture):
    return Image.open(io.BytesIO(picture))


def grey(picture):
    return float(np.asarray(opened(picture)).mean())


def test_images_go_by_their_path_below_the_folder(project):
    images = project.images()
    assert images.names[0] == "circle/00.jpg" and images.names[-1] == "star/17.jpg"
    assert len(images) == len(images.dataset.images) == 18
    assert images.row("star/17.jpg") == 17
    with pytest.raises(InputError, match=r"no image 'star/99\.jpg'"):
        images.row("star/99.jpg")


def test_images_of_an_array_file_go_by_their_number(tmp_path, array_file):
    made = Project.create(tmp_path, "digits", Config(dataset=str(array_file)))
    images = made.images()
    assert images.names[:2] == ["image-000000", "image-000001"]
    array = np.asarray(images.original("image-000003"))
    np.testing.assert_array_equal(array, images.dataset.images[3, ..., 0])
    thumbnail = images.thumbnails([3])[0]
    assert type_of(thumbnail) == "image/png"
    np.testing.assert_array_equal(np.asarray(opened(thumbnail)), array)


def test_thumbnails_are_small_and_each_shows_its_image(tmp_path):
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(6):
        level = 40 * number
        picture = Image.new("RGB", (300, 150), (level, level, level))
        picture.save(folder / f"{number}.png")
    made = Project.create(tmp_path / "projects", "large", Config(dataset=str(folder)))
    thumbnails = made.images().thumbnails([5, 2, 0])
    assert [max(opened(one).size) for one in thumbnails] == [THUMBNAIL] * 3
    assert [type_of(one) for one in thumbnails] == ["image/jpeg"] * 3
    np.testing.assert_allclose([grey(one) for one in thumbnails], [200, 80, 0], atol=2)


def test_a_project_is_opened_again_without_decoding(project, monkeypatch):
    first = project.images()
    monkeypatch.delattr(module, "open_dataset")
    again = Project.open(project.folder).images()
    assert again.names == first.names
    assert again.thumbnails(range(18)) == first.thumbnails(range(18))
    np.testing.assert_array_equal(again.dataset.images, first.dataset.images)
    np.testing.assert_array_equal(again.dataset.labels, first.dataset.labels)
    assert again.dataset.class_names == first.dataset.class_names
    assert again.dataset.files == first.dataset.files
    assert again.dataset.reading == first.dataset.reading
    assert isinstance(again.dataset.images, np.memmap)


@pytest.mark.parametrize("change", ["new", "gone", "changed", "in a new folder"])
def test_a_change_of_the_files_is_noticed(project, pictures, change):
    before = project.images()
    if change == "gone":
        (pictures / "star" / "17.jpg").unlink()
    else:
        white = Image.new("RGB", (30, 24), "white")
        name = {"new": "star/18.jpg", "changed": "star/17.jpg"}.get(
            change, "moon/1.jpg"
        )
        (pictures / name).parent.mkdir(exist_ok=True)
        white.save(pictures / name)
    after = project.images()
    number = {"gone": 17, "changed": 18}.get(change, 19)
    assert len(after) == len(after.thumbnails(range(number))) == number
    if change != "gone":
        assert grey(after.thumbnails([after.row(name)])[0]) > 250
    assert len(before) == 18


def test_damage_to_what_is_kept_is_mended(project):
    first = project.images().thumbnails(range(18))
    for name in ("thumbnails.bin", "pixels.npy", "images.json"):
        path = project.cache / name
        path.write_bytes(path.read_bytes()[:100])
        assert project.images().thumbnails(range(18)) == first


def test_an_original_has_its_full_size_and_stands_upright(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    array = np.zeros((40, 2000, 3), np.uint8)
    array[:, :1000] = 255
    exif = Image.Exif()
    # Turned by a quarter, to the right.
    exif[0x0112] = 6
    Image.fromarray(array).save(folder / "one.jpg", exif=exif, quality=95)
    images = Project.create(tmp_path, "p", Config(dataset=str(folder))).images()
    original = images.original("one.jpg")
    assert original.size == (40, 2000)
    assert np.asarray(original)[10].mean() > 250 > 5 > np.asarray(original)[-10].mean()
    assert opened(images.picture("one.jpg")).size == (32, 1600)


def test_originals_are_read_from_an_archive(tmp_path, pictures):
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(pictures.rglob("*.jpg")):
            archive.write(file, file.relative_to(pictures))
    made = Project.create(tmp_path, "archive", Config(dataset=str(path)))
    assert made.images().names[0] == "circle/00.jpg"
    level = np.asarray(made.images().original("star/17.jpg")).mean()
    assert level == pytest.approx(170, abs=2)


def test_a_missing_original_is_told(project, pictures):
    images = project.images()
    (pictures / "star" / "17.jpg").unlink()
    with pytest.raises(InputError, match=r"star/17\.jpg"):
        images.original("star/17.jpg")


def test_the_test_part_is_read_when_it_is_needed(tmp_path, pictures):
    folder = tmp_path / "parts"
    shutil.copytree(pictures, folder / "train")
    shutil.copytree(pictures, folder / "test")
    made = Project.create(tmp_path, "two", Config(dataset=str(folder)))
    made.images()
    again = made.images()
    assert len(again) == 18
    test_images, labels = again.dataset.test_part()
    assert len(test_images) == 18 and labels.tolist() == sorted([0, 1, 2] * 6)


def test_images_that_went_away_are_told(project, pictures):
    project.images()
    shutil.rmtree(pictures)
    with pytest.raises(InputError, match="pictures"):
        project.images()


def test_progress_never_goes_back_and_reaches_the_end(project, monkeypatch):
    # A line for each image, as if it took seconds.
    monkeypatch.setattr("ssvae.data.progress.FIRST", 0.0)
    monkeypatch.setattr("ssvae.data.progress.BETWEEN", 0.0)
    monkeypatch.setattr("ssvae.data.progress.GROWTH", 0.0)
    shares = []
    project.images(progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert len([share for share in shares if share < 0.1]) > 10
    assert len([share for share in shares if 0.1 < share < 0.8]) > 10


def test_a_table_of_images_is_a_project_too(tmp_path, pictures):
    table = pictures / "list.csv"
    table.write_text("file,what\ncircle/00.jpg,round\nstar/17.jpg,pointed\n")
    made = Project.create(tmp_path, "table", Config(dataset=str(table)))
    images = made.images()
    assert len(images) == 18 and images.names[17] == "star/17.jpg"
    assert images.dataset.class_names == ("pointed", "round")
    assert np.asarray(images.original("star/17.jpg")).mean() == pytest.approx(
        170, abs=2
    )
    table.write_text("file,what\ncircle/00.jpg,round\nstar/17.jpg,sharp\n")
    assert made.images().dataset.class_names == ("round", "sharp")


def test_names_that_are_no_utf8_do_no_harm(tmp_path):
    folder = os.fsencode(tmp_path / "pictures")
    os.mkdir(folder)
    for name in (b"\xff.png", b"good.png"):
        with open(os.path.join(folder, name), "wb") as file:
            Image.new("L", (16, 16), 9).save(file, "PNG")
    made = Project.create(tmp_path, "odd", Config(dataset=str(tmp_path / "pictures")))
    images = made.images()
    # What is sent to a browser must be text that UTF-8 can encode.
    assert all(name.encode() for name in images.names)
    assert images.original(images.names[1]).size == (16, 16)
    assert made.images().names == images.names
