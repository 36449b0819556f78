import json

import pytest

from ssvae.errors import InputError
from ssvae.evaluation.results import add_result, read_results


def result(recipe, seed, error):
    names = {"dataset": "mnist", "recipe": recipe, "num_labels": 9, "seed": seed}
    return names | {"test_error": error}


def test_a_result_replaces_an_older_one(tmp_path):
    path = tmp_path / "new" / "out.json"
    add_result(path, result("b", 0, 0.1))
    add_result(path, result("a", 1, 0.2))
    results = add_result(path, result("b", 0, 0.3))
    assert results == read_results(path) == json.loads(path.read_text())
    assert results == [result("a", 1, 0.2), result("b", 0, 0.3)]
    assert [p.name for p in path.parent.iterdir()] == ["out.json"]


@pytest.mark.parametrize("text", ['{"a": 1}', "[1]", "[{}]", "no json"])
def test_a_foreign_file_is_refused_and_kept(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(InputError, match="holds no results"):
        add_result(path, result("a", 0, 0.1))
    assert path.read_text() == text
