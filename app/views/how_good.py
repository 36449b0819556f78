"""How good the guesses of a project are, what more labels bring, what is confused."""

import altair as alt
import pandas as pd
import streamlit as st

import address
import project_resources
import resources
import unusual_images
from ssvae.projects.course import course
from ssvae.projects.desk import Desk
from ssvae.projects.desk_data import PATIENCE
from ssvae.projects.disputes import confusions, num_suspected, table_of
from ssvae.projects.guessed import Guessed
from ssvae.projects.project import Project
from ssvae.projects.state import State
from ssvae.training.estimate import Estimate
from words import counted, plain

# Labels more whose gain is told at the top, and those that the chart tells of.
MORE, CHART = 20, (0, 10, 20, 50, 100, 200)
# Pairs of confused classes that are listed, and classes that a table has room for.
PAIRS, TABLE = 8, 20
# Seconds until the page looks again: while something is made, and otherwise.
SOON, LATER = 2.0, 15.0
# How figures look: in frames of one height.
CARD = {"border": True, "height": "stretch"}
# Height of the chart, pixels.
HEIGHT = 260


def figures(estimate: Estimate) -> None:
    """Show the estimate in three figures."""
    left, middle, right = st.columns(3)
    left.metric("Right on new images", f"{estimate.accuracy:.0%}", **CARD)
    middle.metric(
        "Nine times in ten it is between",
        f"{estimate.low:.0%} and {estimate.high:.0%}",
        **CARD,
    )
    gain = estimate.with_more(MORE) - estimate.accuracy
    right.metric(
        f"With {MORE} more labels",
        f"{estimate.with_more(MORE):.0%}",
        f"{100 * gain:+.1f} points",
        **CARD,
    )
    with st.expander("How this is known"):
        st.write(
            f"Of your {counted(estimate.num_labels, 'label')} a part is left out in "
            "turn. The guess for the images of this part is compared with the label "
            "that you gave. Where few labels are left out, it also counts how often "
            "the guesses of two turns contradict each other on images without a label."
        )


def chart(project: Project, estimate: Estimate) -> None:
    """Show how the estimate went, and where it may go."""
    past = pd.DataFrame(course(project))
    columns = {"num_labels": "labels", "accuracy": "right"}
    past = past.rename(columns=columns)
    ahead = pd.DataFrame(
        {
            "labels": [estimate.num_labels + more for more in CHART],
            "right": [estimate.with_more(more) for more in CHART],
        }
    )
    share = alt.Scale(domain=[0, 1], clamp=True)
    axis = {"title": "Right on new images", "axis": alt.Axis(format="%")}
    y = alt.Y("right:Q", scale=share, **axis)
    low = alt.Y("low:Q", scale=share, **axis)
    x = alt.X("labels:Q").title("Labels").scale(nice=False)
    band = alt.Chart(past).mark_area(opacity=0.25).encode(x, low, y2="high:Q")
    tips = [alt.Tooltip("labels:Q"), alt.Tooltip("right:Q", format=".1%")]
    line = alt.Chart(past).mark_line(point=True).encode(x, y, tooltip=tips)
    dashed = alt.Chart(ahead).mark_line(strokeDash=[5, 4]).encode(x, y, tooltip=tips)
    st.header("With more labels")
    st.altair_chart((band + line + dashed).properties(height=HEIGHT), width="stretch")
    st.caption(
        "The line shows how many guesses were right after so many labels, the band "
        "how sure this is. The dashed line shows what more labels may bring."
    )


def confused(project: Project, state: State, guessed: Guessed) -> None:
    """Show which classes are taken for which."""
    st.header("What is confused")
    found = confusions(guessed)
    if not found:
        st.write("No label differs from its guess.")
        return
    names = {one.id: one.name for one in state.classes}
    for one in found[:PAIRS]:
        if one.label in names and one.guess in names:
            st.markdown(
                f"- **{plain(names[one.label])}** is taken for "
                f"**{plain(names[one.guess])}**: {one.count} of {one.of} labels"
            )
    if suspected := num_suspected(guessed):
        st.markdown(
            f"{counted(suspected, 'label')} may be wrong, by what the others say."
        )
    address.link(
        "label",
        "Look at these labels again",
        ":material/sell:",
        show="Many at once",
        group="Label and guess differ",
    )
    if len(guessed.classes) <= TABLE:
        with st.expander("All classes"):
            table = pd.DataFrame(
                table_of(guessed),
                [names.get(one, one) for one in guessed.classes],
                [names.get(one, one) for one in guessed.classes],
            )
            st.dataframe(table, width="stretch")
            st.caption(
                "A row per class that you gave, a column per class that is guessed "
                "while the label is left out."
            )


def measured(project: Project) -> None:
    """Show what was measured of the project's models, if images were held back."""
    rows = []
    for name, folder in project.models().items():
        metrics = resources.metrics(folder)
        if metrics.get("test_accuracy") is not None:
            rows.append(
                {
                    "Model": name,
                    "Labels": metrics["num_labels"],
                    "Estimated": metrics.get("estimated_accuracy"),
                    "Measured": metrics["test_accuracy"],
                }
            )
    if not rows:
        return
    st.header("Measured")
    form = {
        name: st.column_config.NumberColumn(format="percent")
        for name in ("Estimated", "Measured")
    }
    st.dataframe(rows, column_config=form, hide_index=True)
    st.caption("Measured on images that were held back and that no model learned from.")


def page(project: Project, desk: Desk) -> None:
    """Show what is known by now."""
    state = project.state()
    guessed = desk.ask_for_guesses(state) if desk.wait(0) else None
    estimate = guessed.guesses.estimate if guessed and guessed.is_known else None
    if desk.error:
        st.error(plain(f"{desk.error}."), icon=":material/error:")
    elif desk.doing:
        st.progress(desk.done or 0.0, f"{desk.doing} …")
    elif guessed is None or guessed.num_actions != state.num_actions:
        st.caption("The newest labels are being looked at …")
    elif estimate is None:
        st.info(
            f"There are {counted(len(state.labels), 'label')}. Label at least two "
            "images of each of two classes: then it is known how good the guesses are.",
            icon=":material/info:",
        )
        address.link("label", "Label images", ":material/sell:")
    if estimate is None:
        return
    figures(estimate)
    chart(project, estimate)
    confused(project, state, guessed)


project = project_resources.chosen()
st.title("How good")
st.caption(
    f"How many images of {plain(project.name)} are guessed right, from the labels so "
    "far. No image is trained on for this."
)
with project_resources.told():
    desk = project_resources.desk(project)
    desk.wait(PATIENCE)
    desk.ask_for_guesses(project.state())
    # Others may label meanwhile; while guesses are made it looks again soon.
    st.fragment(page, run_every=SOON if desk.is_busy else LATER)(project, desk)
    if desk.wait(0):
        unusual_images.show(project, desk)
    measured(project)
