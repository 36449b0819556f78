"""Files as people have them become a data set; all are accounted for."""

import io
import os
import random
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from ssvae.data import load_dataset
from ssvae.data.pixels.values import ValueRange
from ssvae.data.reading.brought import Brought
from ssvae.data.reading.files import ImageFiles
from ssvae.errors import InputError

SIDE = 8


def png(rng, dtype=np.uint8, high=256, channels=()):
    """Return the bytes of an image of random pixels, and the pixels."""
    pixels = rng.integers(0, high, (SIDE, SIDE, *channels)).astype(dtype)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "png")
    return content.getvalue(), pixels


def write(folder, contents):
    """Write files below a folder, from a dict of names to bytes or text."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def images(rng, *names):
    """Return a dict of names to the bytes of images."""
    return {name: png(rng)[0] for name in names}


def labels_of(dataset):
    """Return the class name of each image of the training part, "" for unlabeled."""
    return [
        dataset.class_names[label] if label >= 0 else "" for label in dataset.labels
    ]


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar", "xztar"])
def test_an_archive_is_read_as_its_folder(tmp_path, rng, kind):
    names = ("cat/1.png", "cat/2.png", "dog/1.png", "unlabelled/9.png")
    write(tmp_path / "data", {**images(rng, *names), "cat/.DS_Store": "x"})
    archive = shutil.make_archive(str(tmp_path / "packed"), kind, tmp_path, "data")
    folder, packed = load_dataset(str(tmp_path / "data")), load_dataset(archive)
    np.testing.assert_array_equal(packed.images, folder.images)
    assert labels_of(packed) == labels_of(folder) == ["cat", "cat", "dog", ""]
    assert packed.files[0] == f"{archive}/data/cat/1.png"
    assert packed.reading.account.total == 5
    # Commands that use a model read the same files.
    (chunk, where), *_ = ImageFiles([archive], Brought((SIDE, SIDE, 1)))
    np.testing.assert_array_equal(chunk, packed.images / np.float32(255))
    assert where == packed.files


def test_a_table_is_a_data_set_of_the_images_beside_it(tmp_path, rng):
    write(tmp_path, images(rng, "a/1.png", "a/2.png", "b/3.png"))
    write(tmp_path, {"t.csv": "image;species\n3;dog\n1;cat\n"})
    dataset = load_dataset(str(tmp_path / "t.csv"))
    assert labels_of(dataset) == ["cat", "", "dog"]
    assert dataset.reading.account.as_dict()["left_out"] == 0
    # As a list of images it names those to classify, in its order.
    (_, where), *_ = ImageFiles([tmp_path / "t.csv"], Brought((SIDE, SIDE, 1)))
    assert where == [str(tmp_path / name) for name in ("b/3.png", "a/1.png")]


def test_a_table_in_a_folder_without_classes_is_used_and_told(tmp_path, rng):
    write(tmp_path, images(rng, *(f"images/{row}.png" for row in range(4))))
    write(tmp_path, {"train.csv": "id,breed\n0,cat\n1,dog\n2,dog\n", "note.txt": "x"})
    dataset = load_dataset(str(tmp_path))
    assert labels_of(dataset) == ["cat", "dog", "dog", ""]
    assert "Labels from train.csv" in " ".join(dataset.reading.sentences)
    account = dataset.reading.account
    assert (account.read, account.left_out) == (5, 1)
    # The folders alone say nothing.
    alone = load_dataset(str(tmp_path), label_from="folder")
    assert set(labels_of(alone)) == {""} and alone.reading.account.read == 4


def test_a_table_gives_a_test_folder_without_classes_its_labels(tmp_path, rng):
    """As the German traffic signs come: classes are folders in the training part."""
    train = [
        f"X/Final_Training/Images/{c}/{n}.png" for c in ("00000", "00012") for n in "12"
    ]
    test = [f"X/Final_Test/Images/{row}.png" for row in range(3)]
    write(tmp_path, images(rng, *train, *test))
    write(tmp_path, {"X/GT.csv": "Filename;Width;ClassId\n0.png;8;12\n1.png;8;0\n"})
    dataset = load_dataset(str(tmp_path))
    assert dataset.class_names == ("00000", "00012")
    assert dataset.read_test()[1].tolist() == [1, 0]
    assert labels_of(dataset).count("") == 1
    assert any("1 images of the test part have no class" in n for n in dataset.notes)
    assert dataset.reading.account.total == 8 == dataset.reading.account.read


@pytest.mark.parametrize(
    ("settings", "classes"),
    [
        ({}, {"apple", "pear"}),
        ({"class_depth": 1}, {"red", "green"}),
        ({"label_from": "parent"}, {"apple", "pear"}),
        ({"label_from": "name"}, {"big", "small"}),
    ],
    ids=["auto", "depth", "parent", "name"],
)
def test_settings_choose_what_names_the_classes(tmp_path, rng, settings, classes):
    names = [
        f"all/{group}/{fruit}/{size}_{row}.png"
        for group, fruit in (("red", "apple"), ("green", "pear"))
        for size in ("big", "small")
        for row in (1, 2)
    ]
    write(tmp_path, images(rng, *names))
    assert set(labels_of(load_dataset(str(tmp_path), **settings))) == classes


def test_masks_beside_images_are_left_out(tmp_path, rng):
    mask = io.BytesIO()
    square = np.zeros((32, 32), np.uint8)
    square[8:20, 8:20] = 255
    Image.fromarray(square).save(mask, "png")
    for row in range(3):
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        for kind in ("benign", "malignant"):
            path = tmp_path / kind / f"{kind} ({row}).png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(path)
            write(tmp_path, {f"{kind}/{kind} ({row})_mask.png": mask.getvalue()})
    dataset = load_dataset(str(tmp_path))
    assert len(dataset.images) == 6
    assert [left.count for left in dataset.reading.account.reasons.values()] == [6]
    assert "mask" in " ".join(dataset.reading.account.lines())


def test_the_range_of_values_is_that_of_the_set_and_is_kept(tmp_path, rng):
    contents, pixels = {}, []
    for row in range(6):
        content, values = png(rng, np.uint16, 4096 if row else 300)
        contents[f"{'ab'[row % 2]}/{row}.png"] = content
        pixels.append(values)
    write(tmp_path, contents)
    dataset = load_dataset(str(tmp_path))
    assert dataset.reading.settings == {"value_range": "0 4095"}
    assert "4095 for white" in " ".join(dataset.reading.sentences)
    # The dark image stays dark.
    expected = np.rint(pixels[0] * (255 / 4095))
    np.testing.assert_array_equal(dataset.images[0, ..., 0], expected)
    # A file of its own is brought to the same values, for a model that was told them.
    brought = Brought((SIDE, SIDE, 1), value_range=ValueRange.stated((0, 4095)))
    (chunk, _), *_ = ImageFiles([tmp_path / "a" / "0.png"], brought)
    np.testing.assert_array_equal(255 * chunk[0, ..., 0], expected)
    other = load_dataset(str(tmp_path), value_range="0 65535")
    assert other.images.max() <= 16 and other.reading.settings == {}
    assert any("nearly black" in note for note in other.notes)


def test_images_of_zeros_and_ones_are_black_and_white(tmp_path, rng):
    write(
        tmp_path, {f"{c}/{row}.png": png(rng, high=2)[0] for c in "ab" for row in "12"}
    )
    dataset = load_dataset(str(tmp_path))
    assert set(np.unique(dataset.images)) == {0, 255}
    assert "0 is taken for black and 1 for white" in " ".join(dataset.reading.sentences)


def test_several_pictures_in_a_file_are_told(tmp_path, rng):
    frames = [Image.fromarray(png(rng)[1]) for _ in range(3)]
    (tmp_path / "a").mkdir()
    frames[0].save(tmp_path / "a" / "1.tif", save_all=True, append_images=frames[1:])
    write(tmp_path, images(rng, "b/1.png"))
    dataset = load_dataset(str(tmp_path))
    assert "1 file has several pictures or pages (a/1.tif: 3)" in " ".join(
        dataset.reading.sentences
    )
    np.testing.assert_array_equal(dataset.images[0, ..., 0], np.asarray(frames[0]))


def test_few_images_in_color_do_not_make_a_grey_set_one_of_color(tmp_path, rng):
    write(tmp_path, images(rng, *(f"a/{row:02}.png" for row in range(40))))
    write(tmp_path, {"b/odd.png": png(rng, channels=(3,))[0]})
    dataset = load_dataset(str(tmp_path))
    assert dataset.image_shape == (SIDE, SIDE, 1)
    note = next(note for note in dataset.notes if "in color" in note)
    assert note.startswith("1 of 41 images") and "odd.png" in note


WORDS = ("cat", "dog", "deep down", "ünï", "unlabeled", "train", "test", ".hidden")
ENDINGS = (".png", ".PNG", ".jfif", ".txt", ".csv", "", ".xml", ".zip", ".dcm")


@pytest.mark.parametrize("seed", range(40))
def test_files_found_are_those_read_and_those_left_out(tmp_path, seed):
    draw, rng = random.Random(seed), np.random.default_rng(seed)
    content = png(rng)[0]
    for row in range(draw.randint(1, 30)):
        depth = draw.choice((0, 1, 1, 2, 3))
        folders = [draw.choice(WORDS) for _ in range(depth)]
        ending = draw.choice(ENDINGS)
        whole = content if draw.random() < 0.8 else content[: draw.randint(0, 40)]
        write(
            tmp_path,
            {"/".join([*folders, f"{draw.choice('ab')}_{row}{ending}"]): whole},
        )
    write(tmp_path, {"cat/last.png": content})
    total = sum(len(names) for _, _, names in os.walk(tmp_path))
    with zipfile.ZipFile(tmp_path.parent / f"{seed}.zip", "w") as archive:
        for place, _, names in os.walk(tmp_path):
            for name in names:
                path = os.path.join(place, name)
                archive.write(path, os.path.relpath(path, tmp_path))
    accounts = []
    for path in (tmp_path, tmp_path.parent / f"{seed}.zip"):
        dataset = load_dataset(str(path), skip_broken=True)
        tested = 0 if dataset.read_test is None else len(dataset.read_test()[0])
        account = dataset.reading.account
        assert account.total == total
        tables = account.read - len(dataset.images) - tested
        assert 0 <= tables <= total
        accounts.append(account.as_dict())
    assert accounts[0] == accounts[1]


def test_a_folder_without_images_says_what_is_there(tmp_path):
    write(tmp_path, {"a.xml": "x", "b.xml": "x", ".c": "x"})
    with pytest.raises(InputError, match=r"no images \(3 files left out: 2 no image"):
        load_dataset(str(tmp_path))


def test_empty_folders_beside_the_classes_are_told(tmp_path, rng):
    write(tmp_path, images(rng, "data/cat/1.png", "data/dog/1.png"))
    (tmp_path / "data" / "newt").mkdir()
    (tmp_path / "logs").mkdir()
    notes = load_dataset(str(tmp_path)).notes
    assert [note for note in notes if "hold" in note] == [
        "The folder 'newt' beside those of the classes holds no file"
    ]
    (tmp_path / "data" / "emu").mkdir()
    notes = " ".join(load_dataset(str(tmp_path)).notes)
    assert (
        "2 folders beside those of the classes hold no file, for example 'emu'" in notes
    )
