import numpy as np
import pandas as pd
import pytest

from ssvae.errors import InputError
from ssvae.estimator.targets import classes_of, numbered, targets


@pytest.mark.parametrize(
    ("y", "known"),
    [
        ([3, 5, -1], [3, 5]),
        ([3.0, 5.0, np.nan], [3, 5]),
        ([3, 5, None], [3, 5]),
        ([True, False, None], [True, False]),
        (np.array([True, False, False]), [True, False, False]),
        (["a", "b", ""], ["a", "b"]),
        (["a", "b", None], ["a", "b"]),
        (["a", "b", -1], ["a", "b"]),
        (np.array(["a", "b", -1], object), ["a", "b"]),
        (np.array(["a", "b", np.nan], object), ["a", "b"]),
        ([b"a", b"b", b""], [b"a", b"b"]),
        (pd.Series([3, 5, None], dtype="Int64"), [3, 5]),
        (pd.Series(["a", "b", None]), ["a", "b"]),
        (pd.Series(["a", "b", None], dtype="category"), ["a", "b"]),
        (pd.array(["a", "b", pd.NA], dtype="string"), ["a", "b"]),
    ],
)
def test_what_means_unlabeled_in_labels_of_many_kinds(y, known):
    labels, is_known = targets(y)
    assert is_known.tolist() == [True, True, len(known) == 3]
    assert labels[is_known].tolist() == known


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, "requires y"),
        ([0.5, 1], "Unknown label type"),
        ([np.inf, 1], "Unknown label type"),
        (np.array(["a", 1], object), "int, str"),
        ([[1, 2], [3, 4]], "1d array"),
    ],
)
def test_labels_that_are_none_are_refused(y, words):
    with pytest.raises(ValueError, match=words):
        targets(y)


@pytest.mark.parametrize("y", [[-1, 1], [1, 1], [-1, -1]])
def test_labels_of_one_class_are_refused_with_a_word_on_minus_one(y):
    with pytest.raises(InputError, match="-1 means unlabeled"):
        classes_of(*targets(y))


def test_a_class_that_is_unknown_is_named():
    with pytest.raises(InputError, match=r"'c'.*need some of a, b"):
        numbered(["a", "c"], np.array(["a", "b"]))
