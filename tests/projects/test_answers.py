"""What models say of the images of a project, kept and compared."""

import numpy as np
import pytest

from ssvae.projects.answers import Answers, answer_rows, answers_of, kept_answers
from ssvae.projects.comparing import by_class, changes
from ssvae.projects.state import NONE, ClassOf, State
from ssvae.saving.find import MODEL_FILE

NAMES = ("a", "b", "c", "d")
STATE = State(
    [ClassOf("c1", "leaf", "", ""), ClassOf("c2", "root", "", "")],
    {"a": "c1", "c": "c2", "d": NONE},
)


def answers(*classes, sure=0.9):
    probability = np.full(len(classes), sure, np.float32)
    return Answers(("leaf", "root"), np.array(classes, np.int32), probability)


class Blind:
    """A model that answers by a rule, and counts how often it is asked."""

    has_features, class_names = False, ("leaf", "root")

    def __init__(self):
        self.asked = 0

    def predict_proba(self, images):
        self.asked += len(images)
        dark = images.reshape(len(images), -1).mean(axis=1) < 85
        return np.stack([dark, ~dark], axis=1) * 0.8 + 0.1


@pytest.fixture
def run(project):
    folder = project.folder / "models" / "first"
    folder.mkdir()
    (folder / MODEL_FILE).write_bytes(b"")
    return folder


def test_every_image_is_answered_once_and_the_answers_are_kept(project, run):
    images, model, told = project.images(), Blind(), []
    assert kept_answers(project, images, run) is None
    found = answers_of(project, images, run, model, lambda *done: told.append(done))
    # Grey levels of ten times the row: the first nine are dark.
    assert found.names().tolist() == ["leaf"] * 9 + ["root"] * 9
    assert found.probability == pytest.approx(np.full(18, 0.9))
    assert told == [(18, 18)]
    again = answers_of(project, images, run, model)
    assert model.asked == 18
    assert again.class_names == found.class_names
    assert (again.classes == found.classes).all()
    # Another model at the same place is asked anew.
    (run / MODEL_FILE).unlink()
    (run / MODEL_FILE).write_bytes(b"new")
    assert kept_answers(project, images, run) is None


def test_a_table_of_answers_tells_what_people_said_beside():
    rows = answer_rows(answers(0, 1, 1, 0, sure=0.85), STATE, NAMES)
    assert rows["class"] == ["leaf", "root", "root", "leaf"]
    assert rows["sure"] == ["no"] * 4
    assert rows["label"] == ["leaf", "", "root", "none of these"]


def test_images_that_two_models_answer_differently_labeled_ones_first():
    found = changes(answers(0, 1, 0, 0), answers(0, 0, 1, 1), STATE, NAMES)
    assert [change.row for change in found] == [2, 1, 3]
    assert (found[0].one, found[0].other, found[0].label) == ("leaf", "root", "root")
    assert found[1].label == ""


def test_models_of_other_classes_are_compared_by_name():
    other = Answers(("root", "leaf"), np.array([1, 0, 0, 1]), np.ones(4, np.float32))
    assert not changes(answers(0, 1, 1, 0), other, STATE, NAMES)


def test_labeled_images_that_each_model_gets_right_by_class():
    leaf, root = by_class(answers(0, 1, 0, 0), answers(1, 0, 1, 1), STATE, NAMES)
    assert (leaf.labeled, leaf.one, leaf.other) == (1, 1, 0)
    assert (root.labeled, root.one, root.other) == (1, 0, 1)
