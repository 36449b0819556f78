"""What people do in a project: each function checks it, and adds it to the journal."""

import time
from collections.abc import Sequence
from typing import Any

from ssvae.projects.classes import (
    add_class,
    merge_classes,
    remove_class,
    rename_class,
    set_color,
    set_key,
)
from ssvae.projects.journal import Event
from ssvae.projects.project import Project
from ssvae.projects.state import NONE, State

__all__ = [
    "act",
    "add_class",
    "merge_classes",
    "remove_class",
    "rename_class",
    "set_color",
    "set_key",
]

# Actions about images; "undo" is about the last batch that is not undone.
ABOUT_IMAGES = ("label", "skip", "unlabel", "leave")


def act(project: Project, client: str, actions: Sequence[dict[str, Any]]) -> State:
    """Store what a person did, once, however often it is sent.

    A client numbers its actions from 1 and sends them again until they are
    acknowledged. An action whose number is not above the acknowledged one is a repeat.
    One that cannot be done is acknowledged too: `State.refused` says why.

    Args:
        project: The project.
        client: Id of the page that the person used, another one for each time that a
            page is opened.
        actions: Dicts with `number` and `do`: "label", with `images`, a list of names,
            and `class`, the id of a class or "none"; "skip", "unlabel" or "leave", with
            `images`; or "undo", which takes back the last batch of anybody.

    Returns:
        The state with these actions in it.

    Raises:
        InputError: If the journal cannot be read or written.
        ValueError: If an action has no number, or there is no client.
    """
    if not client or not isinstance(client, str):
        raise ValueError(f"client: got {client!r}, need a text that is not empty")
    for action in actions:
        number = action.get("number")
        if not isinstance(number, int) or number < 1:
            raise ValueError(f"number: got {number!r}, need a whole number from 1 up")
    with project.journal.writing() as write:
        state = project.state()
        last, events = state.acknowledged.get(client, 0), []
        for action in sorted(actions, key=lambda action: action["number"]):
            if action["number"] > last:
                last = action["number"]
                events.append(_event(state, client, action))
        write(events)
    return project.state()


def _event(state: State, client: str, action: dict[str, Any]) -> Event:
    """Return the event of an action, or the one that says why it is refused."""
    event = {"client": client, "number": action["number"], "time": round(time.time())}
    if why := _problem(state, action):
        return {"do": "refused", "why": why} | event
    keys = {"label": ("images", "class"), "undo": ()}.get(action["do"], ("images",))
    return {"do": action["do"]} | {key: action[key] for key in keys} | event


def _problem(state, action):
    """Return why an action cannot be done; "" if it can."""
    do, images = action.get("do"), action.get("images")
    if do == "undo":
        return ""
    if do not in ABOUT_IMAGES:
        return f"The page sent {do!r}, which is no action: load the page again."
    named = isinstance(images, list | tuple) and len(images) > 0
    if not named or not all(isinstance(name, str) and name for name in images):
        return "No image was named, so nothing was changed."
    wanted = action.get("class") if do == "label" else NONE
    if wanted != NONE and state.class_of(wanted) is None:
        return "This class was removed meanwhile: the images got no label."
    return ""
