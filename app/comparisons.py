"""What a model is compared with: the benchmarks of this checkout, and other runs."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

import resources
from ssvae.evaluation.results import read_results


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
            "There are no benchmark results: `python -m ssvae.benchmark` makes them.",
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
    st.caption("Benchmarks on MNIST. Each line and each point is one run.")


def show_runs(name: str) -> None:
    """Show runs side by side, at first only the run `name`."""
    folders = resources.models()
    chosen = st.multiselect("Runs", list(folders), default=[name])
    rows = []
    for run in chosen:
        try:
            metrics = resources.metrics(folders[run])
        except OSError:
            st.error(f"The run {run} no longer exists.", icon=":material/error:")
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
            "test ELBO, nats": st.column_config.NumberColumn(
                format="%.1f",
                help="How likely the model finds the test images: a lower bound, mean "
                "per image. Higher is better.",
            ),
            "training, s": st.column_config.NumberColumn(format="%.0f"),
        },
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
