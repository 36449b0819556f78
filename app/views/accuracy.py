"""How often the model is right, where it is wrong, and how others compare."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

import comparisons
import resources
import widgets
from ssvae.data import UNLABELED
from ssvae.data.images import as_floats
from ssvae.errors import InputError
from ssvae.evaluation import measures

# Most images shown of a cell of the confusion matrix, and most mistakes shown.
SHOWN = 24
MISTAKES = 12


def headline(metrics, probabilities, labels):
    """Show the main figures."""
    columns = st.columns(4)
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    bound = comparisons.supervised(metrics)
    columns[0].metric(
        f"Accuracy with {metrics['num_labels']:,} labels",
        f"{accuracy:.2%}",
        border=True,
        help="The percentage of the test images whose class the model gets right.",
    )
    columns[1].metric(
        "Accuracy without unlabeled images",
        "unknown" if bound is None else f"{bound:.2%}",
        None if bound is None else f"{100 * (accuracy - bound):+.2f} points with them",
        border=True,
        help="The same classifier, trained only on as many labeled images and their "
        "warped copies: mean over the benchmark's runs of configs/supervised.toml.",
    )
    error = measures.calibration(probabilities, labels).error
    columns[2].metric(
        "Calibration error",
        f"{error:.2%}",
        border=True,
        help="Difference between the probability that the model gives its answers and "
        "how often they are right: mean over 15 groups of answers, by probability.",
    )
    coverage, right = measures.accuracy_by_coverage(probabilities, labels)
    columns[3].metric(
        "Accuracy on the surest 99 %",
        f"{right[np.searchsorted(coverage, 0.99)]:.2%}",
        border=True,
        help="Accuracy if the model leaves one image in a hundred unanswered: those "
        "that it is least sure of.",
    )


def confusion(model, images, labels, predicted):
    """Show the confusion matrix, and the images of the cell that is clicked."""
    st.subheader("Which class is taken for which")
    counts = measures.confusion(predicted, labels, model.num_classes)
    true, guess = np.indices(counts.shape).reshape(2, -1)
    names = np.array(model.class_names)
    table = pd.DataFrame(
        {
            "true class": names[true],
            "predicted class": names[guess],
            "images": counts.ravel(),
            "share": counts.ravel() / np.maximum(counts.sum(axis=1)[true], 1),
        }
    )
    cell = alt.selection_point("cell", fields=["true class", "predicted class"])
    angle = -90 if max(map(len, names)) > 2 else 0
    base = alt.Chart(table).encode(
        x=alt.X(
            "predicted class", sort=None, axis=alt.Axis(orient="top", labelAngle=angle)
        ),
        y=alt.Y("true class", sort=None),
        tooltip=["true class", "predicted class", "images"],
    )
    squares = base.mark_rect(color="#1f6fb5").encode(
        opacity=alt.Opacity(
            "share", legend=None, scale=alt.Scale(type="sqrt", range=[0.04, 1])
        )
    )
    ink = "white" if widgets.is_dark() else "black"
    numbers = base.mark_text().encode(
        text="images",
        opacity=alt.condition("datum.images > 0", alt.value(1), alt.value(0)),
        color=alt.condition("datum.share > 0.3", alt.value("white"), alt.value(ink)),
    )
    left, right = st.columns([3, 2])
    event = left.altair_chart(
        (squares.add_params(cell) + numbers).properties(height=460),
        on_select="rerun",
        selection_mode="cell",
        key="confusion",
        alt=f"Confusion matrix of {len(labels):,} test images",
    )
    chosen = event.selection.get("cell") if event else None
    if not chosen:
        right.info("Click a cell to see the images in it.", icon=":material/touch_app:")
        return
    one, other = chosen[0]["true class"], chosen[0]["predicted class"]
    rows = np.flatnonzero((names[labels] == one) & (names[predicted] == other))
    with right:
        st.write(f"True class **{one}**, taken for **{other}**: {len(rows):,} images")
        gallery(images, rows[:SHOWN], [f"no. {row}" for row in rows[:SHOWN]], 4)


def mistakes(model, images, labels, probabilities):
    """Show the mistakes that the model is surest of."""
    st.subheader("The mistakes that the model is surest of")
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    if not len(wrong):
        st.info("Every test image is classified right.", icon=":material/info:")
        return
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:MISTAKES]
    names = model.class_names
    words = [
        f"{names[labels[row]]}, taken for {names[predicted[row]]} "
        f"({probabilities[row].max():.1%})"
        for row in wrong
    ]
    gallery(images, wrong, words, 6)


def gallery(images, rows, words, width):
    """Show images with words below, `width` of them per row."""
    for start in range(0, len(rows), width):
        columns = st.columns(width)
        part = zip(rows[start:], words[start:], columns, strict=False)
        for row, text, column in part:
            with column:
                widgets.show(as_floats(images[row])[None, None], text, zoom=3)


def reliability(probabilities, labels):
    """Show how often answers are right, over the probability they are given."""
    st.subheader("Can its probabilities be believed?")
    bins = measures.calibration(probabilities, labels)
    full = bins.count >= 10
    table = pd.DataFrame(
        {
            "probability given, %": 100 * bins.confidence[full],
            "right answers, %": 100 * bins.accuracy[full],
            "images": bins.count[full],
        }
    )
    ideal = pd.DataFrame(
        {"probability given, %": [0, 100], "right answers, %": [0, 100]}
    )
    encoding = {"x": "probability given, %", "y": "right answers, %"}
    line = (
        alt.Chart(ideal).mark_line(strokeDash=[4, 4], color="gray").encode(**encoding)
    )
    dots = (
        alt.Chart(table)
        .mark_line(point={"size": 70})
        .encode(**encoding, tooltip=["images", *encoding.values()])
    )
    st.altair_chart(line + dots, alt="Reliability diagram: near the diagonal is good")
    st.caption(
        "One dot per group of ten images or more. On the dashed line the probabilities "
        "are as they should be: of the answers given 80 %, 80 % are right."
    )


def labeled(folder, model):
    """Return the labeled test images, their classes, and what the model answers."""
    images, labels = resources.test_part(model.config, model.image_shape[:2])
    known = labels != UNLABELED
    if not known.any():
        raise InputError(
            "no image of the test part has a label, so no answer can be checked: label "
            "some, or train with --test-fraction"
        )
    probabilities = resources.predictions(folder)
    if known.all():
        return images, labels, probabilities
    return images[known], labels[known], probabilities[known]


folder, model = widgets.choose_model(classes=True)
st.title("Accuracy")
VIEWS = ["This model", "Benchmark", "Runs side by side"]
view = st.segmented_control("Show", VIEWS, default=VIEWS[0], required=True)
with widgets.messages():
    if view == VIEWS[0]:
        images, labels, probabilities = labeled(folder, model)
        headline(resources.metrics(folder), probabilities, labels)
        confusion(model, images, labels, probabilities.argmax(axis=1))
        mistakes(model, images, labels, probabilities)
        reliability(probabilities, labels)
    elif view == VIEWS[1]:
        comparisons.show_benchmarks()
    else:
        comparisons.show_runs(folder.name)
