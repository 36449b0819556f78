"""Label the images of a project, one by one or many at once."""

import streamlit as st

import class_editor
import project_resources
from components.labeler import labeler
from ssvae.errors import InputError
from ssvae.projects.desk import Desk
from ssvae.projects.desk_data import PATIENCE, data_of
from ssvae.projects.labeling import Heard, receive
from ssvae.projects.project import Project
from ssvae.projects.state import NONE, State
from ssvae.projects.view import View
from words import plain

# Name in the address of the image that others should be like.
LIKE = "like"
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
    **ORDERS,
    "Labeled": "labeled",
    "Label and guess differ": "disputed",
    "Skipped": "skipped",
}
# Width of the fields, pixels.
WIDTH = 190


def view_of(state: State) -> View:
    """Let the person choose what to look at."""
    like = st.query_params.get(LIKE)
    mode = st.segmented_control(
        "Show",
        [ONE, MANY],
        default=ONE,
        required=True,
        key="show",
        bind="query-params",
        on_change=leave,
    )
    kinds = GROUPS if mode == MANY else ORDERS
    chosen = st.selectbox(
        "Which images",
        list(kinds),
        key="group" if mode == MANY else "order",
        bind="query-params",
        width=WIDTH,
        on_change=leave,
    )
    kind, about = kinds[chosen], ""
    if kind in ("class", "labeled"):
        names = {"": "Any class"} | {one.id: one.name for one in state.classes}
        if kind == "labeled":
            names[NONE] = "None of these"
        about = st.selectbox(
            "Class", list(names), format_func=names.get, key="of", width=WIDTH
        )
    if like:
        st.button("Back", on_click=leave, icon=":material/arrow_back:")
        return View("grid", "alike", like)
    return View("grid" if mode == MANY else "one", kind, about)


def leave() -> None:
    """Go back from the images that are like one."""
    st.query_params.pop(LIKE, None)


def take(project: Project, element: str, kept: str) -> None:
    """Store what the desk sent; called before the page runs."""
    message = st.session_state[element].message
    if message:
        heard = receive(project, message)
        st.session_state[kept] = heard
        if like := heard.ask.get("alike"):
            st.query_params[LIKE] = like


@st.fragment(run_every=0.5)
def opening(desk: Desk) -> None:
    """Show how far the images are opened, which takes a while the first time."""
    if desk.wait(0):
        st.rerun()
    with project_resources.told():
        if desk.error:
            raise InputError(desk.error)
    st.progress(desk.done or 0.0, f"{desk.doing} …")


@st.fragment
def labeling(project: Project, desk: Desk) -> None:
    """Show the desk; runs anew whenever it sends something."""
    state = project.state()
    class_editor.said()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = view_of(state)
        hint = st.toggle("Show guesses", True, key="guesses", bind="query-params")
        class_editor.edit_classes(project, state)
        class_editor.exchange(project, desk, state)
    # Each project has a desk of its own.
    element, kept = f"desk-{project.name}", f"heard-{project.name}"
    heard = st.session_state.get(kept, Heard())
    data = data_of(desk, view, heard, project_resources.picture_address, hint)
    # The page is not dimmed while the server works: people go on meanwhile.
    st.html("<style>.st-key-desk [data-stale=true] {opacity: 1}</style>")
    with st.container(key="desk"):
        labeler(data, element, lambda: take(project, element, kept))


project = project_resources.chosen()
st.title("Label")
st.caption(f"The images of {plain(project.name)}. Everything is stored at once.")
with project_resources.told():
    desk = project_resources.desk(project)
    if desk.wait(PATIENCE):
        labeling(project, desk)
    else:
        opening(desk)
