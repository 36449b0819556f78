"""What the address of a page holds: the project and the model, on every page.

The address is the only place where they are kept. So reloading, going back and
forward, a shared link and several tabs work without anything else. Settings of one
page are in its address too: their widgets have `bind="query-params"`.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

# Names in the address that are kept from page to page.
PROJECT, MODEL = "project", "model"
KEPT = PROJECT, MODEL


def project() -> str | None:
    """Return the name of the project that is open; None if none is."""
    return st.query_params.get(PROJECT)


def model() -> str | None:
    """Return the name of the model that was chosen; None if none was."""
    return st.query_params.get(MODEL)


def kept(**changes: str | None) -> dict[str, str]:
    """Return what the address of another page should hold.

    Args:
        changes: `project` or `model`, if they are others there; None for none.
    """
    here = {name: st.query_params.get(name) for name in KEPT} | changes
    return {name: value for name, value in here.items() if value}


def put(**changes: str | None) -> None:
    """Change the address of this page; the browser's Back returns to the old one."""
    here = st.query_params.to_dict() | changes
    st.query_params.from_dict({name: value for name, value in here.items() if value})


def go(page: str, **changes: str | None) -> NoReturn:
    """Open another page.

    Args:
        page: Name of a file in `views/`, without its ending.
        changes: See `kept`.
    """
    st.switch_page(f"views/{page}.py", query_params=kept(**changes))


def link(page: str, label: str, icon: str = "", **changes: str | None) -> None:
    """Show a link to another page; it can be opened in another tab.

    Args:
        page: Name of a file in `views/`, without its ending.
        label: What the link says.
        icon: One of Streamlit's icons.
        changes: See `kept`.
    """
    st.page_link(
        f"views/{page}.py",
        label=label,
        icon=icon or None,
        query_params=kept(**changes),
    )
