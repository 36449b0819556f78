"""Train a model, and watch its progress."""

import itertools
import re
from pathlib import Path

import pandas as pd
import streamlit as st

import address
import resources
import widgets
from ssvae.data.fashion_mnist import FOLDER as FASHION_FOLDER
from ssvae.errors import InputError
from ssvae.runs.background import DONE, FAILED, IDLE, RUNNING, STOPPED

DEFAULT = "default: the most accurate"
# Fields that the recipe sets if they are left empty.
EMPTY = {"placeholder": "as the recipe says"}


def form():
    """Let the settings be chosen, and start the run."""
    recipes = {DEFAULT: None}
    for path in sorted(resources.ROOT.glob("configs/*.toml")):
        recipes[f"{path.stem}: {_first_sentence(path)}"] = path
    datasets = ["mnist"]
    if Path(FASHION_FOLDER).exists():
        datasets.append("fashion-mnist")
    with st.form("train"):
        left, right = st.columns(2)
        dataset = left.selectbox(
            "Images",
            datasets,
            accept_new_options=True,
            help="Name of a data set, or path of your own images on this computer: a "
            "folder with one subfolder per class, or an .npz file.",
        )
        recipe = left.selectbox(
            "Recipe", list(recipes), help="The settings of the training."
        )
        labels = right.number_input(
            "Labels",
            0,
            50_000,
            None,
            help="How many images come with their class; the others are unlabeled.",
            **EMPTY,
        )
        epochs = right.number_input(
            "Epochs", 1, 10_000, None, help="Passes over all images.", **EMPTY
        )
        seed = left.number_input(
            "Seed",
            0,
            2**31 - 1,
            0,
            help="Number that random choices start from: another one, another model.",
        )
        name = right.text_input("Name", "my-run")
        size = left.number_input(
            "Size of your own images",
            0,
            512,
            0,
            help="Side in pixels that your images are scaled to; 0 chooses one if it "
            "must.",
        )
        test = right.number_input(
            "Part of your own labels to test with",
            0.0,
            0.9,
            0.0,
            help="Fraction of your labeled images that the model is tested on and does "
            "not learn from. 0 if they have a test part.",
        )
        begun = st.form_submit_button(
            "Start", type="primary", icon=":material/play_arrow:"
        )
    st.caption(
        "Training takes five to ten minutes with the default recipe on two cores. It "
        "continues if you close this page."
    )
    if not begun:
        return
    if not re.fullmatch(r"[\w.-]+", name) or name.startswith("."):
        raise InputError(
            f"the name {name!r} cannot be a folder: need letters, digits, -, _ and ."
        )
    flags = {
        "dataset": dataset,
        "labels": labels,
        "epochs": epochs,
        "seed": seed,
        "image-size": size or None,
        "test-fraction": test or None,
        "config": recipes[recipe],
    }
    stated = {key: value for key, value in flags.items() if value is not None}
    flags = [word for key, value in stated.items() for word in (f"--{key}", str(value))]
    resources.background().start(flags, resources.RUNS / name)
    st.rerun()


def _first_sentence(path):
    """Return the first sentence of the comment at the top of a recipe."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = itertools.takewhile(lambda line: line.startswith("#"), lines)
    text = " ".join(line.lstrip("# ") for line in comment)
    # A full stop within a sentence, as in "et al. 2014", has no capital after it.
    return re.split(r"\.(?: (?=[A-Z])|$)", text)[0]


@st.fragment(run_every=2)
def watch():
    """Show the progress of the run, updated every two seconds."""
    job = resources.background()
    state = job.state()
    if state.status != RUNNING:
        st.rerun()
    st.subheader(f"{state.out.name} is being trained")
    progress = state.progress
    if "step" in progress:
        left = progress["seconds_left"]
        st.progress(
            progress["step"] / progress["steps"],
            f"Epoch {progress['epoch']} of {progress['epochs']}, "
            f"{progress['seconds']:.0f} s so far, {left:.0f} s left",
        )
        _terms(state.out, progress)
    else:
        share = progress.get("done", 0) / progress.get("total", 1)
        st.progress(share, progress.get("doing", "Starting …"))
    if state.samples is not None:
        st.image(str(state.samples), "Images that it generates now, one row per class")
    if st.button("Stop", icon=":material/stop:"):
        with st.spinner("Stopping …"):
            job.stop(state.out)
        st.rerun()


def _terms(out, progress):
    """Show the terms of the loss, and how they changed."""
    history = st.session_state.setdefault("history", {"out": out, "rows": {}})
    if history["out"] != out:
        history = st.session_state["history"] = {"out": out, "rows": {}}
    history["rows"][progress["step"]] = progress["terms"]
    table = pd.DataFrame.from_dict(history["rows"], orient="index")
    columns = st.columns(4)
    for place, name in enumerate(table.columns):
        columns[place % 4].metric(
            name.replace("_", " "),
            f"{table[name].iloc[-1]:.4g}",
            border=True,
            chart_data=table[name].tolist() if len(table) > 1 else None,
        )


def over(state):
    """Show how a run ended, and what can be done next."""
    name = state.out.name
    if state.status == DONE:
        accuracy = resources.metrics(state.out)["test_accuracy"]
        right = (
            "" if accuracy is None else f": right on {accuracy:.2%} of the test images"
        )
        st.success(f"**{name}** is trained{right}.", icon=":material/check:")
        if st.button("Open it", type="primary", icon=":material/open_in_new:"):
            resources.background().forget(state.out)
            address.go("generate", model=name)
    elif state.status == STOPPED:
        st.info(f"**{name}** was stopped.", icon=":material/info:")
    elif state.status == FAILED:
        st.error(f"**{name}** failed: {state.message}", icon=":material/error:")
    if state.resumable and st.button("Resume", icon=":material/resume:"):
        resources.background().resume(state.out)
        st.rerun()


st.title("Train")
state = resources.background().state()
if state.status == RUNNING:
    watch()
else:
    with widgets.messages():
        if state.status != IDLE:
            over(state)
        form()
