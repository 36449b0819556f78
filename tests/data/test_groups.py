"""Files of groups of classes, and what is wrong with them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ssvae.data.groups import group_table, place_in, read_groups
from ssvae.errors import InputError

BIRDS = {"bird": ("crow", "wren"), "mammal": ("fox",)}
FILES = {
    "rows": ("a.csv", "bird,crow,wren\nmammal,fox\n"),
    "header": ("a.csv", "group,class\nbird,crow\nbird,wren\nmammal,fox\n"),
    "header the other way": ("a.csv", "Class;Group\ncrow;bird\nwren;bird\nfox;mammal"),
    "tabs": ("a.tsv", "bird\tcrow\nbird\t wren \n\nmammal\tfox\n"),
    "toml": ("a.toml", 'bird = ["crow", "wren"]\nmammal = ["fox"]\n'),
    "table of toml": ("a.toml", '[groups]\nbird = ["crow", "wren"]\nmammal=["fox"]\n'),
}
BAD = {
    "two groups": ("a.csv", "bird,crow\nmammal,crow\n", "'crow' is in two groups"),
    "group in a group": ("a.csv", "bird,crow\nanimal,bird\n", "'bird' is a group, and"),
    "no group": ("a.csv", ",crow\n", "'crow' has no group beside it"),
    "empty": ("a.csv", "", "holds no group"),
    "groups alone": ("a.csv", "bird\nmammal\n", "holds no group"),
    "not TOML": ("a.toml", "bird = = 3", "is not TOML"),
    "no list": ("a.toml", "bird = 3", "'bird' has no list of classes"),
}


@pytest.mark.parametrize("name", FILES)
def test_groups_are_read_from_tables_and_toml(tmp_path, name):
    file, text = FILES[name]
    (tmp_path / file).write_text(text)
    assert read_groups(tmp_path / file) == BIRDS


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_in_one_line(tmp_path, name):
    file, text, words = BAD[name]
    (tmp_path / file).write_text(text)
    with pytest.raises(InputError) as error:
        read_groups(tmp_path / file)
    assert words in str(error.value) and file in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_none_is_told(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_groups(tmp_path / "none.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(InputError, match="no text in UTF-8"):
        read_groups(tmp_path / "picture.csv")


def test_the_table_says_which_classes_a_group_holds():
    table = group_table(BIRDS, ("Crow", "eel", "fox", "wren"), "animals")
    assert_array_equal(table, np.array([[1, 0, 0, 1], [0, 0, 1, 0]], bool))
    with pytest.raises(InputError, match=r"'bird' holds 'wren', which is no class of"):
        group_table(BIRDS, ("crow", "wrens", "fox"), "animals")


def test_names_that_differ_in_case_alone_are_one_unless_two_do():
    assert place_in(["a", "A"], "A") == 1
    assert place_in(["b", "Cat"], "cat") == 1
    assert place_in(["cAt", "Cat"], "cat") is None
