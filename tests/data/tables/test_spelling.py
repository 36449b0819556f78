import pytest

from ssvae.data.tables.spelling import classes_of
from ssvae.errors import InputError


def classes(*texts):
    return classes_of(texts, "labels.csv", "column 'label'")[0]


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["cat", "Cat", "cat ", "dog"], ["cat", "cat", "cat", "dog"]),
        (["stop  sign", "Stop Sign", "Stop sign"], ["stop sign"] * 3),
        (["STOP", "stop", "STOP"], ["STOP"] * 3),
        (["A", "a", "B", "b", "C", "c"], ["A", "a", "B", "b", "C", "c"]),
        (["y", "Y", "n", "y"], ["y", "y", "n", "y"]),
        ([r"\pi", r"\Pi"], [r"\pi", r"\Pi"]),
        (["3.0", "10.0", "", "3"], ["3", "10", "", "3"]),
        (["3.0", "10.5", "x"], ["3.0", "10.5", "x"]),
        (["1.5", "2.0", "1.5"], ["1.5", "2.0", "1.5"]),
        (["['cat']", '["dog"]', "[]"], ["cat", "dog", ""]),
        (['{"choices": ["cat"]}', '{"type": "dog"}', "{}"], ["cat", "dog", ""]),
        (['{"type": {"cat": true, "dog": false}}', "{"], ["cat", "{"]),
        (["cat; big", "cat; big", "dog"], ["cat; big", "cat; big", "dog"]),
        (["'cat'", '"dog"', "\u200bcow"], ["cat", "dog", "cow"]),
        (["None", "none", "cat"], ["", "", "cat"]),
    ],
)
def test_a_label_becomes_the_name_of_a_class(texts, names):
    assert classes(*texts) == names


@pytest.mark.parametrize(
    "texts",
    [
        ["cat;dog", "dog", "cat", "dog;cat"],
        ["a|b", "b|c", "a|c"],
        ['{"choices": ["cat", "dog"]}', '["dog", "cat"]', "cat", "dog"],
    ],
)
def test_several_classes_in_a_label_are_refused(texts):
    with pytest.raises(InputError, match="need one class per image"):
        classes(*texts)


def test_the_most_frequent_spelling_wins():
    assert set(classes("Dog", "dog", "dog", "DOG")) == {"dog"}
    assert set(classes("Dog", "Dog", "dog")) == {"Dog"}
