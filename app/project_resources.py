"""What is known of the projects: opened once for all people who use the app."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import streamlit as st
from streamlit.runtime import get_instance

import address
import resources
from ssvae.errors import InputError
from ssvae.projects.desk import Desk
from ssvae.projects.of_model import labels_of_model, project_of_model
from ssvae.projects.project import Project
from ssvae.projects.thumbnails import type_of
from words import plain

# Folder of all projects, in the working directory.
PROJECTS = Path("projects")
# Projects that are kept open: each may take some gigabytes.
OPEN = 3
# Pictures whose addresses hold, for each person who looks at the page; where they are.
ADDRESSES, SPOTS = 1024, "ssvae-spots"


def chosen() -> Project:
    """Return the project of the address; without one, say where to find one.

    The page ends here if there is none, or it cannot be opened.
    """
    name = address.project()
    if name:
        try:
            return Project.open(PROJECTS / Path(name).name)
        except InputError as error:
            st.error(f"The project cannot be opened: {error}.", icon=":material/error:")
    else:
        st.info(
            "No project is open. A project is a folder of images, and what people "
            "said about them.",
            icon=":material/info:",
        )
        _offer_images_of_model()
    address.link("start", "Choose or make a project", ":material/home:", project=None)
    st.stop()


def _offer_images_of_model():
    """Offer the images of the model that the address names as a project."""
    name = address.model()
    folder = resources.models().get(name) if name else None
    if folder is None:
        return
    if not st.button(f"Label the images of {plain(name)}", icon=":material/sell:"):
        return
    with told(), st.spinner("Opening the images …"):
        project, is_new = project_of_model(PROJECTS, folder)
        if is_new:
            # Without them people begin from nothing, and the page says so.
            with contextlib.suppress(InputError):
                labels_of_model(project, project.images(), folder)
    address.go("label", project=project.name)


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Say what is wrong with a project's images or labels, and end the page there."""
    try:
        yield
    except InputError as error:
        text = str(error)
        st.error(text[:1].upper() + text[1:] + ".", icon=":material/error:")
        st.stop()


def desk(project: Project) -> Desk:
    """Return the images of a project, and what is known of them.

    Args:
        project: The project.
    """
    # Another data set at the same place is another desk.
    found = _desk(str(project.folder.absolute()), repr(project.config))
    if found.error and not found.wait(0):
        # The next try may find the images.
        _desk.clear(str(project.folder.absolute()), repr(project.config))
    return found


@st.cache_resource(max_entries=OPEN, show_spinner=False)
def _desk(folder, config):
    return Desk(Project.open(Path(folder)))


def picture_address(picture: bytes, kind: str, name: str) -> str:
    """Return the address at which the browser finds a picture.

    Args:
        picture: The bytes of a PNG or JPEG file.
        kind: What the picture is for.
        name: Name of the image. The address holds until `ADDRESSES` others were asked
            for, or another page is opened.
    """
    spots: OrderedDict[str, int] = st.session_state.setdefault(SPOTS, OrderedDict())
    key = f"{kind} {name}"
    if key not in spots:
        full = len(spots) >= ADDRESSES
        spots[key] = spots.popitem(last=False)[1] if full else len(spots)
    spots.move_to_end(key)
    media = get_instance().media_file_mgr
    return media.add(picture, type_of(picture), f"ssvae-{spots[key]}")
