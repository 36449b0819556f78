"""The desk at which images are labelled: it waits for no answer of the server."""

from collections.abc import Callable
from typing import Any

from components import component

# Its JavaScript files.
PARTS = ("dom", "queue", "single", "grid", "panel", "viewer", "main")


def labeler(data: dict[str, Any], key: str, on_message: Callable[[], None]) -> None:
    """Show the desk.

    Args:
        data: What it shows, as JSON can hold it, see `views/label.py`.
        key: Key of the element; its value has the last message as `message`.
        on_message: Function that is called before the page runs, when a message came.
    """
    mount = component("labeler", PARTS)
    mount(key=key, data=data, on_message_change=on_message)
