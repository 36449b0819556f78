"""Images that people have decided on, to be looked at again."""

from __future__ import annotations

import numpy as np

from ssvae.projects.desk import Desk
from ssvae.projects.disputes import disputed
from ssvae.projects.state import State
from ssvae.projects.view import SCREEN, Choice, View

# Images that are sent at once, at most.
MOST = 10 * SCREEN


def decided(desk: Desk, state: State, view: View) -> Choice:
    """Return images that were given a class, the newest first, or were skipped.

    Args:
        desk: The project.
        state: What people did so far.
        view: What was chosen; `is_review` is true of it.
    """
    names = desk.images.names
    if view.kind == "disputed":
        rows = disputed(desk.guessed)[:MOST] if desk.guessed else np.zeros(0, int)
        title = "The label is another class than the guess, the likeliest wrong first"
        return Choice(rows, title)
    place = {name: row for row, name in enumerate(names)}
    if view.kind == "skipped":
        found = [place[name] for name in sorted(state.skipped) if name in place]
        return Choice(np.array(found[:MOST], int), "Skipped")
    found = [
        place[name]
        for name, class_id in reversed(state.labels.items())
        if name in place and view.about in ("", class_id)
    ]
    one = state.class_of(view.about)
    title = f"Labeled as {one.name}" if one else "Labeled"
    return Choice(np.array(found[:MOST], int), f"{title}, the newest first")
