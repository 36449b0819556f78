"""A map of many images: points that are looked at, chosen by lasso, and searched."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from components import component

# Its JavaScript files.
PARTS = ("view", "drawing", "choosing", "main")
# Greatest coordinate: places are sent as whole numbers of two bytes.
GREATEST = 65_535


def scatter(
    key: str,
    places: np.ndarray,
    groups: np.ndarray,
    legend: Sequence[Mapping[str, str]],
    on_change: Callable[[], None],
    **others: Any,
) -> None:
    """Show a map.

    The element's value has `choice`, None or a dict with `rows`, the points that were
    chosen last, and `time`, when; and `ask`, None or the rows of points whose pictures
    are wanted.

    Args:
        key: Key of the element.
        places: float array `(n, 2)`, where the points lie.
        groups: int array `(n,)`, the group of each point in the legend.
        legend: Dicts with `name` and `color` of each group.
        on_change: Function that is called before the page runs, when points were
            chosen or pictures are wanted.
        others: More of what `main.js` takes: `marked`, rows of points to point out;
            `pictures`, dict from rows to dicts with `url` and `words`; `forget`, a
            number that grows when what was chosen is to be forgotten; and `label`,
            what screen readers say.
    """
    mount = component("scatter", PARTS)
    data = {
        "places": _text(_whole(places)),
        "groups": _text(groups.astype("<u2")),
        "legend": list(legend),
        **others,
    }
    mount(key=key, data=data, on_choice_change=on_change, on_ask_change=on_change)


def _whole(places):
    """Return places as whole numbers, equally scaled along both sides."""
    low, high = places.min(axis=0), places.max(axis=0)
    # In the middle of a square.
    span = max(float((high - low).max()), 1e-12)
    unit = 0.5 + (places - (low + high) / 2) / span
    return np.rint(GREATEST * np.clip(unit, 0, 1)).astype("<u2")


def _text(array):
    """Return the bytes of an array as text."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
