"""Labels as people hold them: numbers, words, columns of tables, and mixtures."""

import numpy as np
import pytest

from ssvae.data import from_arrays
from ssvae.data.label_values import label_texts
from ssvae.data.report import report, warnings
from ssvae.errors import InputError


class Column:
    """What NumPy makes an array of, as it does of a column of pandas.

    It has an attribute `mask`, which is a method there.
    """

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype or object)

    def mask(self):
        raise AssertionError("this is no masked array")


class NotAvailable:
    """A value like `pandas.NA`."""

    def __str__(self):
        return "<NA>"


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([3, -1, 0], ["3", "", "0"]),
        (np.array([3, -7, 0], np.int8), ["3", "", "0"]),
        ([3.0, np.nan, 0.0], ["3", "", "0"]),
        (np.ma.array([3, 1, 0], mask=[0, 1, 0]), ["3", "", "0"]),
        (["cat", None, " dog "], ["cat", "", "dog"]),
        (["cat", "", "dog"], ["cat", "", "dog"]),
        ([1, None, 2.0], ["1", "", "2"]),
        ([1, "cat", None], ["1", "cat", ""]),
        ([1.0, "cat", float("nan")], ["1", "cat", ""]),
        (["cat", NotAvailable()], ["cat", ""]),
        ([True, False], ["True", "False"]),
        ([True, None], ["True", ""]),
        (np.array([b"cat", b""]), ["cat", ""]),
        ([b"cat", "dog", None], ["cat", "dog", ""]),
        (np.array(["cat", np.nan], object), ["cat", ""]),
        (np.array([[3], [4]]), ["3", "4"]),
        (np.array([[3, 4, 5]]), ["3", "4", "5"]),
        ([["cat"], ["dog"]], ["cat", "dog"]),
        ([np.array([3]), np.array([4])], ["3", "4"]),
        ([np.array("cat"), np.array("dog")], ["cat", "dog"]),
        ([np.str_("cat"), np.int64(3)], ["cat", "3"]),
        (np.eye(3)[[2, 0]], ["2", "0"]),
        (np.eye(3, dtype=bool)[[2, 0]], ["2", "0"]),
        (np.array([[0, 1], [0, 0]]), ["1", ""]),
        (np.array([[0, 1], [np.nan, np.nan]]), ["1", ""]),
        (Column(["cat", None, np.nan]), ["cat", "", ""]),
        (Column([1.0, None, NotAvailable()]), ["1", "", ""]),
        (("-1", "2"), ["", "2"]),
        (["cat", "-1.0", "?"], ["cat", "", ""]),
    ],
    ids=lambda value: None if isinstance(value, np.ndarray) else repr(value)[:40],
)
def test_labels_of_every_usual_kind_become_texts(values, texts):
    found, _ = label_texts(values, "y")
    assert found.tolist() == texts


def test_columns_of_pandas_are_labels():
    pandas = pytest.importorskip("pandas")
    for values, texts in (
        (pandas.Series(["cat", None, "dog"]), ["cat", "", "dog"]),
        (pandas.Series(["cat", None, "dog"], dtype="category"), ["cat", "", "dog"]),
        (pandas.Categorical(["cat", None, "dog"]), ["cat", "", "dog"]),
        (pandas.Series([1, None, 2], dtype="Int64"), ["1", "", "2"]),
        (pandas.Series(["a", None], dtype="string"), ["a", ""]),
        (pandas.Series([True, False]), ["True", "False"]),
        (pandas.DataFrame({"label": ["cat", "dog"]}), ["cat", "dog"]),
        (pandas.get_dummies(pandas.Series(["b", "a"])), ["1", "0"]),
    ):
        found, _ = label_texts(values, "y")
        assert found.tolist() == texts


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0, 0.5], "the labels are fractions; need whole numbers or strings"),
        ([0, None, 0.5], "a label is the fraction 0.5"),
        ([[1], [2, 3]], "lists of unequal lengths"),
        ([{"cat": 1}, "dog"], "a label is \"{'cat': 1}\""),
        (
            np.zeros((4, 3)),
            r"shape \(4, 3\); need one per image, \(n,\), or one column",
        ),
        (np.full((4, 3), 1 / 3), "with a single 1 in each row"),
        (np.zeros((4, 3, 2)), r"shape \(4, 3, 2\)"),
        (np.zeros(4, complex), "the labels are complex128"),
        (7, r"shape \(\)"),
    ],
    ids=lambda value: None if isinstance(value, np.ndarray) else repr(value)[:40],
)
def test_what_is_no_label_is_refused_in_one_line(values, words):
    with pytest.raises(InputError, match=words) as error:
        label_texts(values, "y")
    assert "\n" not in str(error.value)


def test_words_for_no_label_are_told(rng):
    images = rng.integers(0, 256, (8, 9, 7), dtype=np.uint8)
    labels = ["cat", "None", "dog", "None", "N/A", "", "-1", "cat"]
    dataset = from_arrays(images, labels)
    assert dataset.class_names == ("cat", "dog")
    assert np.flatnonzero(dataset.labels == -1).tolist() == [1, 3, 4, 5, 6]
    (note,) = [line for line in warnings(report(dataset)) if "no label" in line]
    assert "1 'N/A', 2 'None' of the labels are read as no label" in note
    # An empty text, NaN and None are no words that could be classes.
    plain = from_arrays(images, ["cat", None, "dog", np.nan, "", -1, "dog", "cat"])
    assert plain.class_names == ("cat", "dog") and plain.notes == ()


def test_a_test_part_has_labels_of_the_same_kinds(rng):
    images = rng.integers(0, 256, (6, 9, 7), dtype=np.uint8)
    y = np.eye(3)[[0, 1, 2, 0, 1, 2]]
    dataset = from_arrays(images, y, 255 - images[:3], np.array([[2], [0], [-1]]))
    assert dataset.class_names == ("0", "1", "2")
    assert dataset.test_part()[1].tolist() == [2, 0, -1]
