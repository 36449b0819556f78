"""Unusual images that a project's newest model found: shown, and asked about."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple

import streamlit as st

from ssvae.errors import InputError
from ssvae.projects import unusual
from ssvae.projects.desk import Desk
from ssvae.projects.project import Project
from ssvae.projects.unusual import Question
from words import counted, plain

# Pictures of a group that are shown, and the side of a picture, pixels.
SHOWN, SIDE = 24, 88
# Letters of a file's name that have room below its picture.
LETTERS = 12


class Told(NamedTuple):
    """What is said of the last answer, and its images; none if it failed."""

    words: str
    names: list[str]


@st.fragment
def show(project: Project, desk: Desk) -> None:
    """Show what is asked, and take the answers.

    Args:
        project: The project.
        desk: Its images, which are open.
    """
    state = project.state()
    asked = unusual.questions(project, desk.images, state)
    told = st.session_state.get(_told(project))
    if told and told.names and (state.undoes or {}).get("images") != told.names:
        # Something else was done since then, or the answer was taken back.
        told = None
    if not asked and told is None:
        return
    st.header("Unusual images", anchor="unusual")
    if told is not None:
        _answered(project, told)
    if not asked:
        st.write("All of them have an answer. The next model learns from it.")
        return
    st.caption(
        f"Found by {plain(asked[0].model)}. Your answers are labels of the project: "
        "the next model learns from them."
    )
    for question in asked:
        with st.container(border=True):
            st.markdown(f"**{question.sentence}**")
            (_group if question.is_group else _alone)(project, desk, question)


def _group(project: Project, desk: Desk, question: Question):
    """Show a group, of which one answer is for all."""
    names = question.names[:SHOWN]
    rows = [desk.images.row(name) for name in names]
    with st.container(horizontal=True, gap="small"):
        for name, picture in zip(names, desk.images.thumbnails(rows), strict=True):
            st.image(picture, width=SIDE, alt=name)
    words = "The model learned from them like from all others."
    if question.put_aside:
        words = "The model learned nothing from them."
    if len(names) < len(question.names):
        words += f" These are {len(names)} of them."
    st.caption(words)
    _answers(project, question, question.names)


def _alone(project: Project, desk: Desk, question: Question):
    """Show single images, some of which are chosen to be answered."""
    st.caption(
        "The model learned from them like from all others. Choose some, and say what "
        "they are."
    )
    rows = [desk.images.row(name) for name in question.names]
    pictures = desk.images.thumbnails(rows)
    chosen = []
    with st.container(horizontal=True, gap="small"):
        for name, picture in zip(question.names, pictures, strict=True):
            with st.container(width=SIDE + 24, gap=None):
                st.image(picture, width=SIDE, alt=name)
                if st.checkbox(plain(_short(name)), key=_key(question, name)):
                    chosen.append(name)
    _answers(project, question, chosen)


def _short(name):
    """Return the name of a file without folders, cut where there is no more room."""
    last = PurePosixPath(name).name
    return last if len(last) <= LETTERS else f"{last[: LETTERS - 1]}…"


def _answers(project: Project, question: Question, names: list[str]):
    """Show the answers that can be given for images."""
    state = project.state()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        class_name = st.selectbox(
            "What are they?",
            [one.name for one in state.classes],
            index=None,
            key=_key(question, "class"),
            accept_new_options=True,
            placeholder="Choose a class, or type a new one",
            width=280,
        )
        for text, answer, is_open in (
            ("Give them this class", "class", class_name is not None),
            ("None of these classes", "none", True),
            ("Leave them as they are", "leave", True),
        ):
            st.button(
                text,
                key=_key(question, f"answer {answer}"),
                disabled=not (is_open and names),
                on_click=_answer,
                args=(project, names, answer, class_name),
            )


def _key(question, part):
    """Return the key of a widget about a question."""
    return f"unusual {question.model} {question.number} {part}"


def _told(project):
    """Return the key of what is said of the last answer."""
    return f"unusual answer {project.name}"


def _answer(project, names, answer, class_name):
    """Store an answer; called before the page runs."""
    many = counted(len(names), "image")
    try:
        if answer == "class":
            unusual.name_them(project, names, class_name)
            words = f"{many} got the label {plain(class_name)}."
        elif answer == "none":
            unusual.none_of_these(project, names)
            words = f"{many} got the label “none of these”."
        else:
            unusual.leave(project, names)
            words = f"{many} stay as they are."
        st.session_state[_told(project)] = Told(words, names)
    except InputError as error:
        text = str(error)
        st.session_state[_told(project)] = Told(f"{text[:1].upper()}{text[1:]}.", [])


def _answered(project, told):
    """Say what became of the last answer, and let it be taken back."""
    if not told.names:
        st.error(plain(told.words), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(told.words, icon=":material/check:")
        st.button("Undo", key="unusual undo", on_click=unusual.undo, args=(project,))
