"""Components of the app's own: JavaScript and CSS, and the Python that mounts them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent


def component(name: str, parts: Sequence[str]) -> Any:
    """Return the function that mounts a component.

    Args:
        name: Name of its folder, and of its CSS file.
        parts: Names of its JavaScript files; each needs only those before it.
    """
    files = [FOLDER / "make.js", *(FOLDER / name / f"{part}.js" for part in parts)]
    js = "\n".join(file.read_text(encoding="utf-8") for file in files)
    css = (FOLDER / name / f"{name}.css").read_text(encoding="utf-8")
    return st.components.v2.component(f"ssvae.{name}", js=js, css=css)
