"""Classes that stand at the beginning of the files' names."""

import hashlib

import pytest
from layouts import understood

from ssvae.data.layout.layout import find_layout

# Paths of files, "#" for a number, that state a class each.
TAKEN = {
    "underscore": {"scratches_#.jpg": "scratches", "inclusion_#.jpg": "inclusion"},
    "dash": {"symbols/slash-#.png": "slash", "symbols/plus-#.png": "plus"},
    "dash with digits": {"0-#.png": "0", "1-#.png": "1", "dot-#.png": "dot"},
    "dot": {"train/cat.#.jpg": "cat", "train/dog.#.jpg": "dog"},
    "brackets": {"cat (#).jpg": "cat", "dog (#).jpg": "dog"},
    "no separator": {"cat#.png": "cat", "dog#.png": "dog"},
    "two words": {"great_pyrenees_#.jpg": "great_pyrenees", "Beagle_#.jpg": "Beagle"},
    "numbered classes": {"class_1_#.jpg": "class_1", "class_2_#.jpg": "class_2"},
    "a word after the number": {"cat_#_flip.jpg": "cat", "dog_#_flip.jpg": "dog"},
    "two spellings": {"Cat_#.jpg*20": "Cat", "cat_#.jpg": "Cat", "dog_#.jpg": "dog"},
    "masks beside images": {"images/cat_#.jpg": "cat", "images/dog_#.jpg": "dog"}
    | {"trimaps/cat_#.png": "-", "trimaps/dog_#.png": "-"},
    "unlabeled images": {"labeled/cat_#.jpg": "cat", "labeled/dog_#.jpg": "dog"}
    | {"unlabeled/IMG_#.jpg*90": ""},
    "in parts": {"train/cat_#.jpg": "cat", "train/dog_#.jpg": "dog"}
    | {"test/cat_#.jpg": "cat @test", "test/dog_#.jpg": "dog @test"},
    "in folders that are none": {"NEU/images/cut_#.jpg": "cut"}
    | {"NEU/images/dent_#.jpg": "dent", "NEU/images/rust_#.jpg": "rust"}
    | {"test/images/cut_#.jpg": "cut"},
}


@pytest.mark.parametrize("tree", TAKEN.values(), ids=TAKEN)
def test_classes_are_read_off_names_where_folders_give_none(tree):
    found, layout = understood(tree)
    assert found == tree
    assert "classes from the beginning of the file names: " in layout.sentence
    assert "--label-from folder" in layout.sentence
    stopped = understood(tree, label_from="folder")[1]
    assert "file names" not in stopped.sentence


def test_the_numbers_of_a_test_part_are_no_classes():
    tree = {"train/cat.#.jpg": "cat", "train/dog.#.jpg": "dog", "test1/#.jpg*40": ""}
    found, layout = understood(tree)
    assert found == tree
    assert "40 images without a class" in layout.sentence
    assert layout.unclassed in layout.notes and "test acc" in layout.unclassed


# Paths of files that state no class.
REFUSED = {
    "camera": ["IMG_#.jpg"],
    "cameras": ["IMG_#.jpg", "DSC#.jpg", "photo-#.jpg", "Screenshot #.png"],
    "frames of videos": ["video1_frame_#.jpg", "video2_frame_#.jpg"],
    "dates": ["20190304_#.jpg", "20190305_#.jpg"],
    "persons": ["patient1_#.png", "patient2_#.png"],
    "parts": ["train_#.jpg", "test_#.jpg"],
    "numbers": ["#.jpg"],
    "words about data": ["demo_#.jpg", "results_#.jpg"],
    "many that occur once": ["cat_#.jpg*90"]
    + [f"{a}{b}_#.jpg*1" for a in "abcd" for b in "uvwxyz"],
    "one beginning": ["ISIC_#.jpg"],
    "unique names": [f"{a}{b}_#.jpg*1" for a in "abcd" for b in "uvwxyz"],
    "few of them": ["cat_#.jpg*5", "dog_#.jpg*5", "IMG_#.jpg*90"],
}


@pytest.mark.parametrize("files", REFUSED.values(), ids=REFUSED)
def test_names_of_cameras_and_the_like_are_no_classes(files):
    tree = dict.fromkeys([f"photos/{name}" for name in files], "")
    found, layout = understood(tree)
    assert found == tree
    assert layout.sentence == "No classes: all images are unlabeled."


def test_hashes_are_no_classes():
    names = [f"x/{hashlib.md5(bytes([row])).hexdigest()}.jpg" for row in range(200)]
    assert not any(find_layout(names).classes)


def test_names_do_not_count_where_folders_are_classes():
    tree = {"a/red_#.png": "a", "a/blue_#.png": "a", "b/red_#.png": "b"}
    assert understood(tree)[0] == tree


def test_numbers_at_the_beginning_are_offered():
    tree = dict.fromkeys(["x/0_#.png", "x/1_#.png", "x/2_#.png"], "")
    found, layout = understood(tree)
    assert found == tree
    assert "3 different numbers: --label-from name" in layout.notes[0]
    tree = {f"x/{row}_#.png": str(row) for row in (0, 2, 10)}
    found, layout = understood(tree, label_from="name")
    assert found == tree and "file names: 0, 2, 10 (" in layout.sentence


# Paths of files, and the class of each if a person says that the name states it.
STATED = {
    "number first": {"#_cat.jpg": "cat", "#_dog.jpg": "dog"},
    "one image each": {"cat_#.jpg*1": "cat", "dog_#.jpg*1": "dog"},
    "another word last": {"#/s01.happy.gif": "s01", "#/s02.sad.gif": "s02"},
    "beside folders": {"a/red_#.png": "red", "b/blue_#.png": "blue"},
    "in an unlabeled folder": {"cat_#.jpg": "cat", "dog_#.jpg": "dog"}
    | {"todo/cat_#.jpg": ""},
    "no word": {"cat_#.jpg": "cat", "dog_#.jpg": "dog", "#.jpg": ""},
}


@pytest.mark.parametrize("tree", STATED.values(), ids=STATED)
def test_a_person_may_say_that_names_state_classes(tree):
    assert understood(tree, label_from="name")[0] == tree


@pytest.mark.parametrize("few", [3, 40])
def test_names_are_offered_where_one_folder_has_nearly_all_images(few):
    files = [f"NEU/{kind}_{k}.jpg" for kind in ("crack", "dent") for k in range(100)]
    layout = find_layout([*files, *(f"common/{k}.jpg" for k in range(few))])
    assert sorted(set(layout.classes)) == ["NEU", "common"]
    offers = [note for note in layout.notes if "crack, dent: --label-from name" in note]
    assert len(offers) == (few == 3)
