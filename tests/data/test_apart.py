"""Labels that name no class: set apart, saved, and read from every source."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from ssvae.config.settings import Config
from ssvae.data import (
    from_arrays,
    load_dataset,
    open_dataset,
    save_labels,
    set_apart,
    with_labels_of,
)
from ssvae.data.coarse import Coarse
from ssvae.errors import InputError

GROUPS = {"bird": ("crow", "wren"), "mammal": ("fox",)}
LABELS = ["crow", "bird", "None of These", "", "fox", "wren", "mammal", "none_of_these"]


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (8, 9, 9), dtype=np.uint8)


def check(dataset):
    """Check what the labels above mean."""
    assert dataset.class_names == ("crow", "fox", "wren")
    assert dataset.labels.tolist() == [0, -1, -1, -1, 1, 2, 1, -1]
    assert dataset.outside.tolist() == [2, 7]
    assert dataset.coarse.rows.tolist() == [1]
    assert dataset.coarse.allowed.tolist() == [[True, False, True]]
    assert dataset.unlabeled.tolist() == [1, 3]


def test_arrays_have_labels_of_groups_and_of_none(images):
    check(from_arrays(images, LABELS, groups=GROUPS))


def test_files_of_arrays_have_them(images, tmp_path):
    (tmp_path / "groups.csv").write_text("bird,crow,wren\nmammal,fox\n")
    np.savez(tmp_path / "a.npz", x=images, y=np.array(LABELS))
    config = Config(
        dataset=str(tmp_path / "a.npz"), groups=str(tmp_path / "groups.csv")
    )
    check(open_dataset(config))


def test_folders_have_them(images, tmp_path):
    for number, (image, name) in enumerate(zip(images, LABELS, strict=True)):
        folder = tmp_path / "images" / (name or "unlabeled")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.png")
    groups = tmp_path / "groups.toml"
    groups.write_text('bird = ["crow", "wren"]\nmammal = ["fox"]\n')
    dataset = load_dataset(str(tmp_path / "images"), groups=str(groups))
    place = {int(file.split("/")[-1][:-4]): n for n, file in enumerate(dataset.files)}
    order = np.array([place[number] for number in range(8)])
    told = set_apart(dataset)
    assert told.labels[order].tolist() == [0, -1, -1, -1, 1, 2, 1, -1]
    assert sorted(order[[2, 7]]) == told.outside.tolist()
    assert told.coarse.rows.tolist() == [order[1]]
    assert "2 images are labeled 'none of these' and 1 images" in str(dataset.reading)


def test_tables_have_them(images, tmp_path):
    for number, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"{number}.png")
    lines = [f"{n}.png,{label}" for n, label in enumerate(LABELS)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *lines]))
    (tmp_path / "groups.csv").write_text("bird,crow,wren\nmammal,fox\n")
    table = str(tmp_path / "labels.csv")
    groups = str(tmp_path / "groups.csv")
    check(load_dataset(str(tmp_path), labels_csv=table, groups=groups))


# A row without a class, but with a group, and what else such a table may say.
BESIDE = """file,label,group
0.png,crow,bird
1.png,,bird
2.png,none of these,bird
3.png,,
4.png,fox,mammal
5.png,wren,bird
6.png,,mammal
7.png,none of these,
"""


def labeled_beside(images, folder, text, **settings):
    """Return the data set of a table with a column of groups."""
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{number}.png")
    (folder / "labels.csv").write_text(text)
    table = str(folder / "labels.csv")
    return load_dataset(str(folder), labels_csv=table, **settings)


def test_a_column_of_groups_stands_beside_that_of_classes(images, tmp_path):
    dataset = labeled_beside(images, tmp_path, BESIDE)
    check(dataset)
    assert not any("--label-column" in note for note in dataset.notes)
    (tmp_path / "groups.csv").write_text("Bird,crow,wren\nmammal,fox\n")
    groups = str(tmp_path / "groups.csv")
    check(labeled_beside(images, tmp_path, BESIDE, groups=groups))


def test_a_column_of_something_else_is_not_read_as_groups(images, tmp_path):
    text = BESIDE.replace("wren,bird", "crow,mammal")
    dataset = labeled_beside(images, tmp_path, text)
    assert dataset.coarse is None and dataset.class_names == ("crow", "fox")
    assert "'crow' is in two, 'bird' and 'mammal'" in " ".join(dataset.notes)
    complete = BESIDE.replace(",,bird", ",wren,bird").replace(",,mammal", ",fox,x")
    assert labeled_beside(images, tmp_path, complete).coarse is None


CONTRADICTIONS = {
    "no class": ("1.png,,bird", "1.png,,brid", "", "'brid' in line 3, but no row"),
    "not stated": ("1.png,,bird", "1.png,,brid", "bird,crow,wren", "is no group of"),
    "other group": ("5.png,wren", "5.png,fox", "bird,crow\nmammal,fox", "says in line"),
    "a class too": (",mammal", ",wren", "", "'wren' is a group and a class"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_groups_that_contradict_are_told_in_one_line(images, tmp_path, name):
    old, new, groups, words = CONTRADICTIONS[name]
    settings = {}
    if groups:
        (tmp_path / "groups.csv").write_text(groups)
        settings = {"groups": str(tmp_path / "groups.csv")}
    with pytest.raises(InputError) as error:
        labeled_beside(images, tmp_path, BESIDE.replace(old, new), **settings)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_numbers_keep_their_order_beside_other_labels(images):
    labels = ["10", "9", "none of these", "1", "9", "10", "", "low"]
    dataset = from_arrays(images, labels, groups={"low": ("1", "9")})
    assert dataset.class_names == ("1", "9", "10")
    assert dataset.labels.tolist() == [2, 1, -1, 0, 1, 2, -1, -1]
    assert dataset.coarse.allowed.tolist() == [[True, True, False]]


def test_in_the_test_part_they_are_unlabeled(images):
    test = ["fox", "bird", "none of these", "", "wren", "wren", "wren", "Mammal"]
    dataset = from_arrays(images, LABELS, images[::-1], test, groups=GROUPS)
    assert dataset.read_test()[1].tolist() == [1, -1, -1, -1, 2, 2, 2, -1]
    both = from_arrays(images, LABELS, images[::-1], LABELS, groups=GROUPS)
    assert both.read_test()[1].tolist() == [0, -1, -1, -1, 1, 2, -1, -1]


def test_groups_that_are_stated_later_add_to_what_is_known(images):
    labels = ["crow", "bird", "wren", "none of these", "fox", "eel", "swimmer", ""]
    first = from_arrays(images, labels, groups={"bird": ("crow", "wren")})
    assert first.class_names == ("crow", "eel", "fox", "swimmer", "wren")
    both = set_apart(first, {"swimmer": ("eel", "fox")})
    assert both.class_names == ("crow", "eel", "fox", "wren")
    assert both.coarse.rows.tolist() == [1, 6]
    assert both.coarse.allowed.astype(int).tolist() == [[1, 0, 0, 1], [0, 1, 1, 0]]
    assert both.outside.tolist() == [3]


def test_unknown_classes_and_no_class_at_all_are_refused(images):
    with pytest.raises(InputError, match="'bird' holds 'emu', which is no class"):
        from_arrays(images, LABELS, groups={"bird": ("crow", "emu")})
    for labels in (["none of these"] * 8, ["none of these", "bird"] * 4):
        with pytest.raises(InputError, match="no label of 'arrays' names a class, all"):
            from_arrays(images, labels, groups={"bird": ("crow",)})


def test_a_label_of_a_class_counts_more_than_what_was_known_before(images):
    dataset = from_arrays(images, LABELS, groups=GROUPS).with_labels([1, 2], [0, 1])
    assert dataset.coarse is None
    assert dataset.outside.tolist() == [7]


def test_all_kinds_of_labels_are_saved_and_read_again(images, tmp_path):
    dataset = from_arrays(images, LABELS, groups=GROUPS)
    save_labels(tmp_path / "labels.json", dataset)
    bare = dataclasses.replace(dataset, outside=np.zeros(0, int), coarse=None)
    check(with_labels_of(tmp_path / "labels.json", bare.with_labels([], [])))
    # A file that tells nothing of them leaves them as they are.
    save_labels(tmp_path / "old.json", bare)
    check(with_labels_of(tmp_path / "old.json", dataset.with_labels([], [])))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"outside": 3', "'outside' is no list"),
        ('"outside": [8]', "index 8: need 0 to 7"),
        ('"coarse": [1]', "'coarse' needs two lists"),
        ('"coarse": {"indices": [1], "classes": [[]]}', "'coarse' needs two lists"),
        ('"coarse": {"indices": [1], "classes": [[0, 9]]}', "class 9: need 0 to 2"),
        ('"coarse": {"indices": [-1], "classes": [[0, 1]]}', "index -1: need 0 to 7"),
    ],
)
def test_damaged_files_of_labels_are_told(images, tmp_path, text, words):
    (tmp_path / "a.json").write_text(f'{{"indices": [], "classes": [], {text}}}')
    dataset = from_arrays(images, LABELS, groups=GROUPS)
    with pytest.raises(InputError, match=words) as error:
        with_labels_of(tmp_path / "a.json", dataset)
    assert "\n" not in str(error.value)


def test_masks_of_groups_follow_the_images():
    coarse = Coarse(np.array([1]), np.array([[True, False, True]]))
    assert_array_equal(coarse.mask(2), [[True] * 3, [True, False, True]])
    logits = np.array([[1.0, 2.0, 3.0]] * 2)
    assert_array_equal(coarse.kept_to(logits)[1], [1.0, -1e6, 3.0])
    assert_array_equal(logits[1], [1.0, 2.0, 3.0])
    assert coarse.but(np.array([1])) is None
