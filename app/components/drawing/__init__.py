"""A canvas to draw on with the mouse, a finger, or the keyboard."""

from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent


def canvas(key: str, label: str) -> list[list[list[float]]]:
    """Show the canvas; return what is drawn on it.

    Args:
        key: Key of the element.
        label: What is to be drawn, for screen readers.

    Returns:
        Lines, each a list of points x, y in fractions of the canvas's side.
    """
    js = (FOLDER / "drawing.js").read_text(encoding="utf-8")
    css = (FOLDER / "drawing.css").read_text(encoding="utf-8")
    mount = st.components.v2.component("ssvae.drawing", js=js, css=css)
    data: dict[str, Any] = {"label": label}
    drawn = mount(key=key, data=data, on_lines_change=lambda: None)
    return drawn.lines or []
