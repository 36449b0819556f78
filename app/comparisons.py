"""What a model is compared with: its own words, other models, and the benchmarks."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

import resources
import widgets
from ssvae.evaluation import measures
from ssvae.evaluation.results import read_results

# Images that a group of answers needs to be shown: fewer say little.
LEAST_IN_GROUP = 10


def show_benchmarks() -> None:
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
            "There are no results of the benchmark in this folder.",
            icon=":material/info:",
        )
        return
    left, right = st.columns(2)
    scale = alt.Scale(zero=False)
    with left:
        st.subheader("Accuracy over training time")
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
        st.subheader("Accuracy over the number of labels")
        chart = alt.Chart(pd.DataFrame(runs)).mark_point(filled=True, size=60)
        st.altair_chart(
            chart.encode(
                x=alt.X("labels", scale=alt.Scale(type="log")),
                y=alt.Y("right, %", scale=scale),
                tooltip=["labels", "right, %", "seed"],
            ),
            alt="Test accuracy of the default recipe over the number of labels",
        )
    st.caption(
        "Digits of MNIST, measured when this version was made. Each line and each "
        "point is one training. The names are those of its settings."
    )


def show_models() -> None:
    """Show the figures of all models side by side."""
    rows = []
    for name, folder in resources.models().items():
        try:
            metrics = resources.metrics(folder)
        except (OSError, ValueError):
            # It was deleted meanwhile, or is not complete.
            continue
        rows.append(
            {
                "model": name,
                "images": widgets.data_name(metrics),
                "labels": metrics["num_labels"],
                "right, %": _percent(metrics["test_accuracy"]),
                "expected right, %": _percent(metrics.get("estimated_accuracy")),
                "minutes of training": metrics["train_seconds"] / 60,
            }
        )
    st.dataframe(
        pd.DataFrame(rows).dropna(axis="columns", how="all"),
        hide_index=True,
        column_config={
            "right, %": st.column_config.NumberColumn(
                format="%.2f", help="Of its test images. Empty if it has none."
            ),
            "expected right, %": st.column_config.NumberColumn(
                format="%.0f",
                help="Estimated from labels that were left out for a while. Empty if "
                "nobody asked for it.",
            ),
            "minutes of training": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    st.caption(
        "Compare figures of models that learned from the same images: some images are "
        "harder than others. The page Train shows which answers of two models differ."
    )


def _percent(share):
    return None if share is None else 100 * share


def show_reliability(answers: dict[str, np.ndarray]) -> None:
    """Show how often answers are right, over the probability that they are given.

    Args:
        answers: `confidence`, float array `(n,)`, and `right`, bool array `(n,)`.
    """
    st.subheader("Is it as often right as it says?")
    bins = measures.calibration_of(answers["confidence"], answers["right"])
    full = bins.count >= LEAST_IN_GROUP
    x, y = "it says, %", "it is right, %"
    table = pd.DataFrame(
        {
            x: 100 * bins.confidence[full],
            y: 100 * bins.accuracy[full],
            "images": bins.count[full],
        }
    )
    ideal = pd.DataFrame({x: [0, 100], y: [0, 100]})
    line = alt.Chart(ideal).mark_line(strokeDash=[4, 4], color="gray")
    dots = alt.Chart(table).mark_line(point={"size": 70})
    chart = line.encode(x=x, y=y) + dots.encode(x=x, y=y, tooltip=["images", x, y])
    st.altair_chart(chart, alt="How often it is right, over how sure it says it is")
    st.caption(
        "Each dot stands for a group of ten images or more. On the dashed line it is "
        "right as often as it says: of the answers that it is 80 % sure of, 80 % are "
        f"right. The mean distance from the line is {bins.error:.2%} (calibration "
        "error)."
    )


def supervised(metrics: dict) -> float | None:
    """Return the mean accuracy of the supervised recipe, None if it was not measured.

    Args:
        metrics: The metrics of a run with the same data set and number of labels.
    """
    found = [
        1 - result["test_error"]
        for result in results("recipes")
        if result["recipe"] == "supervised"
        and result["dataset"] == metrics["dataset"]
        and result["num_labels"] == metrics["num_labels"]
    ]
    return float(np.mean(found)) if found else None


@st.cache_data(max_entries=4, show_spinner=False)
def results(name: str) -> list[dict]:
    """Return the results of a benchmark in this checkout; an empty list without any."""
    return read_results(resources.ROOT / "benchmarks" / f"{name}.json")
