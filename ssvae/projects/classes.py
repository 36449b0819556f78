"""The classes of a project: added, renamed, merged, colored and given keys."""

import time

from ssvae.errors import InputError
from ssvae.projects.class_values import (
    checked_color,
    checked_key,
    checked_name,
    free_color,
    free_key,
)
from ssvae.projects.journal import Event
from ssvae.projects.project import Project
from ssvae.projects.state import ClassOf, State


def add_class(project: Project, name: str, color: str = "", key: str = "") -> ClassOf:
    """Add a class.

    Args:
        project: The project.
        name: Its name, which no other class has.
        color: "#rrggbb"; "" for the next one that is free.
        key: One character; "" for the next one that is free.

    Raises:
        InputError: If the name, the color or the key cannot be taken.
    """
    with project.journal.writing() as write:
        state = project.state()
        event = class_event(state, name, color, key)
        write([event, *_swap(state, "", event["key"])])
    return _class(project, event["id"])


def class_event(state: State, name: str, color: str = "", key: str = "") -> Event:
    """Return the event that adds a class; see `add_class`.

    Args:
        state: The state right before it.
        name: Its name.
        color: Its color; "" for a free one.
        key: Its key; "" for a free one.
    """
    return {
        "do": "add class",
        # No other event has this number, so that no other class has this id.
        "id": f"c{state.num_actions + 1}",
        "name": checked_name(name, state),
        "color": checked_color(color) if color else free_color(state),
        "key": checked_key(key) if key else free_key(state),
        "time": round(time.time()),
    }


def rename_class(project: Project, class_id: str, name: str) -> ClassOf:
    """Give a class another name.

    Raises:
        InputError: If there is no such class, or another one has the name.
    """
    return _change(
        project, class_id, lambda state: {"name": checked_name(name, state, class_id)}
    )


def set_color(project: Project, class_id: str, color: str) -> ClassOf:
    """Give a class another color, "#rrggbb".

    Raises:
        InputError: If there is no such class, or this is no color.
    """
    return _change(project, class_id, lambda state: {"color": checked_color(color)})


def set_key(project: Project, class_id: str, key: str) -> ClassOf:
    """Give a class another key; a class that has this key gets the old one.

    Args:
        project: The project.
        class_id: Id of the class.
        key: One character; "" for none.

    Raises:
        InputError: If there is no such class, or no such key.
    """
    return _change(project, class_id, lambda state: {"key": checked_key(key)})


def merge_classes(project: Project, one: str, into: str) -> ClassOf:
    """Make two classes one: all labels of the first become labels of the second.

    Args:
        project: The project.
        one: Id of the class that ends.
        into: Id of the class that stays.

    Returns:
        The class that stays.

    Raises:
        InputError: If there are no two such classes.
    """
    with project.journal.writing() as write:
        state = project.state()
        first, second = _found(state, one), _found(state, into)
        if first == second:
            raise InputError(
                f"class {first.name!r} cannot be merged with itself: choose two classes"
            )
        write([{"do": "merge", "id": one, "into": into, "time": round(time.time())}])
    return _class(project, into)


def remove_class(project: Project, class_id: str) -> None:
    """Remove a class; its images become unlabeled.

    Raises:
        InputError: If there is no such class.
    """
    with project.journal.writing() as write:
        _found(project.state(), class_id)
        write([{"do": "remove class", "id": class_id, "time": round(time.time())}])


def _change(project, class_id, changes_of):
    """Change a class by what a function of the state returns."""
    with project.journal.writing() as write:
        state = project.state()
        _found(state, class_id)
        changes = changes_of(state)
        events = _swap(state, class_id, changes["key"]) if "key" in changes else []
        event = {"do": "change class", "id": class_id, "time": round(time.time())}
        write([*events, event | changes])
    return _class(project, class_id)


def _swap(state, class_id, key):
    """Return the events that give another class of this key the key of a class."""
    old = state.class_of(class_id)
    return [
        {"do": "change class", "id": one.id, "key": old.key if old else ""}
        for one in state.classes
        if key and one.key == key and one.id != class_id
    ]


def _found(state, class_id):
    found = state.class_of(class_id)
    if found is None:
        raise InputError(
            f"class {class_id!r} is not there any more: choose another class"
        )
    return found


def _class(project, class_id):
    return _found(project.state(), class_id)
