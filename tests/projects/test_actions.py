from concurrent.futures import ThreadPoolExecutor

import pytest

from ssvae.projects.actions import act, add_class, merge_classes, remove_class
from ssvae.projects.project import Project


def label(number, images, one):
    wanted = getattr(one, "id", one)
    return {"number": number, "do": "label", "images": images, "class": wanted}


@pytest.fixture
def classes(project):
    return add_class(project, "circle"), add_class(project, "square")


def test_a_label_belongs_to_the_images_that_are_named(project, classes):
    circle, square = classes
    state = act(project, "tab", [label(1, ["a", "b"], circle), label(2, ["b"], square)])
    assert state.labels == {"a": circle.id, "b": square.id}
    assert state.acknowledged == {"tab": 2}


def test_an_action_that_is_sent_again_does_nothing(project, classes):
    circle, square = classes
    first, second = label(1, ["a"], circle), label(2, ["a"], square)
    act(project, "tab", [first, second])
    before = project.state()
    assert act(project, "tab", [first, second]) is before
    assert act(project, "tab", [first, label(3, ["b"], circle)]).labels == {
        "a": square.id,
        "b": circle.id,
    }


def test_each_page_has_numbers_of_its_own(project, classes):
    circle, square = classes
    act(project, "one", [label(1, ["a"], circle)])
    state = act(project, "other", [label(1, ["b"], square)])
    assert state.labels == {"a": circle.id, "b": square.id}
    assert state.acknowledged == {"one": 1, "other": 1}


def test_pages_that_act_at_once_lose_nothing(project, classes):
    circle, _ = classes

    def page(client):
        for number in range(1, 21):
            again = Project.open(project.folder)
            act(again, client, [label(number, [f"{client}{number}"], circle)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(page, "abcd"))
    state = project.state()
    assert set(state.labels) == {f"{c}{n}" for c in "abcd" for n in range(1, 21)}
    assert set(state.acknowledged.values()) == {20}


def test_what_cannot_be_done_is_acknowledged_with_the_reason(project, classes):
    circle, square = classes
    remove_class(project, square.id)
    state = act(project, "tab", [label(1, ["a"], square), label(2, ["b"], circle)])
    assert state.labels == {"b": circle.id}
    assert state.acknowledged["tab"] == 2
    number, why = state.refused["tab"]
    assert number == 1 and "removed" in why


@pytest.mark.parametrize(
    "action",
    [
        {"do": "dance"},
        {"do": "label", "images": [], "class": "none"},
        {"do": "label", "images": "a.png", "class": "none"},
        {"do": "skip", "images": [3]},
        {"do": "label", "images": ["a"]},
    ],
)
def test_what_is_no_action_changes_no_label(project, action):
    state = act(project, "tab", [{"number": 1} | action])
    assert state.refused["tab"][0] == 1
    assert not state.labels and not state.skipped


@pytest.mark.parametrize("number", [0, "1", None])
def test_an_action_needs_a_number(project, number):
    with pytest.raises(ValueError, match="number"):
        act(project, "tab", [{"number": number, "do": "undo"}])


def test_images_that_show_no_class_and_skipped_ones_have_no_number(project, classes):
    _circle, square = classes
    state = act(
        project,
        "tab",
        [
            label(1, ["a"], square),
            label(2, ["b"], "none"),
            {"number": 3, "do": "skip", "images": ["c", "a"]},
        ],
    )
    assert state.labels == {"a": square.id, "b": "none"}
    assert state.skipped == {"c"}
    assert state.labels_of(["a", "b", "c", "d"]).tolist() == [1, -1, -1, -1]
    assert state.is_none(["a", "b", "c", "d"]).tolist() == [False, True, False, False]


def test_undo_takes_back_the_last_batch_of_anybody(project, classes):
    circle, square = classes
    act(project, "one", [label(1, ["a", "b"], circle)])
    act(project, "other", [label(1, ["b", "c"], square)])
    assert project.state().undoes["images"] == ["b", "c"]
    state = act(project, "one", [{"number": 2, "do": "undo"}])
    assert state.labels == {"a": circle.id, "b": circle.id}
    state = act(project, "one", [{"number": 3, "do": "undo"}])
    assert not state.labels and state.undoes is None
    assert not act(project, "one", [{"number": 4, "do": "undo"}]).labels


def test_undo_brings_back_a_class_that_was_merged_or_removed(project, classes):
    circle, square = classes
    act(project, "tab", [label(1, ["a"], circle), label(2, ["b"], square)])
    merge_classes(project, circle.id, square.id)
    assert project.state().labels == {"a": square.id, "b": square.id}
    remove_class(project, square.id)
    assert not project.state().classes and not project.state().labels
    undo = [{"number": number, "do": "undo"} for number in (3, 4)]
    state = act(project, "tab", undo)
    assert state.classes == [circle, square]
    assert state.labels == {"a": circle.id, "b": square.id}


def test_a_class_that_comes_back_leaves_others_their_name_and_key(project, classes):
    circle, _ = classes
    remove_class(project, circle.id)
    other = add_class(project, "Circle", key=circle.key)
    state = act(project, "tab", [{"number": 1, "do": "undo"}])
    assert state.class_of(other.id) == other
    back = state.class_of(circle.id)
    assert back.name == "circle 2" and back.key == ""
