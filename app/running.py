"""Runs in the background: how far they are, how they ended, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

import address
import fields
import resources
from ssvae.errors import InputError
from ssvae.projects.project import MODELS_FOLDER
from ssvae.runs.background import DONE, FAILED, STOPPED, WAITING, State
from ssvae.runs.goodness import goodness, num_classes_of
from ssvae.runs.unusual import sentences
from words import counted, left, plain

# Seconds between two looks at the runs.
AGAIN = 2
# Name that the address has for the model of a run folder.
Name = Callable[[Path], str]


def show(folder: Path, name_of: Name) -> None:
    """Show the runs whose folders are in a folder, and the state of the queue.

    Args:
        folder: Folder of run folders: those of a project, or `runs`.
        name_of: Returns the name by which a model is opened.
    """
    states = [state for state in resources.background().states() if state.out]
    mine = [state for state in states if _is_in(state, folder)]
    done = [state for state in mine if state.status == DONE]
    for state in mine:
        # Of models that are trained, the newest is news.
        if not state.is_live and state not in done[:-1]:
            _ended(state, name_of)
    live = [state for state in mine if state.is_live]
    others = [state for state in states if state.is_live and state not in live]
    if live:
        _watch(folder, [state.out for state in live])
    elif others:
        st.info(
            f"{counted(len(others), 'other model')} is being trained or waits: a new "
            "one comes after it.",
            icon=":material/hourglass:",
        )


def _is_in(state: State, folder: Path) -> bool:
    return state.out.absolute().parent == folder.absolute()


@st.fragment(run_every=AGAIN)
def _watch(folder, known):
    """Show the runs that are live, again and again; the whole page when one ends."""
    states = [s for s in resources.background().states() if s.out]
    live = [s for s in states if s.is_live and _is_in(s, folder)]
    if [state.out for state in live] != known:
        st.rerun()
    for state in live:
        with st.container(border=True):
            _waits(state) if state.status == WAITING else _runs(state)


def _waits(state):
    words, right = st.columns([4, 1], vertical_alignment="center")
    words.markdown(
        f"**{plain(state.out.name)}** waits for its turn: "
        f"{counted(state.ahead, 'model')} before it."
    )
    _stop(right, state, "Do not train it")


def _stop(column, state, label="Stop"):
    if column.button(
        label, key=f"stop-{state.out}", icon=":material/stop:", width="stretch"
    ):
        with st.spinner("Stopping …"):
            resources.background().stop(state.out)
        st.rerun()


def _runs(state):
    """Show how far a run is, how good the model is by now, and what it draws."""
    progress = state.progress
    name, right = st.columns([4, 1], vertical_alignment="center")
    name.markdown(f"**{plain(state.out.name)}** is being trained.")
    _stop(right, state)
    st.progress(*_how_far(progress, state.age))
    pictures = None
    if "estimated_accuracy" in progress:
        figure, pictures = st.columns([1, 3])
        found = goodness(progress, num_classes_of(state.out))
        figure.metric(
            "Right by now",
            found.figure(),
            found.span() or None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            help="Part of new images that it would get right, estimated from labels "
            "that were left out. With nine chances in ten it is within the limits.",
        )
    if state.samples is not None:
        words = "Images that it makes by now, one row per class"
        (pictures or st).image(str(state.samples), words, alt=words)
    with st.expander("Details", key=f"details-{state.out}", on_change="rerun"):
        st.write(plain(progress.get("doing", "Starting")))
        if "step" in progress:
            st.write(
                f"Round {progress['epoch']:,} of {progress['epochs']:,}, step "
                f"{progress['step']:,} of {progress['steps']:,}"
            )
            _terms(state.out, progress)


def _how_far(progress, age):
    """Return the share of a run that is done, and the time that is left in words."""
    if "share" not in progress:
        return 0.0, "Starting"
    rest = progress["seconds_left"] - age
    spent = progress["seconds"] + age
    if rest < 1:
        return 0.99, "Nearly done: the model is measured and written"
    return spent / (spent + rest), left(rest)


def _terms(out, progress):
    """Show what training makes small or large, and how it changed."""
    history = st.session_state.setdefault(f"history-{out}", {})
    history[progress["step"]] = progress["terms"]
    table = pd.DataFrame(
        [
            {
                "Name": name.replace("_", " "),
                "Now": f"{value:,.4g}",
                "So far": [terms.get(name) for terms in history.values()],
            }
            for name, value in progress["terms"].items()
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={"So far": st.column_config.LineChartColumn()},
    )


def _ended(state: State, name_of: Name) -> None:
    """Show how a run ended, and what can be done next."""
    with st.container(border=True):
        if state.status == DONE:
            _done(state, name_of)
        elif state.status == STOPPED:
            words = f"**{plain(state.out.name)}** was stopped. "
            words += (
                "What it learned so far is kept."
                if state.resumable
                else "It had not learned anything yet that could be kept."
            )
            st.info(words, icon=":material/info:")
        elif state.status == FAILED:
            message = plain(fields.in_page_words(state.message))
            st.error(
                f"**{plain(state.out.name)}** could not be trained. {message}",
                icon=":material/error:",
            )
        _next(state)


def _done(state, name_of):
    """Show how good a finished model is, and where to look at it."""
    metrics = resources.metrics(state.out)
    found = goodness(metrics, num_classes_of(state.out))
    words = f"**{plain(state.out.name)}** is trained. {found.sentence()}"
    if found.is_chance:
        st.warning(words, icon=":material/warning:")
    else:
        st.success(words, icon=":material/check:")
    if before := _before(state.out):
        earlier = goodness(resources.metrics(before), num_classes_of(before))
        if told := found.compared(earlier):
            st.write(f"{told} ({plain(before.name)}: {earlier.figure()})")
    _unusual(state.out, metrics)
    model = name_of(state.out)
    links = (
        ("generate", "See what it draws", ":material/grid_view:"),
        ("classify", "Let it read an image", ":material/draw:"),
        ("take_away", "Take it away", ":material/download:"),
    )
    with st.container(horizontal=True):
        for page, label, icon in links:
            address.link(page, label, icon, model=model)


def _unusual(out, metrics):
    """Say what a finished model asks about unusual images; a project has answers."""
    told = sentences(metrics)
    if not told or out.parent.name != MODELS_FOLDER:
        return
    st.write(" ".join(told))
    address.link("how_good", "Look at unusual images", ":material/help:")


def _before(out):
    """Return the run folder of the model that was trained before one, or None."""
    folders = [
        path.parent
        for path in out.parent.glob("[!.]*/metrics.json")
        if path.stat().st_mtime < (out / "metrics.json").stat().st_mtime
    ]
    return max(
        folders, key=lambda path: (path / "metrics.json").stat().st_mtime, default=None
    )


def _next(state):
    """Offer what can be done with a run that ended."""
    job = resources.background()
    with st.container(horizontal=True):
        if state.status != DONE:
            if state.resumable:
                _button("Go on", ":material/resume:", job.resume, state)
            _button("Begin again", ":material/restart_alt:", job.again, state)
        _button("Close", ":material/close:", job.forget, state)


def _button(label, icon, do, state):
    """Show a button that does something with a run."""
    if st.button(label, key=f"{label}-{state.out}", icon=icon):
        try:
            do(state.out)
        except InputError as error:
            st.error(plain(fields.in_page_words(str(error))), icon=":material/error:")
            return
        st.rerun()
