"""What this is, and where to begin: three doors, and the projects that are there."""

import time

import streamlit as st

import address
import new_project
import project_resources
import resources
from ssvae.projects.listing import list_projects
from words import counted, plain

# What is open below the doors, in the address: the form for images, or the models.
DOOR, IMAGES, MODELS = "door", "images", "models"
# Cards side by side on a wide page.
COLUMNS = 3


def doors():
    """Show the three ways to begin."""
    digits, images, models = st.columns(COLUMNS)
    with digits.container(border=True, height="stretch"):
        st.subheader("Try digits")
        st.write(
            "A model that learned handwritten digits from 100 labels. Draw a digit and "
            "see whether it is read."
        )
        if st.button("Draw a digit", icon=":material/draw:", width="stretch"):
            address.go("classify", model=resources.FIRST)
    with images.container(border=True, height="stretch"):
        st.subheader("My images")
        st.write(
            "A folder or an archive on this machine, or files that you drop here. "
            "No image needs a label yet."
        )
        if st.button(
            "Use my images",
            type="primary",
            icon=":material/photo_library:",
            width="stretch",
        ):
            open_door(IMAGES)
    with models.container(border=True, height="stretch"):
        st.subheader("Open a model")
        st.write("See what a trained model knows: its images, its map, its mistakes.")
        if st.button("Choose a model", icon=":material/folder_open:", width="stretch"):
            open_door(MODELS)


def open_door(name):
    """Show what is behind a door; the browser's Back closes it."""
    address.put(**{DOOR: name})
    st.rerun()


def projects():
    """List the projects with their pictures."""
    found = list_projects(project_resources.PROJECTS)
    if not found:
        return
    st.subheader("Your projects")
    for project in cards(found):
        if project.cover:
            st.image(
                str(project.cover), width="stretch", alt=f"Images of {project.name}"
            )
        st.markdown(f"**{plain(project.name)}**")
        if project.problem:
            st.error(plain(f"It cannot be opened: {project.problem}."))
            continue
        st.write(about(project))
        address.link(
            "label",
            f"Open {plain(project.name)}",
            ":material/folder_open:",
            project=project.name,
        )


def cards(items):
    """Yield items, each while its own card is open; rows are filled from the left."""
    columns = []
    for place, item in enumerate(items):
        if place % COLUMNS == 0:
            columns = st.columns(COLUMNS)
        with columns[place % COLUMNS].container(border=True, height="stretch"):
            yield item


def about(project):
    """Return in words how far a project is."""
    images = "" if project.images is None else f"{counted(project.images, 'image')}, "
    words = f"{images}{project.labels:,} labeled, "
    words += f"{counted(project.classes, 'class', 'classes')}, "
    words += counted(project.models, "model")
    when = time.strftime("%d %B %Y", time.localtime(project.changed))
    return f"{words}. Changed on {when}." if project.changed else f"{words}."


def models():
    """List the models with images that they made."""
    st.subheader("Models")
    for name, folder in cards(resources.models().items()):
        picture = folder / "samples.png"
        if picture.exists():
            st.image(str(picture), width="stretch", alt=f"Images that {name} draws")
        label = f"Open {plain(name)}"
        address.link("generate", label, ":material/grid_view:", model=name)
        try:
            st.write(known_by(resources.metrics(folder)))
        except (OSError, ValueError, KeyError):
            st.write("It is not known how it was trained.")


def known_by(metrics):
    """Return in words what a model learned from, and how good it is."""
    if not metrics["num_labels"]:
        return "It learned without labels, and draws images."
    words = f"It learned from {counted(metrics['num_labels'], 'label')}"
    if metrics["test_accuracy"] is None:
        return f"{words}."
    return f"{words} and is right on {metrics['test_accuracy']:.1%} of the test images."


st.title("Start")
st.write(
    "Teach a model to tell your images apart: label a few, see how good it becomes, "
    "and take it with you.  \nEverything stays on this machine."
)
doors()
door = st.query_params.get(DOOR)
if door == IMAGES:
    new_project.form()
elif door == MODELS:
    models()
projects()
