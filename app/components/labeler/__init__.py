"""The desk at which images are labelled: it waits for no answer of the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

# Parts of one module, in the order in which they need each other.
PARTS = ("dom", "queue", "single", "grid", "panel", "viewer", "main")
FOLDER = Path(__file__).parent


def _read():
    """Return the JavaScript and the CSS."""
    parts = [(FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS]
    return "\n".join(parts), (FOLDER / "labeler.css").read_text(encoding="utf-8")


def labeler(data: dict[str, Any], key: str, on_message: Callable[[], None]) -> None:
    """Show the desk.

    Args:
        data: What it shows, as JSON can hold it, see `views/label.py`.
        key: Key of the element; its value has the last message as `message`.
        on_message: Function that is called before the page runs, when a message came.
    """
    js, css = _read()
    mount = st.components.v2.component("ssvae.labeler", js=js, css=css)
    mount(key=key, data=data, on_message_change=on_message)
