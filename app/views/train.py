"""Train a model of a project, watch it, and compare models."""

import streamlit as st

import address
import compare
import named_training
import project_resources
import resources
import running
import training_form
from ssvae.projects.project import MODELS_FOLDER
from words import plain

# Seconds until the page asks again whether the images are open.
AGAIN = 1.0


@st.fragment(run_every=AGAIN)
def opening(desk):
    """Show how far the images are opened, until they are."""
    if desk.images is not None or desk.error:
        st.rerun()
    st.progress(desk.done or 0.0, "Opening the images")


def of_project():
    """Show the page for a project."""
    project = project_resources.chosen()
    desk = project_resources.desk(project)
    # In a container, so that what is below stays as it is when a run begins or ends.
    with st.container():
        running.show(
            project.folder / MODELS_FOLDER, lambda out: f"{project.name}/{out.name}"
        )
    desk.wait(0.5)
    if desk.error:
        st.error(
            plain(f"The images cannot be opened: {desk.error}."),
            icon=":material/error:",
        )
    elif desk.images is None:
        opening(desk)
    else:
        training_form.form(project, desk)
        compare.two(project, desk)


st.title("Train")
if address.project():
    of_project()
else:
    st.info(
        "No project is open. Open one to train a model of your own images, or train "
        "one of images that come with this program.",
        icon=":material/info:",
    )
    address.link("start", "Choose or make a project", ":material/home:")
    with st.container():
        running.show(resources.RUNS, lambda out: out.name)
    named_training.form()
