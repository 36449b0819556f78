"""The form that trains a model of a data set that comes with this program."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import streamlit as st

import fields
import resources
from ssvae.data.fashion_mnist import FOLDER as FASHION_FOLDER
from ssvae.errors import InputError
from words import plain

# The recipe that is taken if none is chosen, and data sets by their titles.
DEFAULT = "default: the most accurate"
DATASETS = {"Handwritten digits": "mnist", "Pieces of clothing": "fashion-mnist"}
# Fields that the recipe sets if they are left empty.
EMPTY = {"placeholder": "chosen by the recipe"}


def form() -> None:
    """Let the settings be chosen, and start the run when the button is pressed."""
    st.subheader("Images that come with this program")
    titles = list(DATASETS)
    if not Path(FASHION_FOLDER).exists():
        titles.remove("Pieces of clothing")
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    title = left.selectbox("Images", titles, key="images", persist_state="session")
    begun = right.button(
        "Train a model", type="primary", icon=":material/play_arrow:", width="stretch"
    )
    st.caption(
        "This takes five to ten minutes with the default recipe on two cores. It goes "
        "on if you close this page."
    )
    try:
        name, flags = _details()
        flags = ["--dataset", DATASETS[title], *flags]
        if begun:
            _start(name, flags)
    except InputError as error:
        st.error(plain(fields.in_page_words(str(error))), icon=":material/error:")


def _details():
    """Let the training be changed; return the name of the model and flags."""
    recipes = {DEFAULT: None}
    for path in sorted(resources.ROOT.glob("configs/*.toml")):
        recipes[f"{path.stem}: {_first_sentence(path)}"] = path
    keep = {"persist_state": "session"}
    with st.expander("Details", key="details", on_change="rerun"):
        name = st.text_input(fields.LABELS["out"], "my-run", key="run-name", **keep)
        recipe = st.selectbox(
            "Recipe",
            list(recipes),
            key="recipe",
            help="The settings of the training.",
            **keep,
        )
        labels = st.number_input(
            "Labels",
            0,
            50_000,
            None,
            key="labels",
            help="How many images come with their class; the others have no label.",
            **keep,
            **EMPTY,
        )
        rounds = st.number_input(
            fields.LABELS["epochs"],
            1,
            10_000,
            None,
            key="run-rounds",
            help="How often training goes through all images.",
            **keep,
            **EMPTY,
        )
        seed = st.number_input(
            fields.LABELS["seed"],
            0,
            2**31 - 1,
            0,
            key="run-seed",
            help="Number that random choices start from: another one, another model.",
            **keep,
        )
        more = fields.more_settings("more-of-run")
    stated = {
        "labels": labels,
        "epochs": rounds,
        "seed": seed,
        "config": recipes[recipe],
    }
    stated = {key: value for key, value in stated.items() if value is not None}
    return name, fields.as_flags(stated | more)


def _start(name, flags):
    """Start the run, or let it wait for its turn."""
    if not re.fullmatch(r"[\w.-]+", name) or name.startswith("."):
        raise InputError(
            f"the name {name!r} cannot be a folder: need letters, digits, -, _ and ."
        )
    resources.background().start(flags, resources.RUNS / name)
    st.rerun()


def _first_sentence(path):
    """Return the first sentence of the comment at the top of a recipe."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = itertools.takewhile(lambda line: line.startswith("#"), lines)
    text = " ".join(line.lstrip("# ") for line in comment)
    # A full stop within a sentence, as in "et al. 2014", has no capital after it.
    return re.split(r"\.(?: (?=[A-Z])|$)", text)[0]
