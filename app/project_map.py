"""The map of a project: all its images, to look at, search and label."""

import uuid

import numpy as np
import streamlit as st

import address
import project_resources
from components.scatter import scatter
from ssvae.errors import InputError
from ssvae.projects.actions import act
from ssvae.projects.desk import Desk
from ssvae.projects.map_places import places_of
from ssvae.projects.project import Project
from ssvae.projects.state import NONE, State
from words import counted, plain

# Images that are shown of those that were chosen, and of those that are like one.
MOST_SHOWN, ALIKE = 48, 24
# Side of a picture, pixels.
SIDE = 88
# Colors of images without a label, and of those that show none of the classes.
GREY, OTHER = "#8c939c", "#5c5348"
LABELS, GUESSES = "Labels", "Guesses"


def show(project: Project) -> None:
    """Show the map of a project, as soon as its images are compared.

    Args:
        project: The project.
    """
    desk = project_resources.desk(project)
    if desk.atlas is None:
        _waiting(desk)
        return
    st.caption(
        "Each point is an image; images that look alike lie close together. Draw "
        "around some with Lasso or Box, and give all of them a class. Point at one to "
        "see it. Two fingers, or the wheel with Ctrl, zoom."
    )
    _map(project, desk)


@st.fragment(run_every=0.5)
def _waiting(desk: Desk):
    """Show how far the images are compared, which takes a while the first time."""
    if desk.atlas is not None:
        st.rerun()
    with project_resources.told():
        if desk.error:
            raise InputError(desk.error)
    st.progress(desk.done or 0.0, f"{desk.doing or 'Opening the images'} …")


@st.cache_data(
    max_entries=3, show_spinner="Making the map. It takes seconds, and is kept …"
)
def _places(folder, mark, _atlas, _cache):
    return places_of(_atlas.vectors, _cache)


@st.fragment
def _map(project: Project, desk: Desk):
    """Show the points, and what can be done with those that were chosen."""
    state = project.state()
    names, atlas = desk.images.names, desk.atlas
    places = _places(str(project.folder), id(atlas), atlas, project.cache)
    key = f"map-{project.name}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            "Color by", [LABELS, GUESSES], default=LABELS, required=True, key="color"
        )
        wanted = st.text_input(
            "Search file names", key="map-search", width=240, placeholder="part of it"
        )
        address.link("label", "Add or change classes", ":material/sell:")
    groups, legend = _groups(desk, state, by)
    found = [row for row, name in enumerate(names) if wanted.lower() in name.lower()]
    scatter(
        key,
        places,
        groups,
        legend,
        lambda: _keep(project, key),
        marked=found if wanted else [],
        pictures=_pictures(desk, key, groups, legend),
        forget=st.session_state.get(_forgotten(project), 0),
        label=f"Map of {len(names):,} images. Arrows go from image to image, Enter "
        "chooses, plus and minus zoom.",
    )
    if wanted:
        st.caption(f"{counted(len(found), 'file name')} with “{plain(wanted)}”.")
        if found and st.button(f"Choose these {len(found):,}"):
            _choose(project, found)
    rows = [row for row in st.session_state.get(_rows(project), ()) if row < len(names)]
    if rows:
        _chosen(project, desk, state, rows)
    elif state.undoes is not None:
        st.button("Undo the last label", on_click=_act, args=(project, {"do": "undo"}))


def _groups(desk, state: State, by: str):
    """Return the group of each image, and the legend of groups."""
    classes = state.classes
    legend = [{"name": one.name, "color": one.color} for one in classes]
    legend += [{"name": "None of these", "color": OTHER}]
    legend += [{"name": "No label", "color": GREY}]
    names = desk.images.names
    labels = state.labels_of(names)
    known = np.where(state.is_none(names), len(classes), len(classes) + 1)
    groups = np.where(labels >= 0, labels, known)
    guessed = desk.ask_for_guesses(state)
    if by == GUESSES and guessed is not None and guessed.is_known:
        number = {one.id: index for index, one in enumerate(classes)}
        numbers = np.array(
            [number.get(one, len(classes) + 1) for one in guessed.classes]
        )
        best = numbers[guessed.guesses.probabilities.argmax(axis=1)]
        groups = np.where(groups == len(classes) + 1, best, groups)
    elif by == GUESSES:
        st.caption("There are guesses once two classes have labels.")
    return groups, legend


def _chosen(project, desk, state, rows):
    """Show the images that were chosen, and let them be labeled."""
    names = [desk.images.names[row] for row in rows]
    st.subheader(f"Chosen: {len(rows):,}")
    with st.container(horizontal=True):
        for one in state.classes:
            action = {"do": "label", "images": names, "class": one.id}
            st.button(
                plain(one.name),
                key=f"give-{one.id}",
                on_click=_act,
                args=(project, action),
            )
        for text, action in (
            ("None of these", {"do": "label", "images": names, "class": NONE}),
            ("Remove their labels", {"do": "unlabel", "images": names}),
        ):
            st.button(text, on_click=_act, args=(project, action))
        st.button("Choose nothing", on_click=_choose, args=(project, []))
    if len(rows) == 1:
        alike = desk.atlas.alike(rows[0], ALIKE).tolist()
        st.button(
            f"Choose also the {len(alike)} most like it",
            on_click=_choose,
            args=(project, rows + alike),
            icon=":material/join:",
        )
    few = rows[:MOST_SHOWN]
    few_names = names[: len(few)]
    thumbnails = desk.images.thumbnails(few)
    st.image(thumbnails, few_names, width=SIDE, alt=few_names)
    if len(rows) > len(few):
        st.caption(f"These are {len(few)} of them.")


def _act(project, action):
    """Store what was done to the chosen images, and forget that they were chosen."""
    client = st.session_state.setdefault("map-client", uuid.uuid4().hex)
    number = st.session_state.get("map-number", 0) + 1
    st.session_state["map-number"] = number
    act(project, client, [{"number": number, **action}])
    _choose(project, [])


def _choose(project, rows):
    """Choose images by their rows; the map forgets what was chosen on it."""
    st.session_state[_rows(project)] = rows
    name = _forgotten(project)
    st.session_state[name] = st.session_state.get(name, 0) + 1


def _keep(project, key):
    """Take what was chosen on the map; called before the page runs."""
    choice = st.session_state[key].choice
    seen = f"map-seen-{project.name}"
    if choice and choice["time"] != st.session_state.get(seen):
        st.session_state[seen] = choice["time"]
        st.session_state[_rows(project)] = choice["rows"]


def _rows(project):
    return f"map-rows-{project.name}"


def _forgotten(project):
    return f"map-forgotten-{project.name}"


def _pictures(desk, key, groups, legend):
    """Return the pictures that the map asked for, and what to say of each."""
    value, names = st.session_state.get(key), desk.images.names
    asked = [row for row in (value and value.ask) or () if row < len(names)]
    found = {}
    for row, picture in zip(asked, desk.images.thumbnails(asked), strict=True):
        url = project_resources.picture_address(picture, "map", names[row])
        words = [names[row], legend[groups[row]]["name"]]
        found[str(row)] = {"url": url, "words": words}
    return found
