from ssvae.errors import InputError
from ssvae.projects import labeling
from ssvae.projects.actions import add_class
from ssvae.projects.classes import remove_class
from ssvae.projects.labeling import Heard, receive
from ssvae.projects.state import NONE


def message(*actions, client="a", number=1, **ask):
    """Return a message as the page sends it."""
    return {
        "client": client,
        "id": number,
        "batches": [{"client": client, "actions": list(actions)}],
        "ask": ask,
    }


def label(number, name, class_id):
    return {"number": number, "do": "label", "images": [name], "class": class_id}


def test_a_message_that_comes_twice_is_stored_once(project):
    one = add_class(project, "star")
    sent = message(label(1, "x", one.id), label(2, "y", one.id))
    receive(project, sent)
    count = project.state().num_actions
    answer = receive(project, sent).answer(project.state())
    assert project.state().num_actions == count
    assert project.state().labels == {"x": one.id, "y": one.id}
    assert answer["acknowledged"] == {"a": 2}
    assert answer["heard"] == {"client": "a", "id": 1}


def test_a_class_that_is_given_by_its_name_is_made_once(project):
    actions = [label(1, "x", "name:Star"), label(2, "y", "name:star")]
    receive(project, message(*actions))
    receive(project, message(*actions))
    (one,) = project.state().classes
    assert one.name == "Star"
    assert project.state().labels == {"x": one.id, "y": one.id}


def test_what_cannot_be_done_is_refused_and_what_follows_is_stored(project):
    gone, one = add_class(project, "gone"), add_class(project, "star")
    remove_class(project, gone.id)
    heard = receive(project, message(label(1, "y", one.id), label(2, "x", gone.id)))
    answer = heard.answer(project.state())
    assert project.state().labels == {"y": one.id}
    (refused,) = answer["refused"]
    assert refused["number"] == 2
    assert "removed" in refused["why"]
    assert answer["acknowledged"] == {"a": 2}


def test_a_name_that_no_class_can_have_is_refused_with_its_reason(project):
    heard = receive(project, message(label(1, "x", "name:" + 200 * "a")))
    (refused,) = heard.answer(project.state())["refused"]
    assert refused["number"] == 1
    assert "type a shorter one" in refused["why"]
    assert not project.state().classes


def test_an_undo_tells_which_images_it_opened_again(project):
    receive(project, message(label(1, "x", NONE), label(2, "y", NONE)))
    heard = receive(project, message({"number": 3, "do": "undo"}, number=2))
    assert heard.reopened == ("y",)


def test_what_a_closed_tab_left_is_stored_with_its_own_numbers(project):
    one = add_class(project, "star")
    receive(project, message(label(1, "x", one.id), client="old"))
    sent = message(label(1, "z", one.id), client="new")
    sent["batches"].insert(
        0,
        {"client": "old", "actions": [label(1, "x", NONE), label(2, "y", one.id)]},
    )
    answer = receive(project, sent).answer(project.state())
    assert project.state().labels == {"x": one.id, "y": one.id, "z": one.id}
    assert answer["acknowledged"] == {"old": 2, "new": 1}


def test_a_journal_that_cannot_be_written_is_an_error_and_nothing_is_acknowledged(
    project, monkeypatch
):
    def fail(*_):
        raise InputError("the disk is full")

    monkeypatch.setattr(labeling, "act", fail)
    answer = receive(project, message(label(1, "x", NONE))).answer(project.state())
    assert answer["error"] == "the disk is full"
    assert answer["acknowledged"] == {"a": 0}


def test_without_a_message_nothing_is_acknowledged(project):
    answer = Heard().answer(project.state())
    assert answer["acknowledged"] == {}
    assert answer["heard"] == {"client": "", "id": 0}
