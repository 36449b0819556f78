from hypothesis import given, settings
from hypothesis import strategies as st

from ssvae.projects.replay import Replay

IMAGES, CLASSES = ("a", "b", "c", "d"), ("c1", "c2", "c3")
images = st.lists(st.sampled_from(IMAGES), min_size=1, max_size=3)
one = st.sampled_from(CLASSES)
# Anything that changes labels, and can be undone.
batches = st.one_of(
    st.builds(
        lambda i, c: {"do": "label", "images": i, "class": c},
        images,
        st.sampled_from((*CLASSES, "none")),
    ),
    st.builds(
        lambda labels: {"do": "assign", "labels": labels},
        st.dictionaries(one, images, min_size=1),
    ),
    st.builds(lambda i: {"do": "skip", "images": i}, images),
    st.builds(lambda i: {"do": "unlabel", "images": i}, images),
    st.builds(lambda i: {"do": "leave", "images": i}, images),
    st.builds(lambda c, d: {"do": "merge", "id": c, "into": d}, one, one),
    st.builds(lambda c: {"do": "remove class", "id": c}, one),
)
histories = st.lists(st.one_of(batches, st.just({"do": "undo"})), max_size=14)
ADDED = [{"do": "add class", "id": id, "name": id, "color": ""} for id in CLASSES]


def applied(events):
    replay = Replay()
    replay.apply([*ADDED, *events])
    return replay.state()


def what_people_see(state):
    known = list(state.labels.items()), state.skipped, state.classes, state.undoes
    return *known, state.left


@settings(max_examples=150, deadline=None)
@given(histories, batches)
def test_undo_restores_what_was_there_before_a_batch(history, batch):
    before = applied(history)
    after = applied([*history, batch])
    again = applied([*history, batch, {"do": "undo"}])
    if after.undoes is before.undoes:
        # The batch was about a class that was gone: it did nothing.
        assert what_people_see(after) == what_people_see(before)
    else:
        assert what_people_see(again) == what_people_see(before)


@settings(max_examples=50, deadline=None)
@given(histories)
def test_undoing_everything_leaves_nothing(history):
    state = applied([*history, *[{"do": "undo"}] * len(history)])
    assert not state.labels and not state.skipped and state.undoes is None
    assert not state.left
    assert [one.id for one in state.classes] == list(CLASSES)


@settings(max_examples=50, deadline=None)
@given(histories, st.integers(0, 14))
def test_events_in_two_parts_add_up_to_the_same(history, cut):
    parts = Replay()
    parts.apply([*ADDED, *history[:cut]])
    between = parts.state()
    frozen = what_people_see(between)
    frozen = frozen[0], set(frozen[1]), list(frozen[2]), frozen[3], set(frozen[4])
    parts.apply(history[cut:])
    assert what_people_see(parts.state()) == what_people_see(applied(history))
    assert what_people_see(between) == frozen
    assert parts.state().num_actions == len(ADDED) + len(history)


def test_an_image_that_is_labeled_again_becomes_the_last():
    events = [
        {"do": "label", "images": [name], "class": "c1"} for name in ("a", "b", "a")
    ]
    assert list(applied(events).labels) == ["b", "a"]
    assert list(applied([*events, {"do": "undo"}]).labels) == ["a", "b"]


def test_events_of_a_later_version_are_passed_over():
    state = applied([{"do": "frame", "images": ["a"]}, {"n": 1}])
    assert not state.labels
    assert state.num_actions == len(ADDED) + 2
