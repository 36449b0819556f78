"""A canvas to draw on with the mouse, a finger, or the keyboard."""

from typing import Any

from components import component


def canvas(key: str, label: str) -> list[list[list[float]]]:
    """Show the canvas; return what is drawn on it.

    Args:
        key: Key of the element.
        label: What is to be drawn, for screen readers.

    Returns:
        Lines, each a list of points x, y in fractions of the canvas's side.
    """
    mount = component("drawing", ("drawing",))
    data: dict[str, Any] = {"label": label}
    drawn = mount(key=key, data=data, on_lines_change=lambda: None)
    return drawn.lines or []
