"""Where the classes of folders are."""

import pytest
from layout_cases import CASES
from layouts import understood

from ssvae.data.layout.layout import find_layout
from ssvae.errors import InputError


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_folders_are_understood(case):
    tree, sentence, note = case
    found, layout = understood(tree)
    assert found == tree
    assert sentence in layout.sentence
    if note:
        assert any(note in said for said in layout.notes), layout.notes
    else:
        assert not layout.notes


FRUIT = ["Fruit/Apple/Gala", "Fruit/Apple/Fuji", "Fruit/Pear/Nashi", "Veg/Leek/Long"]


@pytest.mark.parametrize(
    ("depth", "classes"),
    [
        (1, ["Fruit", "Fruit", "Fruit", "Veg"]),
        (2, ["Apple", "Apple", "Pear", "Leek"]),
        (3, ["Gala", "Fuji", "Nashi", "Long"]),
        (9, ["Gala", "Fuji", "Nashi", "Long"]),
    ],
)
def test_a_stated_depth_counts_below_wrappers_and_parts(depth, classes):
    for start in ("", "food/", "food/train/"):
        tree = {
            start + folder: said for folder, said in zip(FRUIT, classes, strict=True)
        }
        if "train" in start:
            tree |= {
                name.replace("train", "test"): f"{said} @test"
                for name, said in tree.items()
            }
        assert understood(tree, class_depth=depth)[0] == tree


def test_the_folder_that_a_file_lies_in_is_the_class_if_stated():
    tree = {
        "": "",
        "train/site1/cat": "cat",
        "train/site2/cat": "cat",
        "train/batch_1": "batch_1",
        "test/site1/cat": "cat @test",
        "test/unlabeled": "",
    }
    found, layout = understood(tree, label_from="parent")
    assert found == tree
    assert "2 classes, the folders that the files lie in" in layout.sentence


# A case, a setting that its note names, and the classes that this gives.
CHANGED = [
    ("sessions inside classes", {"label_from": "parent"}, ["session1", "session2"]),
    ("numbers inside classes", {"label_from": "parent"}, ["1", "2", "3"]),
    ("classes at each site", {"class_depth": 1}, ["site1", "site2"]),
    ("classes in each of few sources", {"class_depth": 1}, ["amazon", "webcam"]),
    ("every pair is a class where nothing tells", {"class_depth": 1}, ["A", "B"]),
    (
        "every pair is a class where nothing tells",
        {"label_from": "parent"},
        ["left", "right"],
    ),
    (
        "few sources in each of the classes",
        {"class_depth": 2},
        [f"{o}/{i}" for o in ("bike", "mug", "pen") for i in ("amazon", "webcam")],
    ),
    ("portions", {"label_from": "parent"}, ["batch_1", "part2"]),
    ("one folder", {"label_from": "parent"}, ["cat"]),
    (
        "a class and a folder of anything",
        {"label_from": "parent"},
        ["batch_2", "cat", "dog", "raw_images"],
    ),
    ("groups of uneven depth", {"class_depth": 1}, ["Car", "Fruit"]),
]


@pytest.mark.parametrize(("case", "settings", "classes"), CHANGED)
def test_the_setting_that_a_note_names_changes_it(case, settings, classes):
    tree, _, note = CASES[case]
    flag = " ".join(f"--{key.replace('_', '-')} {settings[key]}" for key in settings)
    notes = [said for said in understood(tree)[1].notes if flag in said]
    assert notes or "--label-from parent|" in understood(tree)[1].notes[-1], note
    found = understood(tree, **settings)[1]
    assert sorted(set(found.classes) - {""}) == classes


@pytest.mark.parametrize(
    "settings",
    [
        {"label_from": "files"},
        {"class_depth": -1},
        {"class_depth": 1, "label_from": "parent"},
        {"class_depth": 2, "label_from": "name"},
    ],
    ids=lambda settings: " ".join(f"{key}={value}" for key, value in settings.items()),
)
def test_settings_that_do_not_fit_are_refused(settings):
    with pytest.raises(InputError, match=r"need|goes with"):
        find_layout(["cat/1.png"], **settings)


def test_thousands_of_folders_of_one_image_are_classes():
    layout = find_layout([f"faces/Person {row}/1.jpg" for row in range(3000)])
    assert len(set(layout.classes)) == 3000 and "" not in layout.classes
    assert "Classes with one image (3,000 of 3,000)" in layout.notes[-1]
