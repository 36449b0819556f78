"""Which images the page Label shows, in which order, and what is known of each."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from ssvae.errors import InputError
from ssvae.projects.atlas import Atlas
from ssvae.projects.desk import FOUND, SLOW, Desk
from ssvae.projects.guessed import Guessed
from ssvae.projects.order import grid_of, order
from ssvae.projects.review import decided
from ssvae.projects.state import State
from ssvae.projects.view import SCREEN, Choice, View

# Images that are sent one by one: what somebody labels within some seconds.
AHEAD = 60
# Images of a class that must be there before a screen of it is proposed.
ENOUGH = SCREEN // 2

# Names of the images that a person left for later, by the class that they were not.
Passed = Mapping[str, Sequence[str]]


def choose(
    desk: Desk, state: State, view: View, passed: Passed = MappingProxyType({})
) -> Choice:
    """Return the images to show.

    Args:
        desk: The project.
        state: What people did so far.
        view: What was chosen.
        passed: Names of images that the person left for later: dict from the id of the
            class that they were shown for, "" for none, to the names.
    """
    if view.is_review:
        return decided(desk, state, view)
    names = desk.images.names
    rows = np.flatnonzero([_is_open(state, name) for name in names])
    count = 2 * SCREEN if view.mode == "grid" else AHEAD
    guessed = desk.guessed
    if view.kind == "class" and guessed is not None and guessed.is_known and len(rows):
        return _of_class(desk, guessed, state, view, _without(desk, rows, passed))
    rows = rows[_is_not_in(desk, rows, passed.get("", ()))]
    if guessed is None or desk.atlas is None or view.kind == "names" or not len(rows):
        return Choice(rows[:count])
    if view.kind in ("class", "alike"):
        return _alike(desk, desk.atlas, guessed, view, rows)
    unknown = view.kind in ("surest", "least sure", "helpful") and not guessed.is_known
    kind = "typical" if unknown else view.kind
    return Choice(_in_order(desk, desk.atlas, state, guessed, kind, rows)[:count])


def _is_not_in(desk, rows, names):
    """Return which rows are not those of some images, bool `(m,)`."""
    later = set(names)
    return np.array([desk.images.names[row] not in later for row in rows], bool)


def _without(desk, rows, passed):
    """Return the rows that may be shown for each class, a function of its id."""
    return lambda class_id: rows[_is_not_in(desk, rows, passed.get(class_id, ()))]


def _of_class(
    desk: Desk,
    guessed: Guessed,
    state: State,
    view: View,
    rows_for: Callable[[str], np.ndarray],
) -> Choice:
    """Return images that are taken for one class; without one, for that of few labels.

    Of few labels is the class whose images are wanted most; it must fill half a screen.
    """
    wanted = [view.about] if view.about else _by_labels(guessed, state)
    best = Choice(np.zeros(0, int))
    for class_id in wanted:
        one = state.class_of(class_id)
        if one is None or class_id not in guessed.classes or desk.atlas is None:
            continue
        index = guessed.classes.index(class_id)
        rows = rows_for(class_id)
        found = grid_of(desk.atlas, guessed.guesses, rows, index, 2 * SCREEN)
        if len(found) > len(best.rows):
            title = f"The guess for these is: {one.name}"
            best = Choice(found, title, True, class_id)
        if len(found) >= ENOUGH:
            break
    return best


def _by_labels(guessed, state):
    """Return the ids of the classes, that of the fewest labels first."""
    given = Counter(state.labels.values())
    return sorted(guessed.classes, key=lambda class_id: given[class_id])


def _alike(
    desk: Desk, atlas: Atlas, guessed: Guessed, view: View, rows: np.ndarray
) -> Choice:
    """Return images that look alike, or like one that was chosen."""
    if view.kind == "alike" and view.about:
        first = desk.images.row(view.about)
        near = atlas.alike(first, len(desk.images.names))
        found = np.concatenate([[first], near])
        found = found[np.isin(found, rows)][: 2 * SCREEN]
        return Choice(found, f"Most like {view.about}")
    found = grid_of(atlas, guessed.guesses, rows, None, SCREEN)
    return Choice(found, "These look alike")


def _in_order(
    desk: Desk,
    atlas: Atlas,
    state: State,
    guessed: Guessed,
    kind: str,
    rows: np.ndarray,
) -> np.ndarray:
    """Return open images in an order, which is found once for each guess."""
    if kind in SLOW:
        found = desk.slow_order(kind, state)
        if found is not None and np.isin(found, rows).any():
            return found[np.isin(found, rows)]
        # Until it is found: what the guess doubts most.
        kind = "least sure"
    kept, found = desk.orders.get(kind, (None, None))
    found = rows[:0] if found is None else found[np.isin(found, rows)]
    if kept is not guessed or len(found) < min(AHEAD, len(rows)):
        found = order(kind, atlas, guessed.guesses, rows, FOUND, desk.aside)
        desk.orders[kind] = guessed, found
    return found


def with_shown(
    desk: Desk, state: State, choice: Choice, shown: Sequence[str]
) -> np.ndarray:
    """Return chosen rows, then those that the page shows and nobody labeled meanwhile.

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
    return np.array([*choice.rows, *more], int)


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
