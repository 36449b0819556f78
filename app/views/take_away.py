"""Take a model away: in a form that other programs open, with its card and answers."""

import re

import numpy as np
import streamlit as st

import fields
import project_resources
import resources
import taking
import widgets
from ssvae.errors import InputError
from ssvae.export.package import program
from ssvae.projects.answers import answer_rows, answers_of, kept_answers
from ssvae.projects.project import Project
from words import plain

# Formats by their titles, each with what it is good for.
FORMATS = {
    "Keras": ("keras", "For Python programs that use this package. Everything works."),
    "ONNX": ("onnx", "For most programs and languages, with the ONNX Runtime."),
    "SavedModel": ("savedmodel", "For TensorFlow and TensorFlow Serving."),
    "LiteRT": ("litert", "For phones and small devices, formerly TensorFlow Lite."),
}


def exports(name, folder):
    """Let the model be taken away in a format, with a program that uses it."""
    st.subheader("The model")
    title = st.segmented_control(
        "Format",
        list(FORMATS),
        default="Keras",
        required=True,
        key="format",
        bind="query-params",
    )
    kind, use = FORMATS[title]
    st.write(use)
    path = taking.export_path(name, folder, kind)
    if path.exists():
        st.download_button(
            f"Download {path.name} ({path.stat().st_size / 1e6:.1f} MB)",
            path.read_bytes,
            path.name,
            "application/zip",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
    elif st.button(
        f"Make the file for {title}", type="primary", icon=":material/package_2:"
    ):
        try:
            with st.spinner(
                "Writing the model and checking that it answers the same …"
            ):
                taking.make_export(folder, kind, path)
        except InputError as error:
            st.error(plain(fields.in_page_words(str(error))), icon=":material/error:")
            return
        st.rerun()
    else:
        st.caption(
            "The file is made here, opened again and compared with the model. That "
            "takes up to a minute."
        )
    with st.expander("What is in it, and how it is used"):
        st.write(
            "A folder with the model, a program that tells the classes of images, the "
            "list of packages that the program needs, and the model card:"
        )
        _code("pip install -r requirements.txt\npython use.py photo.jpg")
        _code(program(kind))


def _code(text):
    """Show lines of a program."""
    # Without colors, some of which are hard to read on a dark page; and wrapped, since
    # the keyboard cannot scroll them.
    st.code(text, language=None, wrap_lines=True)


def answers(name, folder):
    """Let the answers for all images be taken away as a table."""
    st.subheader("Its answers")
    project = _project_of(name)
    if project is None:
        _shown_answers(name, folder)
        return
    desk = project_resources.desk(project)
    if not desk.wait(1.0):
        st.write(plain(desk.error) if desk.error else "The images are being opened.")
        if not desk.error:
            st.button("Look again", icon=":material/refresh:")
        return
    found = kept_answers(project, desk.images, folder)
    if found is None:
        count = len(desk.images.names)
        if not st.button(
            f"Let it answer all {count:,} images", icon=":material/checklist:"
        ):
            st.caption("What it says of every image of the project, as a table.")
            return
        bar = st.progress(0.0, "Answering")
        answers_of(
            project,
            desk.images,
            folder,
            resources.load(folder),
            lambda done, total: bar.progress(done / total, f"{done:,} of {total:,}"),
        )
        st.rerun()
    rows = answer_rows(found, project.state(), desk.images.names)
    _table(name, rows, len(desk.images.names))


def _project_of(name):
    """Return the project that a model belongs to, if it is there."""
    project, slash, _ = name.partition("/")
    if not slash:
        return None
    try:
        return Project.open(project_resources.PROJECTS / project)
    except InputError:
        return None


def _shown_answers(name, folder):
    """Offer the answers for the images that the run keeps."""
    shown = resources.shown(folder)
    names = np.array([*shown.class_names, ""], object)
    rows = {
        "image": range(len(shown.labels)),
        "class": np.array(model.class_names, object)[shown.predicted].tolist(),
        "probability": shown.confidence.round(4).tolist(),
        "label": names[shown.labels].tolist(),
    }
    _table(name, rows, len(shown.labels), f" of the {shown.part} part")


def _table(name, rows, count, part=""):
    """Offer rows as a CSV file."""
    file = f"{name.replace('/', '-')}-answers.csv"
    st.download_button(
        f"Download its answers for {count:,} images{part} (CSV)",
        lambda: taking.as_csv(rows),
        file,
        "text/csv",
        icon=":material/table:",
        on_click="ignore",
    )


def card(name, folder):
    """Show the model card, and offer it."""
    path = folder / "README.md"
    if not path.exists():
        return
    st.subheader("Its card")
    text = path.read_text(encoding="utf-8")
    st.download_button(
        "Download the model card",
        text,
        f"{name.replace('/', '-')}.md",
        "text/markdown",
        icon=":material/description:",
        on_click="ignore",
    )
    with st.expander("Read it here"):
        # Pictures lie beside the file. The title of the page is the first heading.
        shown = re.sub(r"!\[[^\]]*\]\([^)]*\)\s*", "", text)
        shown = re.sub(r"(?m)^(#+) ", r"##\1 ", shown)
        for place, part in enumerate(re.split(r"```\w*\n(.*?)```", shown, flags=re.S)):
            if place % 2:
                _code(part)
            else:
                st.markdown(part)


folder, model = widgets.choose_model()
name = st.session_state["model"]
st.title("Take it away")
with widgets.messages():
    exports(name, folder)
    if model.num_classes > 1:
        answers(name, folder)
    card(name, folder)
