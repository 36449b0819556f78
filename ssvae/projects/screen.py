"""Which images the page Label shows, in which order, and what is known of each."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ssvae.errors import InputError
from ssvae.projects.atlas import Atlas
from ssvae.projects.desk import Desk, Guessed
from ssvae.projects.order import grid_of, order
from ssvae.projects.review import decided
from ssvae.projects.state import State
from ssvae.projects.view import SCREEN, Choice, View

# Images that are sent one by one: what somebody labels within some seconds.
AHEAD = 60
# Images of a class that must be there before a screen of it is proposed.
ENOUGH = 12


def choose(desk: Desk, state: State, view: View, passed: Sequence[str] = ()) -> Choice:
    """Return the images to show.

    Args:
        desk: The project.
        state: What people did so far.
        view: What was chosen.
        passed: Names of images that the person left for later.
    """
    names = desk.images.names
    if view.is_review:
        return decided(desk, state, view)
    later = set(passed)
    is_open = np.array(
        [_is_open(state, name) and name not in later for name in names],
        bool,
    )
    rows = np.flatnonzero(is_open)
    count = 2 * SCREEN if view.mode == "grid" else AHEAD
    atlas, guessed = desk.atlas, desk.guessed
    if atlas is None or guessed is None or view.kind == "names" or not len(rows):
        return Choice(rows[:count])
    if view.mode == "grid" and view.kind in ("class", "alike"):
        return _grid(desk, atlas, guessed, state, view, rows)
    unknown = view.kind in ("surest", "least sure", "helpful") and not guessed.is_known
    kind = "typical" if unknown else view.kind
    return Choice(order(kind, atlas, guessed.guesses, rows, count))


def _grid(
    desk: Desk,
    atlas: Atlas,
    guessed: Guessed,
    state: State,
    view: View,
    rows: np.ndarray,
) -> Choice:
    """Return images that are alike, or taken for one class."""
    if view.kind == "alike" and view.about:
        first = desk.images.row(view.about)
        near = atlas.alike(first, len(desk.images.names))
        found = np.concatenate([[first], near])
        found = found[np.isin(found, rows)][: 2 * SCREEN]
        return Choice(found, f"Most like {view.about}")
    if view.kind == "class" and guessed.is_known:
        class_id = view.about or _next_class(rows, guessed)
        one = state.class_of(class_id)
        if one is not None and class_id in guessed.classes:
            index = guessed.classes.index(class_id)
            found = grid_of(atlas, guessed.guesses, rows, index, 2 * SCREEN)
            return Choice(found, f"The guess for these is: {one.name}", True)
    found = grid_of(atlas, guessed.guesses, rows, None, SCREEN)
    return Choice(found, "These look alike")


def _next_class(rows: np.ndarray, guessed: Guessed) -> str:
    """Return the id of the class to show next: of few labels, with images enough."""
    taken = guessed.guesses.probabilities[rows].argmax(axis=1)
    counts = np.bincount(taken, minlength=len(guessed.classes))
    given = np.bincount(
        guessed.labels[guessed.labels >= 0], minlength=len(guessed.classes)
    )
    enough = np.flatnonzero(counts >= min(ENOUGH, counts.max()))
    return guessed.classes[
        min(enough, key=lambda index: (given[index], -counts[index]))
    ]


def with_shown(
    desk: Desk, state: State, choice: Choice, shown: Sequence[str]
) -> Choice:
    """Return a choice that also has what the page shows and nobody labeled meanwhile.

    Args:
        desk: The project.
        state: What people did so far.
        choice: What was chosen now.
        shown: Names of the images that the page shows.
    """
    chosen = set(choice.rows.tolist())
    more = []
    for name in shown:
        # Without those that are no images of the project any more.
        with contextlib.suppress(InputError):
            row = desk.images.row(name)
            if row not in chosen and _is_open(state, name):
                more.append(row)
    return replace(choice, rows=np.array([*choice.rows, *more], int))


def known(state: State, names: Sequence[str]) -> list[str]:
    """Return which of some images need no label any more.

    Args:
        state: What people did so far.
        names: Names of images.
    """
    return [name for name in names if not _is_open(state, name)]


def _is_open(state, name):
    return name not in state.labels and name not in state.skipped


def described(
    desk: Desk, state: State, rows: np.ndarray, hint: bool
) -> list[dict[str, Any]]:
    """Return what the page is told of images, without their pictures.

    Args:
        desk: The project.
        state: What people did so far.
        rows: int array, the images.
        hint: Whether the guess is told.
    """
    guessed = desk.guessed if hint else None
    if guessed is not None and not guessed.is_known:
        guessed = None
    found = []
    for row in rows.tolist():
        name = desk.images.names[row]
        item: dict[str, Any] = {"name": name, "label": state.labels.get(name)}
        if guessed is not None:
            class_id, sure = guessed.of_row(row)
            item |= {"guess": class_id, "sure": round(sure, 3)}
        found.append(item)
    return found
