"""The desk: images, guesses in the background, and what the page is told."""

import time

import numpy as np
import pytest

from ssvae.projects import desk as desk_module
from ssvae.projects.actions import act, add_class
from ssvae.projects.course import course, note
from ssvae.projects.desk import Desk
from ssvae.projects.desk_data import data_of
from ssvae.projects.disputes import confusions, disputed, num_suspected, table_of
from ssvae.projects.labeling import Heard
from ssvae.projects.unusual import Question
from ssvae.projects.view import View
from ssvae.training.estimate import Estimate

CLASSES = ("circle", "square", "star")


def vectors_of(folder, dataset, config, progress=None):
    """Stand in for features: images of one folder are near to each other."""
    rng = np.random.default_rng(0)
    place = np.array([CLASSES.index(file.split("/")[-2]) for file in dataset.files])
    return (4 * np.eye(3)[place] + rng.normal(size=(len(place), 3))).astype(np.float32)


@pytest.fixture
def desk(project, monkeypatch):
    """Return an open desk whose images are compared."""
    monkeypatch.setattr(desk_module, "project_vectors", vectors_of)
    desk = Desk(project)
    assert desk.wait(20), desk.error
    wait_for(lambda: not desk.is_busy)
    return desk


def wait_for(is_true):
    for _ in range(400):
        if is_true():
            return
        time.sleep(0.05)
    raise AssertionError("it takes too long")


def label(desk, count=2, wrong=()):
    """Label some images of each class with what their folder says."""
    project = desk.project
    for place, name in enumerate(CLASSES):
        one = add_class(project, name)
        names = [each for each in desk.images.names if each.startswith(name)]
        action = {"do": "label", "images": names[:count], "class": one.id}
        act(project, f"client {place}", [{"number": 1, **action}])
    state = project.state()
    for name, class_name in wrong:
        one = state.class_named(class_name)
        action = {"number": 1, "do": "label", "images": [name], "class": one.id}
        act(project, f"wrong {name}", [action])


def guesses(desk):
    """Return the guesses from all labels."""
    state = desk.project.state()
    desk.ask_for_guesses(state)
    wait_for(lambda: desk.guessed.num_actions == state.num_actions)
    return desk.guessed


def told(desk, mode="one", kind="typical", about="", **ask):
    heard = Heard("a", 1, ("a",), ask=ask)
    return data_of(desk, View(mode, kind, about), heard, lambda *_: "address")


def names(data):
    return [item["name"] for item in data["items"]]


def test_typical_images_of_every_group_come_first_without_labels(desk):
    data = told(desk)
    assert sorted(names(data)) == sorted(desk.images.names)
    assert data["open"] == 18
    assert not any("guess" in item for item in data["items"])


def test_after_labels_images_are_guessed_without_training(desk):
    label(desk)
    guesses(desk)
    items = told(desk)["items"]
    assert len(items) == 12
    right = [
        item["name"].startswith(desk.project.state().class_of(item["guess"]).name)
        for item in items
    ]
    assert np.mean(right) > 0.8
    hidden = data_of(desk, View("one", "typical"), Heard(), lambda *_: "", False)
    assert not any("guess" in item for item in hidden["items"])


def test_a_screen_of_one_class_has_images_that_are_taken_for_it(desk):
    label(desk)
    guesses(desk)
    star = desk.project.state().class_named("star")
    data = told(desk, "grid", "class", star.id)
    assert data["selected"]
    assert "star" in data["title"]
    assert {item["guess"] for item in data["items"]} == {star.id}
    assert told(desk, "grid", "class")["selected"]


def test_images_like_one_are_of_its_kind(desk):
    found = names(told(desk, "grid", "alike", desk.images.names[0]))
    assert found[0] == desk.images.names[0]
    alike = [name.startswith(desk.images.names[0][:4]) for name in found[:5]]
    assert np.mean(alike) > 0.7


def test_what_is_shown_is_told_apart_and_what_others_labeled_goes(desk):
    label(desk)
    guesses(desk)
    state = desk.project.state()
    star = state.class_named("star")
    first = desk.images.names[0]
    shown = next(name for name in desk.images.names if name not in state.labels)
    data = told(desk, "grid", "class", star.id, shown=[first, shown, "no image"])
    assert data["known"] == [first]
    again = [item["name"] for item in data["items"] if item.get("again")]
    # A circle that the page shows still is not among the stars to label next.
    assert again == [shown]
    assert first not in names(data)


def test_images_that_were_left_for_later_are_not_shown(desk):
    later = desk.images.names[:5]
    assert not set(names(told(desk, passed={"": later}))) & set(later)


def test_decided_images_are_shown_again(desk):
    label(desk)
    act(
        desk.project,
        "skips",
        [{"number": 1, "do": "skip", "images": [desk.images.names[-1]]}],
    )
    star = desk.project.state().class_named("star")
    assert len(names(told(desk, "grid", "labeled"))) == 6
    assert all(
        n.startswith("star") for n in names(told(desk, "grid", "labeled", star.id))
    )
    assert names(told(desk, "grid", "skipped")) == [desk.images.names[-1]]
    assert told(desk)["open"] == 18 - 7


def test_a_wrong_label_is_disputed_and_its_classes_are_confused(desk):
    wrong = next(name for name in reversed(desk.images.names) if "circle" in name)
    label(desk, 5, wrong=[(wrong, "star")])
    guessed = guesses(desk)
    assert desk.images.names.index(wrong) == disputed(guessed)[0]
    assert num_suspected(guessed) == 1
    state = desk.project.state()
    star, circle = state.class_named("star").id, state.class_named("circle").id
    found = {(one.label, one.guess): one.of for one in confusions(guessed)}
    assert found[star, circle] == 6
    assert table_of(guessed).sum() == 16
    assert wrong in names(told(desk, "grid", "disputed"))


def test_the_estimate_is_told_and_its_course_is_kept(desk):
    label(desk, 4)
    estimate = guesses(desk).guesses.estimate
    assert f"{estimate.accuracy:.0%}" in told(desk)["good"]
    (entry,) = [e for e in course(desk.project) if e["num_labels"] == 12]
    assert entry["accuracy"] == estimate.accuracy


def test_the_course_has_the_newest_estimate_of_each_number_of_labels(project):
    for count, accuracy in ((20, 0.5), (10, 0.4), (20, 0.6)):
        note(project, Estimate(accuracy, 0.1, 0.9, count, 0.1))
    found = [(entry["num_labels"], entry["accuracy"]) for entry in course(project)]
    assert found == [(10, 0.4), (20, 0.6)]


def test_what_helps_most_is_found_in_the_background(desk):
    label(desk)
    guesses(desk)
    first = names(told(desk, kind="helpful"))
    wait_for(lambda: desk.orders["helpful"][1] is not None)
    found = names(told(desk, kind="helpful"))
    rows = desk.orders["helpful"][1]
    assert found == [desk.images.names[row] for row in rows]
    assert set(first) == set(found)
    assert not set(found) & set(desk.project.state().labels)


def test_what_the_newest_model_put_aside_comes_last(desk, monkeypatch):
    label(desk)
    odd = [
        name for name in desk.images.names if name not in desk.project.state().labels
    ][3:5]
    found = [
        Question("m", 1, odd, True),
        Question("m", 0, names(told(desk))[:1], False),
    ]
    monkeypatch.setattr(desk_module, "questions", lambda *_: found)
    guesses(desk)
    assert set(names(told(desk))[-2:]) == set(odd)


def test_a_table_of_a_model_that_was_changed_by_hand_puts_nothing_aside(
    desk, monkeypatch
):
    def broken(*_):
        raise ValueError("invalid literal for int() with base 10: 'x'")

    monkeypatch.setattr(desk_module, "questions", broken)
    label(desk)
    guesses(desk)
    assert not desk.error and not len(desk.aside)


def test_a_desk_that_nobody_asked_for_a_while_answers_again(desk, monkeypatch):
    monkeypatch.setattr(desk_module, "IDLE", 0.05)
    label(desk)
    guesses(desk)
    wait_for(lambda: not desk._works)
    act(desk.project, "b", [{"number": 1, "do": "undo"}])
    assert (guesses(desk).labels >= 0).sum() == 4


def test_images_that_are_gone_are_told(project, pictures):
    pictures.rename(pictures.with_name("moved"))
    desk = Desk(project)
    assert not desk.wait(20)
    assert str(pictures) in desk.error


def test_the_original_is_given_at_its_full_size(desk):
    name = desk.images.names[3]
    data = told(desk, original=name)
    assert data["originals"] == {name: {"url": "address", "width": 30, "height": 24}}
