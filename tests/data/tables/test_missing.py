import pytest

from ssvae.data.tables.missing import is_doubtful, is_missing


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "\t", "\ufeff", '""', "''", "?", "-", "--", "\u2013", "\u2014"),
        *("NA", "N/A", "n.a.", "#N/A", "<NA>", "nan", "NaN", "NaT", "None", "NULL"),
        *("-1", "-1.0", " -1 ", "-1.", "\u22121", "[]", "{}", "()", "<none>", "'nan'"),
        *("unlabeled", "Unlabelled", "UN-LABELED", "unknown", "undefined", "missing"),
        *("no label", "no_label", "NoLabel", "not labeled", "not-labelled", "nil"),
    ],
)
def test_usual_words_for_no_label_are_missing(text):
    assert is_missing(text)


@pytest.mark.parametrize(
    "text",
    [
        *("0", "1", "-2", "-10", "-1.5", "0.0", "cat", "no", "nano", "nanny", "n"),
        *("banana", "unknown bird", "Nonesuch", ".", "(", "[", "*", "+", "<", "a-b"),
        *("label", "other", "background", "normal", "negative", "false", "empty"),
    ],
)
def test_names_of_classes_are_not_missing(text):
    assert not is_missing(text)


def test_some_words_may_be_a_class():
    assert is_doubtful("None") and is_doubtful(" unknown ")
    assert not is_doubtful("NA") and not is_doubtful("cat")
