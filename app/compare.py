"""Two models side by side: figures, images that they answer differently, classes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

import resources
from ssvae.projects.answers import Answers, answers_of, kept_answers
from ssvae.projects.comparing import Change, by_class, changes
from ssvae.projects.desk import Desk
from ssvae.projects.project import Project
from ssvae.runs.goodness import goodness, num_classes_of
from words import counted, plain

# Images that are shown of those that two models answer differently, and their side,
# pixels.
SHOWN, SIDE = 24, 112


def two(project: Project, desk: Desk) -> None:
    """Let two models be chosen, and compare them.

    Args:
        project: The project, whose models come first in the lists.
        desk: Its images, which are open.
    """
    folders = resources.models()
    mine = [name for name in folders if name.startswith(f"{project.name}/")]
    if not mine:
        return
    names = [*mine, *(name for name in folders if name not in mine)]
    st.subheader("Compare two models")
    left, right = st.columns(2)
    kept = {"bind": "query-params"}
    one = left.selectbox("One", names, min(1, len(mine) - 1), key="one", **kept)
    other = right.selectbox("Other", names, 0, key="other", **kept)
    if one == other:
        st.caption("Choose two models to see how they differ.")
        return
    st.dataframe(_figures({name: folders[name] for name in (one, other)}))
    chosen = [folders[one], folders[other]]
    found = [kept_answers(project, desk.images, folder) for folder in chosen]
    if all(answers is not None for answers in found):
        _differences(project, desk, (one, other), found)
        return
    asked = st.button("Compare what they say of all images", icon=":material/compare:")
    if asked and _ask(project, desk, chosen):
        st.rerun()


def _figures(folders: dict[str, Path]) -> pd.DataFrame:
    """Return the figures of models, a row for each."""
    rows = {}
    for name, folder in folders.items():
        metrics = resources.metrics(folder)
        good = goodness(metrics, num_classes_of(folder))
        rows[name] = {
            "Right on new images": good.figure(),
            "Between": good.span() or "measured" * good.measured,
            "Labels": metrics["num_labels"],
            "Images without": metrics["num_unlabeled"],
            "Training, minutes": round(metrics["train_seconds"] / 60, 1),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _ask(project: Project, desk: Desk, folders: list[Path]) -> bool:
    """Let models answer all images of the project; return whether they did."""
    for folder in folders:
        bar = st.progress(0.0, f"{folder.name} answers")
        try:
            answers_of(
                project,
                desk.images,
                folder,
                resources.load(folder),
                lambda done, total, bar=bar, name=folder.name: bar.progress(
                    done / total, f"{name} answers: {done:,} of {total:,} images"
                ),
            )
        except ValueError as error:
            st.error(
                plain(f"{folder.name} cannot answer these images: {error}."),
                icon=":material/error:",
            )
            return False
    return True


def _in_words(change: Change) -> str:
    """Return what two models say of an image, and its label."""
    label = f" Label: {change.label}." if change.label else ""
    return f"One: {change.one}. Other: {change.other}.{label}"


def _differences(project, desk, names, found: list[Answers]) -> None:
    """Show the images that two models answer differently, and classes."""
    state, images = project.state(), desk.images
    differ = changes(*found, state, images.names)
    st.write(
        f"They say the same of {len(images) - len(differ):,} images, and differ on "
        f"{counted(len(differ), 'image')}."
    )
    shown = differ[:SHOWN]
    pictures = images.thumbnails([change.row for change in shown])
    words = [plain(_in_words(change)) for change in shown]
    st.image(pictures, words, width=SIDE, alt=words)
    table = [
        {
            "Class": one.name,
            "Labeled images": one.labeled,
            f"Right: {names[0]}": one.one,
            f"Right: {names[1]}": one.other,
        }
        for one in by_class(*found, state, images.names)
    ]
    st.write("Labeled images of each class that each gets right:")
    st.dataframe(pd.DataFrame(table), hide_index=True)
    st.caption("Models learned from most of these labels, so new images are harder.")
