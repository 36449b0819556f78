"""What the page Label is told: images with their pictures, classes, counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ssvae.errors import InputError
from ssvae.projects.desk import Desk
from ssvae.projects.labeling import Heard
from ssvae.projects.screen import choose, described, known, with_shown
from ssvae.projects.state import NONE, State
from ssvae.projects.view import SCREEN, View

# Function that gives a picture an address: its bytes, what it is for, the image's name.
Address = Callable[[bytes, str, str], str]
# Pictures that are made ahead, and seconds to wait for the first one.
AHEAD, PATIENCE = 24, 0.4
# Labels per class after which screens of many images are quicker than single ones.
TIP = 3
# Seconds until the page asks again while something is being made.
AGAIN = 1.0


def data_of(
    desk: Desk, view: View, heard: Heard, address: Address, hint: bool = True
) -> dict[str, Any]:
    """Return what the page shows, as JSON can hold it.

    Args:
        desk: The project.
        view: What the person chose to look at.
        heard: What became of the page's last message.
        address: Function that gives pictures addresses.
        hint: Whether the page shows guesses.
    """
    state = desk.project.state()
    desk.ask_for_guesses(state)
    choice = choose(desk, state, view, heard.ask.get("passed") or {})
    shown = heard.ask.get("shown", ())
    rows = choice.rows if view.is_review else with_shown(desk, state, choice, shown)
    items = _items(desk, state, rows, view, address, hint)
    for item in items[len(choice.rows) :]:
        # The page shows it already; its picture may have another address now.
        item["again"] = True
    making = desk.pictures.are_coming([item["name"] for item in items[:AHEAD]])
    return heard.answer(state) | {
        "project": str(desk.project.folder.absolute()),
        "view": str(view),
        "mode": view.mode,
        "title": choice.title,
        "selected": choice.selected,
        "group": choice.group,
        "items": items,
        "known": [] if view.is_review else known(state, shown),
        "classes": _classes(state),
        "labeled": len(state.labels),
        "open": max(0, len(desk.images) - len(state.labels) - len(state.skipped)),
        "more": len(choice.rows) >= SCREEN,
        "originals": _original(desk, heard, address),
        "nothing": _nothing(view),
        "doing": _doing(desk) or _tip(desk, state, view),
        "good": _good(desk),
        "again": AGAIN if making or desk.is_busy else 0,
    }


def _items(
    desk: Desk,
    state: State,
    rows: np.ndarray,
    view: View,
    address: Address,
    hint: bool,
) -> list[dict[str, Any]]:
    """Return the images with the addresses of their pictures."""
    items = described(desk, state, rows, hint)
    large = {}
    if view.mode == "one":
        ahead = [item["name"] for item in items[:AHEAD]]
        large = desk.pictures.ready(ahead, PATIENCE)
    small = desk.images.thumbnails(rows.tolist())
    for item, thumbnail in zip(items, small, strict=True):
        name = item["name"]
        item["thumb"] = address(thumbnail, "thumb", name)
        item["image"] = address(large[name], "large", name) if name in large else None
    return items


def _classes(state):
    """Return the classes, each with the number of its labels."""
    counts = {one.id: 0 for one in state.classes} | {NONE: 0}
    for class_id in state.labels.values():
        counts[class_id] += 1
    return [vars(one) | {"count": counts[one.id]} for one in state.classes]


def _original(desk, heard, address):
    """Return the original that the person opened at its full size, if there is one."""
    name = heard.ask.get("original")
    if not name:
        return {}
    try:
        width, height = desk.images.original(name).size
        picture = desk.images.picture(name, max(width, height))
    except InputError:
        return {}
    url = address(picture, "full", name)
    return {name: {"url": url, "width": width, "height": height}}


def _nothing(view):
    """Return what a page without images says."""
    if view.kind == "labeled":
        return "No image has such a label yet."
    if view.kind == "disputed":
        return "No label differs from its guess."
    if view.kind == "skipped":
        return "No image was skipped."
    if view.kind == "class" and view.about:
        return "No other image is taken for this class now. Choose any class above."
    if view.kind == "alike" and view.about:
        return "All images like this one have labels. Go back to see others."
    return (
        "All images are labeled or skipped. See how good the guesses are on the page "
        "How good, or make a model of them on the page Train."
    )


def _doing(desk):
    """Return what is being prepared, in words."""
    if desk.error:
        return f"The images cannot be compared: {desk.error}."
    if not desk.doing:
        return ""
    share = "" if desk.done is None else f", {desk.done:.0%} done"
    return f"{desk.doing}{share}. You can begin: guesses come later."


def _tip(desk, state, view):
    """Return what is quicker now, in words; "" if the person does it already."""
    guessed = desk.guessed
    enough = len(state.labels) >= TIP * len(state.classes)
    if view.mode == "grid" or not enough or guessed is None or not guessed.is_known:
        return ""
    return "There are guesses now. With Many at once you label a screen by one key."


def _good(desk):
    """Return how many guesses are right, in words."""
    guessed = desk.guessed
    estimate = guessed.guesses.estimate if guessed and guessed.is_known else None
    if estimate is None:
        return ""
    return (
        f"About {estimate.accuracy:.0%} of the guesses are right "
        f"({estimate.low:.0%} to {estimate.high:.0%})"
    )
