"""The button that trains a model of a project, with everything else folded away."""

from __future__ import annotations

from collections import Counter

import streamlit as st

import address
import fields
import resources
from ssvae.config.settings import Config
from ssvae.config.suggest import in_words, suggest
from ssvae.data.dataset import UNLABELED
from ssvae.errors import InputError
from ssvae.projects.desk import Desk
from ssvae.projects.project import MODELS_FOLDER, Project
from ssvae.projects.state import State
from ssvae.projects.training import free_name, model_folder, training_flags
from words import counted, plain


def form(project: Project, desk: Desk) -> None:
    """Say what would be trained, and start it when the button is pressed.

    Args:
        project: The project.
        desk: Its images, which are open.
    """
    state = project.state()
    labels = state.labels_of(desk.images.names)
    counts = Counter(labels[labels != UNLABELED].tolist())
    st.write(
        f"{counted(sum(counts.values()), 'image')} of {len(labels):,} "
        f"{'has' if sum(counts.values()) == 1 else 'have'} a label, "
        f"in {counted(len(counts), 'class', 'classes')}."
    )
    if len(counts) < 2:
        st.info("A model needs labels of two classes or more.", icon=":material/info:")
        address.link("label", "Label some images of each class", ":material/sell:")
        return
    # In containers, so that what is below stays as it is when they get content.
    with st.container():
        _by_now(desk, state)
    with st.container():
        begun = st.button(
            "Train a model", type="primary", icon=":material/play_arrow:", key="train"
        )
        length = st.empty()
    try:
        name, stated = _details(project)
        length.caption(_proposal(desk, labels, stated))
        if begun:
            _start(project, desk, name, stated)
    except InputError as error:
        st.error(plain(fields.in_page_words(str(error))), icon=":material/error:")


def _by_now(desk: Desk, state: State) -> None:
    """Say how good the guesses from the labels are, if it is known."""
    guessed = desk.ask_for_guesses(state)
    estimate = guessed.guesses.estimate if guessed else None
    if estimate is None:
        return
    st.write(
        f"From these labels, about {estimate.accuracy:.0%} of new images would be told "
        f"right ({estimate.low:.0%} to {estimate.high:.0%})."
    )


def _proposal(desk, labels, stated):
    """Return in words what would be trained, and how long it takes."""
    dataset = desk.images.dataset
    known = labels[labels != UNLABELED]
    counts = list(Counter(known.tolist()).values())
    all_stated = {"labels": "all"} | stated
    count, shape = len(dataset.images), dataset.image_shape
    suited = suggest(count, shape, all_stated, len(known), counts)
    config = Config().replace(**suited | all_stated)
    return plain(" ".join(in_words(config, shape, count)))


def _details(project):
    """Let the training be changed; return the model's name and stated settings."""
    proposed = _free_name(project)
    with st.expander("Details", key=f"details-{project.name}", on_change="rerun"):
        name = st.text_input(
            fields.LABELS["out"],
            proposed,
            key=f"name-{project.name}-{proposed}",
            persist_state="session",
            help="What the model is called. It is kept in the project's folder.",
        )
        rounds = st.number_input(
            fields.LABELS["epochs"],
            1,
            10_000,
            None,
            key="rounds",
            persist_state="session",
            placeholder="chosen for these images",
            help="How often training goes through all images.",
        )
        seed = st.number_input(
            fields.LABELS["seed"],
            0,
            2**31 - 1,
            0,
            key="train-seed",
            persist_state="session",
            help="Number that random choices start from: another one, another model.",
        )
        test = st.number_input(
            fields.LABELS["test_fraction"],
            0.0,
            0.9,
            project.config.test_fraction,
            0.05,
            key=f"test-{project.name}",
            persist_state="session",
            help="Part of the labeled images that the model does not learn from. On "
            "them it is measured. 0 keeps none: then its accuracy is estimated.",
        )
        more = fields.more_settings(f"more-{project.name}")
    stated = {"epochs": rounds, "seed": seed or None}
    if test != project.config.test_fraction:
        stated["test_fraction"] = test
    return name, {k: v for k, v in stated.items() if v is not None} | more


def _free_name(project):
    """Return a name that no model of a project has, and none that waits."""
    folder = project.folder / MODELS_FOLDER
    taken = {
        state.out.name
        for state in resources.background().states()
        if state.out and state.out.absolute().parent == folder.absolute()
    }
    name = free_name(project)
    while name in taken:
        stem, _, number = name.rpartition("-")
        name = f"{stem}-{int(number) + 1}"
    return name


def _start(project, desk, name, stated):
    """Start the run, or let it wait for its turn."""
    out = model_folder(project, name)
    if resources.background().state(out).is_live:
        raise InputError(f"a model {name!r} is being trained: choose another name")
    flags = training_flags(project, desk.images, out.name)
    flags = [*flags, *fields.as_flags(stated)]
    resources.background().start(flags, out)
    st.rerun()
