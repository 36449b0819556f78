"""How often the model is right, where it is wrong, and how others compare."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

import comparisons
import resources
import widgets
from ssvae.data import UNLABELED
from ssvae.evaluation import measures
from ssvae.runs.expected import expected

# Most images shown of a cell of the confusion matrix, and most mistakes shown.
SHOWN = 24
MISTAKES = 18
# Classes, at most, whose numbers fit into the squares of the table.
NUMBERED = 40


def headline(metrics, answers):
    """Show the main figures."""
    confidence, right = answers["confidence"], answers["right"]
    unlabeled = comparisons.supervised(metrics)
    columns = st.columns(3)
    columns[0].metric(
        f"Right, by {metrics['num_labels']:,} labels",
        f"{right.mean():.2%}",
        border=True,
        help="Share of the test images whose class the model gets right. It has not "
        "seen them in training.",
    )
    coverage, accuracy = measures.coverage_of(confidence, right)
    columns[1].metric(
        "Right on the surest 99 %",
        f"{accuracy[np.searchsorted(coverage, 0.99)]:.2%}",
        border=True,
        help="If it does not answer for one image in a hundred, the least sure.",
    )
    if unlabeled is not None:
        columns[2].metric(
            "Right by labels alone",
            f"{unlabeled:.2%}",
            f"{100 * (right.mean() - unlabeled):+.2f} points with others",
            border=True,
            help="The same model, had it learned from the labeled images and no "
            "others: mean of the runs of the benchmark.",
        )


def confusion(shown, known):
    """Show which class is taken for which, and the images of a cell."""
    st.subheader("Which class is taken for which")
    names = np.array(shown.class_names)
    labels, predicted = shown.labels[known], shown.predicted[known]
    counts = measures.confusion(predicted, labels, len(names))
    true, guess = np.indices(counts.shape).reshape(2, -1)
    table = pd.DataFrame(
        {
            "class": names[true],
            "taken for": names[guess],
            "images": counts.ravel(),
            "share": counts.ravel() / np.maximum(counts.sum(axis=1)[true], 1),
        }
    )
    left, right = st.columns([3, 2])
    event = left.altair_chart(
        _squares(table, names),
        on_select="rerun",
        selection_mode="cell",
        key="confusion",
        alt=f"Table of {len(labels):,} {widgets.part_in_words(shown)}: class, and "
        "what it is taken for",
    )
    with right:
        pair = _pair(counts, names.tolist(), event)
        if pair is None:
            st.caption("Choose a mistake, or click a square, to see its images.")
        else:
            _images_of(shown, *pair)


def _pair(counts, names, event):
    """Let a mistake be chosen; return its class and what it is taken for, or None."""
    pairs = [(one, other) for one, other in np.argwhere(counts) if one != other]
    pairs.sort(key=lambda pair: -counts[pair])
    words = {
        f"{names[one]} taken for {names[other]}: {counts[one, other]:,}": (one, other)
        for one, other in pairs
    }
    text = st.selectbox(
        "Mistakes, the most frequent first", list(words), index=None, key="mistake"
    )
    clicked = event.selection.get("cell") if event else None
    if text is None and clicked:
        cell = clicked[0]
        return names.index(cell["class"]), names.index(cell["taken for"])
    return words.get(text)


def _squares(table, names):
    """Return the chart: one row per class, one column per answer."""
    cell = alt.selection_point("cell", fields=["class", "taken for"])
    angle = -90 if max(map(len, names)) > 2 else 0
    base = alt.Chart(table).encode(
        x=alt.X("taken for", sort=None, axis=alt.Axis(orient="top", labelAngle=angle)),
        y=alt.Y("class", sort=None),
        tooltip=["class", "taken for", "images"],
    )
    scale = alt.Scale(type="sqrt", range=[0.04, 1])
    squares = base.mark_rect(color="#1f6fb5").encode(
        opacity=alt.Opacity("share", legend=None, scale=scale)
    )
    ink = "white" if widgets.is_dark() else "black"
    visible = "datum.images > 0" if len(names) <= NUMBERED else "false"
    numbers = base.mark_text().encode(
        text="images",
        opacity=alt.condition(visible, alt.value(1), alt.value(0)),
        color=alt.condition("datum.share > 0.3", alt.value("white"), alt.value(ink)),
    )
    return (squares.add_params(cell) + numbers).properties(height=460)


def _images_of(shown, one, other):
    """Show images of one class that are taken for another."""
    kept = shown.kept
    cell = (shown.labels[kept] == one) & (shown.predicted[kept] == other)
    rows = np.flatnonzero(cell)[:SHOWN]
    count = np.sum((shown.labels == one) & (shown.predicted == other))
    names = shown.class_names
    words = f"Class **{names[one]}**, taken for **{names[other]}**: {count:,} images"
    st.write(words + (f", of which these {len(rows)}" if len(rows) < count else ""))
    sure = [f"{value:.0%} sure" for value in shown.confidence[kept[rows]]]
    widgets.gallery(shown.images[rows], sure)


def mistakes(shown):
    """Show the mistakes that the model is surest of."""
    st.subheader("The mistakes that it is surest of")
    kept, names = shown.kept, shown.class_names
    labels, predicted = shown.labels[kept], shown.predicted[kept]
    wrong = np.flatnonzero((labels != predicted) & (labels != UNLABELED))
    if not len(wrong):
        st.info("It is right on all these images.", icon=":material/info:")
        return
    wrong = wrong[np.argsort(-shown.confidence[kept[wrong]])][:MISTAKES]
    words = [
        f"{names[labels[row]]}, taken for {names[predicted[row]]}, "
        f"{shown.confidence[kept[row]]:.0%} sure"
        for row in wrong
    ]
    widgets.gallery(shown.images[wrong], words, side=120)


def unmeasured(folder, shown):
    """Say how good the model is expected to be, and show what it is least sure of."""
    told = expected(resources.metrics(folder)).partition(": ")[2]
    st.info(
        f"Expected to be right: **{told or 'nobody knows'}** No images with a known "
        "class were kept aside to check the model's answers, so this is an estimate. "
        "To measure it, keep some labeled images as test images when you train.",
        icon=":material/info:",
    )
    kept, names = shown.kept, shown.class_names
    for title, order in (
        ("What it is least sure of", 1),
        ("What it is surest of", -1),
    ):
        st.subheader(title)
        rows = np.argsort(order * shown.confidence[kept], kind="stable")[:MISTAKES]
        words = [
            f"{names[shown.predicted[row]]}, {shown.confidence[row]:.0%} sure"
            for row in kept[rows]
        ]
        widgets.gallery(shown.images[rows], words)
    st.caption(f"These are {widgets.part_in_words(shown)}.")


def this_model(folder):
    """Show how good the chosen model is."""
    shown = resources.shown(folder)
    known = shown.labels != UNLABELED
    if resources.metrics(folder)["test_accuracy"] is None or not known.any():
        unmeasured(folder, shown)
        return
    right = shown.predicted[known] == shown.labels[known]
    answers = {"confidence": shown.confidence[known], "right": right}
    headline(resources.metrics(folder), answers)
    confusion(shown, known)
    mistakes(shown)
    comparisons.show_reliability(answers)


st.title("Accuracy")
folder, _ = widgets.choose_model(classes=True)
VIEWS = {
    "This model": this_model,
    "All models": lambda _: comparisons.show_models(),
    "Benchmark": lambda _: comparisons.show_benchmarks(),
}
view = st.segmented_control(
    "Show",
    list(VIEWS),
    default="This model",
    required=True,
    key="view",
    bind="query-params",
)
with widgets.messages():
    VIEWS[view](folder)
