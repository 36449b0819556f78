"""Folders of image files: layouts, what files hold, and what cannot be used."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ImageFile import ImageFile

from ssvae.data import load_dataset
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.values import SAMPLE_BYTES
from ssvae.errors import InputError


@pytest.fixture
def folder(tmp_path, rng):
    """Return a writer of image files: a path in the folder, and pixels or none."""

    def write(name, pixels=None, **kwargs):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if pixels is None:
            pixels = rng.integers(0, 256, (9, 7), dtype=np.uint8)
        Image.fromarray(pixels).save(path, **kwargs)
        return pixels

    write.path = tmp_path / "images"
    return write


def test_folders_are_classes_and_the_rest_is_unlabeled(folder):
    cat, dog = folder("cat/deep/1.png"), folder("dog/b.png")
    rest = folder("unlabeled/x.png"), folder("loose.png")
    (folder.path / "cat" / "notes.txt").write_text("no image")
    folder(".hidden/1.png")
    dataset = load_dataset(str(folder.path))
    assert dataset.class_names == ("cat", "dog")
    assert dataset.labels.tolist() == [0, 1, -1, -1]
    expected = np.stack([cat, dog, rest[1], rest[0]])[..., None]
    assert np.array_equal(dataset.images, expected)
    assert dataset.files[0] == str(folder.path / "cat" / "deep" / "1.png")
    assert dataset.read_test is None


def test_classes_that_are_numbers_are_in_their_order(folder):
    for name in ("10", "9", "1"):
        folder(f"{name}/1.png")
    assert load_dataset(str(folder.path)).class_names == ("1", "9", "10")


def test_a_test_part_has_its_own_folder(folder):
    folder("train/a/1.png")
    folder("train/b/1.png")
    held = folder("test/b/1.png")
    folder("test/unlabeled/1.png")
    dataset = load_dataset(str(folder.path))
    assert dataset.class_names == ("a", "b")
    images, labels = dataset.labeled_test_part()
    assert np.array_equal(images[..., 0], held[None])
    assert labels.tolist() == [1]
    # A class that the training part lacks cannot be right.
    folder("test/c/1.png")
    dataset = load_dataset(str(folder.path))
    assert dataset.class_names == ("a", "b")
    assert any("Classes in the test part alone" in note for note in dataset.notes)
    assert dataset.read_test()[1].tolist() == [1, -1]


def test_labels_are_read_from_a_table(folder, tmp_path):
    for name in ("1.png", "2.png", "sub/3.png", "4.png"):
        folder(name)
    table = tmp_path / "labels.csv"
    table.write_text("label,file\ncat,2.png\n,1.png\ndog,./sub/3.png\n")
    dataset = load_dataset(str(folder.path), labels_csv=str(table))
    assert dataset.class_names == ("cat", "dog")
    assert dataset.labels.tolist() == [-1, 0, -1, 1]


def test_a_table_of_other_images_is_refused_in_one_line(folder, tmp_path):
    folder("1.png")
    table = tmp_path / "labels.csv"
    table.write_text("file,label\n9.png,cat\n")
    words = "columns 'file', 'label', first row '9.png', 'cat'.*'1.png'"
    with pytest.raises(InputError, match=words) as error:
        load_dataset(str(folder.path), labels_csv=str(table))
    assert "\n" not in str(error.value)


def test_a_missing_table_is_refused(folder):
    folder("1.png")
    with pytest.raises(InputError, match="No such file"):
        load_dataset(str(folder.path), labels_csv="nowhere.csv")


def test_a_stated_size_is_what_images_are_brought_to(folder):
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 200
    folder("a/wide.png", wide)
    folder("b/small.png", np.full((5, 5), 90, np.uint8))
    said = []
    dataset = load_dataset(str(folder.path), image_size=10, say=said.append)
    # What is too wide is cut around the centre.
    assert np.all(dataset.images[0] == 200)
    assert np.all(dataset.images[1] == 90)
    assert dataset.images.shape == (2, 10, 10, 1)
    assert not said
    # A model may take images that are no squares.
    images = load_dataset(str(folder.path), image_size=(10, 20)).images
    assert images.shape == (2, 10, 20, 1)
    assert np.all(images[0, :, 6:14] == 200) and not images[0, :, [0, -1]].any()


def test_photographs_of_mixed_sizes_become_squares(folder, rng):
    wide = np.zeros((400, 900), np.uint8)
    wide[:, 250:650] = 200
    folder("a/wide.jpg", wide)
    folder("b/small.png", rng.integers(0, 256, (32, 48, 3), dtype=np.uint8))
    folder("unlabeled/tall.png", np.full((300, 240), 90, np.uint8))
    dataset = load_dataset(str(folder.path))
    line = "Images of mixed sizes, 48x32 to 900x400 pixels: brought to 224x224."
    assert line in dataset.reading.sentences
    assert dataset.images.shape == (3, 224, 224, 3)
    assert np.abs(dataset.images[0].astype(int) - 200).max() < 20
    assert np.all(dataset.images[2] == 90)


def test_large_images_of_one_size_keep_their_shape(folder, rng):
    for name in ("a/1.jpg", "b/1.jpg"):
        folder(name, rng.integers(0, 256, (600, 800), dtype=np.uint8))
    dataset = load_dataset(str(folder.path))
    assert dataset.images.shape == (2, 168, 224, 1)
    line = "Images of 800x600 pixels: brought to 224x168."
    assert line in dataset.reading.sentences


def test_small_images_of_one_size_are_kept(folder, rng):
    pixels = rng.integers(0, 256, (224, 150), dtype=np.uint8)
    folder("a/1.png", pixels)
    dataset = load_dataset(str(folder.path))
    assert np.array_equal(dataset.images[0, ..., 0], pixels)
    assert not any("brought to" in line for line in dataset.reading.sentences)


def test_small_images_of_mixed_sizes_stay_small(folder, rng):
    for side in (20, 30, 50):
        pixels = rng.integers(0, 256, (side, 100), dtype=np.uint8)
        folder(f"a/{side}.png", pixels)
    dataset = load_dataset(str(folder.path))
    assert dataset.images.shape == (3, 30, 30, 1)
    line = "Images of mixed sizes, 100x20 to 100x50 pixels: brought to 30x30."
    assert line in dataset.reading.sentences


def test_the_size_is_that_of_the_image_as_it_is_seen(folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    upright, lying = np.zeros((40, 20), np.uint8), np.zeros((20, 40), np.uint8)
    lying[:, 30:] = upright[30:] = 255
    folder("a/upright.png", upright)
    for kind in ("png", "jpg", "tif", "webp"):
        folder(f"a/lying.{kind}", lying, exif=exif)
    images = load_dataset(str(folder.path)).images
    assert images.shape == (5, 40, 20, 1)
    assert np.abs(images - images[-1].astype(int)).max() < 30


def test_the_test_part_has_the_size_of_the_training_part(folder, rng):
    for name, side in (("train/a/1.png", 20), ("train/b/1.png", 30)):
        folder(name, rng.integers(0, 256, (side, side), dtype=np.uint8))
    folder("test/a/1.png", np.full((300, 500), 70, np.uint8))
    dataset = load_dataset(str(folder.path))
    assert dataset.image_shape == (25, 25, 1)
    images, _ = dataset.read_test()
    assert images.shape == (1, 25, 25, 1) and np.all(images == 70)


def test_a_test_part_in_color_beside_grey_becomes_grey_and_is_told(folder, rng):
    folder("train/a/1.png")
    folder("train/b/1.png")
    pixels = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    folder("test/a/1.png", pixels)
    said = []
    images, _ = load_dataset(str(folder.path), say=said.append).read_test()
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    assert np.abs(images[0, ..., 0] - grey.astype(int)).max() <= 1
    assert "1 of 1 images is in color and was made grey" in said[-1]


@pytest.mark.parametrize("size", [0, 20])
@pytest.mark.parametrize("end", [10, -4000], ids=["header", "pixels"])
def test_a_broken_file_among_mixed_sizes(folder, rng, end, size):
    for name, side in (("a/1.png", 20), ("b/1.png", 30), ("b/broken.png", 90)):
        folder(name, rng.integers(0, 256, (side, side), dtype=np.uint8))
    broken = folder.path / "b" / "broken.png"
    broken.write_bytes(broken.read_bytes()[:end])
    words = r"broken\.png' is no readable image: .*; --skip-broken leaves it out$"
    with pytest.raises(InputError, match=words) as error:
        load_dataset(str(folder.path), image_size=size)
    assert "\n" not in str(error.value)
    said = []
    dataset = load_dataset(
        str(folder.path), image_size=size, skip_broken=True, say=said.append
    )
    assert [Path(path).name for path in dataset.files] == ["1.png", "1.png"]
    assert said[-1].startswith("Left out: ") and "broken.png" in said[-1]
    assert sum("Left out" in line for line in said) == 1


def test_a_folder_of_broken_files_alone_is_refused(folder):
    folder("a/1.png")
    (folder.path / "a" / "1.png").write_text("no picture")
    with pytest.raises(InputError, match="none of the 1 image files can be read"):
        load_dataset(str(folder.path), skip_broken=True)


def test_few_images_are_decoded_twice(folder, rng, monkeypatch):
    for side in range(20, 60):
        folder(f"a/{side}.png", rng.integers(0, 256, (side, side), dtype=np.uint8))
    decoded, load = [], ImageFile.load

    def counted(picture):
        # Pillow may ask again; the pixels are decoded while there are tiles.
        decoded.extend([picture.size] if picture.tile else [])
        return load(picture)

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", counted)
    load_dataset(str(folder.path))
    # Sizes are in the headers; what is black and white, in a sample of the pixels.
    assert len(decoded) == 40 + SAMPLE_BYTES and len(set(decoded)) == 40


def test_grey_beside_color_becomes_color(folder, rng):
    color = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    folder("a/1.png", color)
    grey = folder("b/1.png")
    images = load_dataset(str(folder.path)).images
    assert np.array_equal(images[0], color)
    assert np.array_equal(images[1], np.stack([grey] * 3, axis=-1))


def test_every_image_mode_gives_the_pixels_that_are_seen(tmp_path):
    path = tmp_path / "1.png"

    def read(picture, **kwargs):
        picture.save(path, **kwargs)
        return open_image(path, path)[..., 0].tolist()

    steps = np.array([[0, 100], [200, 255]], np.uint8)
    assert read(Image.fromarray(steps)) == steps.tolist()
    assert read(Image.fromarray(steps.astype(np.uint16) * 257)) == steps.tolist()
    assert read(Image.fromarray(steps > 150)) == [[0, 0], [255, 255]]
    # Transparent is white.
    seen = np.stack([steps, np.array([[255, 255], [0, 255]], np.uint8)], axis=-1)
    assert read(Image.fromarray(seen, "LA")) == [[0, 100], [255, 255]]
    colors = Image.fromarray(steps).convert("RGB").quantize(4)
    assert read(colors) == steps.tolist()
    # Lying on its side, as a camera says.
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read(Image.fromarray(steps), exif=exif) == [[200, 0], [255, 100]]


def test_files_that_cannot_be_read_are_refused_or_left_out(folder):
    whole = folder("a/1.png")
    folder("b/1.png")
    (folder.path / "a" / "text.png").write_text("no picture")
    photo = folder.path / "b" / "photo.jpg"
    Image.fromarray(np.tile(whole, (9, 9))).save(photo)
    photo.write_bytes(photo.read_bytes()[:200])
    (folder.path / "a" / "loop.png").symlink_to(folder.path / "a" / "loop.png")
    (folder.path / "a" / "around").symlink_to(folder.path)
    words = r"text.png.*\(2 such files\); --skip-broken leaves it out"
    with pytest.raises(InputError, match=words):
        load_dataset(str(folder.path))
    said = []
    dataset = load_dataset(str(folder.path), skip_broken=True, say=said.append)
    assert dataset.labels.tolist() == [0, 1]
    left_out = [line.split("'")[1].rsplit("/")[-1] for line in said]
    assert left_out == ["text.png", "photo.jpg"]
    account = dataset.reading.account
    reasons = {reason: left.count for reason, left in account.reasons.items()}
    # The files, and the two links that lead nowhere and around.
    assert account.read == 2 and sum(reasons.values()) == 4
    assert reasons["unreadable image"] == 2


def test_tiny_images_are_refused(folder):
    folder("a/1.png", np.zeros((1, 1), np.uint8))
    with pytest.raises(InputError, match="1 by 1 pixels; need sides from 4 to 512"):
        load_dataset(str(folder.path))


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no images \(it is empty\): need one"):
        load_dataset(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_refused(folder):
    folder("a/1.png")
    (folder.path / "a").chmod(0)
    try:
        with pytest.raises(InputError, match="Permission denied"):
            load_dataset(str(folder.path))
    finally:
        (folder.path / "a").chmod(0o755)
