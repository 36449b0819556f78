import json

import pytest

from ssvae.data import read_labels
from ssvae.errors import InputError
from ssvae.runs.labeling import LabelsFile, read_suggestions, save_suggestions


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    draw = {"dataset": "tiny", "class_names": ["a", "b", "c"]}
    draw |= {"indices": [4, 7], "classes": [0, 2]}
    (folder / "labels.json").write_text(json.dumps(draw))
    return folder


@pytest.fixture
def path(tmp_path):
    return tmp_path / "labels" / "run.json"


def test_labels_are_on_the_disk_at_once_and_read_by_training(run, path, tiny_dataset):
    LabelsFile(path, run).add(12, 1)
    LabelsFile(path, run).add(3, 0)
    indices, classes = read_labels(path, tiny_dataset)
    assert indices.tolist() == [3, 4, 7, 12]
    assert classes.tolist() == [0, 0, 2, 1]
    assert LabelsFile(path, run).added == [(12, 1), (3, 0)]


def test_undo_removes_only_labels_that_were_added(run, path):
    file = LabelsFile(path, run)
    file.add(12, 1)
    file.add(3, 0)
    assert file.undo() == 3
    assert LabelsFile(path, run).added == [(12, 1)]
    assert file.undo() == 12
    assert file.undo() is None
    assert LabelsFile(path, run).known == {4, 7}


def test_a_second_label_replaces_the_first(run, path):
    file = LabelsFile(path, run)
    file.add(12, 1)
    file.add(3, 0)
    file.add(12, 2)
    assert file.added == [(3, 0), (12, 2)]
    with pytest.raises(InputError, match="image 4 has a label of the run"):
        file.add(4, 1)


def test_a_skipped_image_is_not_asked_for_again(run, path):
    file = LabelsFile(path, run)
    file.skip(9)
    assert LabelsFile(path, run).known == {4, 7, 9}
    file.add(9, 0)
    assert LabelsFile(path, run).added == [(9, 0)]


@pytest.mark.parametrize("text", ["", "[]", '{"indices": [1], "classes": [0]}'])
def test_another_file_is_refused(run, path, text):
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(InputError, match="holds no labels that were added to a run"):
        LabelsFile(path, run)


def test_suggestions_are_read_as_saved(tmp_path):
    save_suggestions(tmp_path / "to_label.csv", [5, 3], [1, 0], ("a", "b"))
    assert read_suggestions(tmp_path) == [5, 3]
    assert (tmp_path / "to_label.csv").read_text().splitlines()[1] == '5,"b"'
    assert read_suggestions(tmp_path / "nowhere") == []


def test_two_pages_keep_each_others_labels(run, path):
    one, other = LabelsFile(path, run), LabelsFile(path, run)
    one.add(12, 1)
    other.add(3, 0)
    one.skip(5)
    assert LabelsFile(path, run).added == [(12, 1), (3, 0)]
    assert LabelsFile(path, run).known == {3, 4, 5, 7, 12}
    assert other.undo() == 3
    assert LabelsFile(path, run).known == {4, 5, 7, 12}
