"""Label the images of a project, one by one or many at once."""

import streamlit as st

import project_resources
from components.labeler import labeler
from ssvae.errors import InputError
from ssvae.projects.desk import Desk
from ssvae.projects.labeling import Heard, receive
from ssvae.projects.project import Project
from ssvae.projects.screen import SCREEN, View, choose, described, known, with_shown
from ssvae.projects.state import NONE, State

# Key of the desk's element, and of what it sent last.
DESK, HEARD = "labeler", "labeler-heard"
# Pictures that are made ahead, and seconds to wait for the first one.
AHEAD, PATIENCE = 24, 0.4
# Seconds until the page asks again while something is being made.
AGAIN = 1.0
ONE, MANY = "One by one", "Many at once"
# What can be chosen, and the kind of view that it is; see `View`.
ORDERS = {
    "Typical first": "typical",
    "What helps most": "helpful",
    "Least sure": "least sure",
    "Surest": "surest",
    "Strangest": "strangest",
    "As in the folder": "names",
}
GROUPS = {
    "Same guess": "class",
    "Looking alike": "alike",
    "Already labeled": "labeled",
    **ORDERS,
}


def view_of(state: State, like: str) -> View:
    """Let the person choose what to look at."""
    left, middle, right = st.columns([2, 2, 2], vertical_alignment="bottom")
    mode = left.segmented_control(
        "Show",
        [ONE, MANY],
        default=ONE,
        required=True,
        key="show",
        bind="query-params",
    )
    kinds = GROUPS if mode == MANY else ORDERS
    kind = kinds[
        middle.selectbox(
            "Which images",
            list(kinds),
            key="many" if mode == MANY else "order",
            bind="query-params",
        )
    ]
    about = ""
    if kind in ("class", "labeled"):
        names = {"Any class": ""} | {one.name: one.id for one in state.classes}
        about = names[right.selectbox("Class", list(names), key="of")]
    if like:
        return View("grid", "alike", like)
    return View("grid" if mode == MANY else "one", kind, about)


def take(project: Project) -> None:
    """Store what the desk sent; called before the page runs."""
    message = st.session_state[f"{DESK}-element"].message
    if message:
        heard = receive(project, message)
        st.session_state[HEARD] = heard
        if alike := heard.ask.get("alike"):
            st.session_state["like"] = alike


def items_of(desk: Desk, state: State, rows, mode: str, hint: bool) -> list[dict]:
    """Return the images with the addresses of their pictures."""
    items = described(desk, state, rows, hint)
    large = {}
    if mode == "one":
        ahead = [item["name"] for item in items[:AHEAD]]
        large = desk.pictures.ready(ahead, PATIENCE)
    small = desk.images.thumbnails(rows)
    address = project_resources.picture_address
    for item, thumb in zip(items, small, strict=True):
        name = item["name"]
        item["thumb"] = address(thumb, "thumb", name)
        item["image"] = address(large[name], "large", name) if name in large else None
    return items


def original_of(desk: Desk, heard: Heard) -> dict[str, dict]:
    """Return the address of the original that the person opened, if there is one."""
    name = heard.ask.get("original")
    if not name:
        return {}
    width, height = desk.images.original(name).size
    picture = desk.images.picture(name, max(width, height))
    url = project_resources.picture_address(picture, "full", name)
    return {name: {"url": url, "width": width, "height": height}}


def data_of(desk: Desk, state: State, view: View, heard: Heard, hint: bool) -> dict:
    """Return what the desk shows."""
    choice = choose(desk, state, view, heard.ask.get("passed", ()))
    shown = heard.ask.get("shown", ())
    if view.kind != "labeled":
        choice = with_shown(desk, state, choice, shown)
    items = items_of(desk, state, choice.rows, view.mode, hint)
    counts = {one.id: 0 for one in state.classes} | {NONE: 0}
    for class_id in state.labels.values():
        counts[class_id] += 1
    total = len(desk.images.names)
    done = len(state.labels) + len(state.skipped)
    making = desk.pictures.are_coming([item["name"] for item in items[:AHEAD]])
    return heard.answer(state) | {
        "project": str(desk.project.folder.absolute()),
        "view": str(view),
        "mode": view.mode,
        "title": choice.title,
        "selected": choice.selected,
        "items": items,
        "known": [] if view.kind == "labeled" else known(state, shown),
        "classes": [vars(one) | {"count": counts[one.id]} for one in state.classes],
        "labeled": len(state.labels),
        "open": max(0, total - done),
        "more": len(items) >= SCREEN,
        "originals": original_of(desk, heard),
        "nothing": "All images are labeled or skipped.",
        "again": AGAIN if making or desk.is_busy else 0,
    }


@st.fragment(run_every=0.5)
def opening(desk: Desk) -> None:
    """Show how far the images are opened, which takes a while the first time."""
    if desk.wait(0):
        st.rerun()
    if desk.error:
        raise InputError(desk.error)
    st.progress(desk.done or 0.0, f"{desk.doing} …")


@st.fragment
def labeling(project: Project, desk: Desk) -> None:
    """Show the desk; runs anew whenever it sends something."""
    state = project.state()
    desk.ask_for_guesses(state)
    heard = st.session_state.get(HEARD, Heard())
    view = view_of(state, st.session_state.get("like", ""))
    data = data_of(desk, state, view, heard, True)
    # The page is not dimmed while the server works: people go on meanwhile.
    st.html(f"<style>.st-key-{DESK} [data-stale=true] {{opacity: 1}}</style>")
    with st.container(key=DESK):
        labeler(data, f"{DESK}-element", lambda: take(project))


project = project_resources.chosen()
st.title("Label")
with project_resources.told():
    desk = project_resources.desk(project)
    if desk.wait(PATIENCE):
        labeling(project, desk)
    else:
        opening(desk)
