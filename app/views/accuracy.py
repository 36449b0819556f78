"""How often the model is right, where it is wrong, and how that compares."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

import resources
import widgets
from ssvae.data.images import as_floats
from ssvae.evaluation import measures
from ssvae.evaluation.results import read_results

SHOWN = 24
MISTAKES = 12


def headline(metrics, probabilities, labels):
    """Show the figures that come first."""
    columns = st.columns(4)
    accuracy = float(np.mean(probabilities.argmax(axis=1) == labels))
    bound = supervised(metrics)
    columns[0].metric(
        f"Right, with {metrics['num_labels']:,} labels", f"{accuracy:.2%}", border=True
    )
    columns[1].metric(
        "From labels alone",
        "none" if bound is None else f"{bound:.2%}",
        None if bound is None else f"{100 * (accuracy - bound):+.2f} points here",
        border=True,
        help="The same classifier taught by the labeled images alone, warps and all: "
        "mean of the benchmark's runs of configs/supervised.toml on as many labels.",
    )
    error = measures.calibration(probabilities, labels).error
    columns[2].metric(
        "Calibration error",
        f"{error:.2%}",
        border=True,
        help="How far the probabilities it gives are from how often it is right, in 15 "
        "bins.",
    )
    coverage, right = measures.accuracy_by_coverage(probabilities, labels)
    columns[3].metric(
        "Right, surest 99 %",
        f"{right[np.searchsorted(coverage, 0.99)]:.2%}",
        border=True,
        help="Where it may leave one image in a hundred unanswered.",
    )


def supervised(metrics):
    """Return the mean accuracy of the supervised recipe on as many labels, or None."""
    found = [
        1 - result["test_error"]
        for result in results("recipes")
        if result["recipe"] == "supervised"
        and result["dataset"] == metrics["dataset"]
        and result["num_labels"] == metrics["num_labels"]
    ]
    return float(np.mean(found)) if found else None


@st.cache_data(max_entries=4, show_spinner=False)
def results(name):
    """Return the committed results of a benchmark; none where they are not there."""
    return read_results(resources.ROOT / "benchmarks" / f"{name}.json")


def confusion(model, images, labels, predicted):
    """Show the confusion matrix; a cell that is clicked opens its images."""
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
    st.subheader("The surest mistakes")
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    if not len(wrong):
        st.info("There are none.", icon=":material/info:")
        return
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:MISTAKES]
    names = model.class_names
    words = [
        f"{names[labels[row]]}, said {names[predicted[row]]} "
        f"({probabilities[row].max():.1%})"
        for row in wrong
    ]
    gallery(images, wrong, words, 6)


def gallery(images, rows, words, width):
    """Show single images with words below, so many side by side."""
    for start in range(0, len(rows), width):
        columns = st.columns(width)
        part = zip(rows[start:], words[start:], columns, strict=False)
        for row, text, column in part:
            with column:
                widgets.show(as_floats(images[row])[None, None], text, zoom=3)


def reliability(probabilities, labels):
    """Show how often the model is right over how sure it is."""
    st.subheader("Can its probabilities be believed?")
    bins = measures.calibration(probabilities, labels)
    full = bins.count >= 10
    table = pd.DataFrame(
        {
            "it says, %": 100 * bins.confidence[full],
            "it is right, %": 100 * bins.accuracy[full],
            "images": bins.count[full],
        }
    )
    ideal = pd.DataFrame({"it says, %": [0, 100], "it is right, %": [0, 100]})
    encoding = {"x": "it says, %", "y": "it is right, %"}
    line = (
        alt.Chart(ideal).mark_line(strokeDash=[4, 4], color="gray").encode(**encoding)
    )
    dots = (
        alt.Chart(table)
        .mark_line(point={"size": 70})
        .encode(**encoding, tooltip=["images", *encoding.values()])
    )
    st.altair_chart(line + dots, alt="Reliability diagram, near the diagonal is good")
    st.caption(
        "Groups of ten images or more; on the dashed line it is as it should be."
    )


def benchmark():
    """Show accuracy over training time and over the number of labels."""
    curves = [
        {
            "seconds": point["seconds"],
            "right, %": 100 * point["test_accuracy"],
            "run": f"{r['recipe']}, {r['num_labels']:,} labels, seed {r['seed']}",
            "recipe": f"{r['recipe']}, {r['num_labels']:,} labels",
        }
        for r in results("recipes")
        for point in r["curve"]
    ]
    runs = [
        {
            "labels": result["num_labels"],
            "right, %": 100 * (1 - result["test_error"]),
            "seed": result["seed"],
        }
        for result in results("mnist")
    ]
    if not curves and not runs:
        st.info(
            "No benchmark is here: `python -m ssvae.benchmark` makes one.",
            icon=":material/info:",
        )
        return
    left, right = st.columns(2)
    scale = alt.Scale(zero=False)
    with left:
        st.subheader("Over training time")
        chart = alt.Chart(pd.DataFrame(curves)).mark_line(point=True)
        st.altair_chart(
            chart.encode(
                x="seconds",
                y=alt.Y("right, %", scale=scale),
                color="recipe",
                detail="run",
                tooltip=["run", "seconds", "right, %"],
            ),
            alt="Test accuracy over seconds of training",
        )
    with right:
        st.subheader("Over the number of labels")
        chart = alt.Chart(pd.DataFrame(runs)).mark_point(filled=True, size=60)
        st.altair_chart(
            chart.encode(
                x=alt.X("labels", scale=alt.Scale(type="log")),
                y=alt.Y("right, %", scale=scale),
                tooltip=["labels", "right, %", "seed"],
            ),
            alt="Test accuracy of the default recipe over the number of labels",
        )
    st.caption("From the committed benchmarks on MNIST, a point or a line a run.")


def comparison(name):
    """Show several runs side by side."""
    folders = resources.models()
    chosen = st.multiselect("Runs", list(folders), default=[name])
    rows = []
    for run in chosen:
        try:
            metrics = resources.metrics(folders[run])
        except OSError:
            st.error(f"{run} is gone.", icon=":material/error:")
            continue
        rows.append(
            {
                "run": run,
                "data": metrics["dataset"],
                "recipe": metrics["recipe"],
                "labels": metrics["num_labels"],
                "right, %": None
                if metrics["test_accuracy"] is None
                else 100 * metrics["test_accuracy"],
                "test ELBO, nats": metrics["test_elbo"],
                "training, s": metrics["train_seconds"],
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "right, %": st.column_config.NumberColumn(format="%.2f"),
            "test ELBO, nats": st.column_config.NumberColumn(format="%.1f"),
            "training, s": st.column_config.NumberColumn(format="%.0f"),
        },
    )


folder, model = widgets.choose_model(classes=True)
st.title("Accuracy")
VIEWS = ["This model", "Benchmark", "Runs side by side"]
view = st.segmented_control("Show", VIEWS, default=VIEWS[0], required=True)
with widgets.messages():
    if view == VIEWS[0]:
        images, labels = resources.test_part(model.config)
        probabilities = resources.predictions(folder)
        headline(resources.metrics(folder), probabilities, labels)
        confusion(model, images, labels, probabilities.argmax(axis=1))
        mistakes(model, images, labels, probabilities)
        reliability(probabilities, labels)
    elif view == VIEWS[1]:
        benchmark()
    else:
        comparison(folder.name)
