"""The test images in the plane: what the model finds alike lies close together."""

import altair as alt
import pandas as pd
import streamlit as st

import resources
import widgets

folder, model = widgets.choose_model()
st.title("Map")
st.caption(
    "Each point is a test image; what the model finds alike lies close together "
    "(t-SNE of its latent codes). Point at one to see the image, click it to open it "
    "on the page Classify. Drag to move, scroll to come closer."
)
with widgets.messages():
    images, labels = resources.test_part(model.config)
    points = resources.places(folder)
    predicted = resources.predictions(folder)[: len(points)].argmax(axis=1)
shown = st.pills(
    "Images",
    ["All", "Mistakes alone"],
    default="All",
    required=True,
    label_visibility="collapsed",
)
table = pd.DataFrame(
    {
        "x": points[:, 0],
        "y": points[:, 1],
        "predicted class": [model.class_names[index] for index in predicted],
        "true class": [model.class_names[index] for index in labels[: len(points)]],
        "number": range(len(points)),
        "image": resources.thumbnails(model.config),
    }
)
wrong = table["predicted class"] != table["true class"]
if shown != "All":
    table = table[wrong]
picked = alt.selection_point("picked", fields=["number"], on="click", empty=False)
chart = (
    alt.Chart(table)
    .mark_circle(size=25, opacity=0.7)
    .encode(
        x=alt.X("x", axis=None),
        y=alt.Y("y", axis=None),
        color=alt.Color(
            "predicted class",
            sort=list(model.class_names),
            scale=alt.Scale(
                scheme="category10" if model.num_classes < 11 else "tableau20"
            ),
        ),
        tooltip=["image", "number", "predicted class", "true class"],
    )
    .add_params(picked)
    .interactive()
    .properties(height=640)
)
event = st.altair_chart(
    chart,
    on_select="rerun",
    selection_mode="picked",
    key="map",
    alt=f"{len(table):,} test images in the plane, colored by predicted class",
)
st.caption(
    f"{len(table):,} images; {int(wrong.sum())} of {len(points):,} are mistaken."
)
chosen = event.selection.get("picked") if event else None
if chosen:
    st.session_state["opened"] = int(chosen[0]["number"])
    st.switch_page("views/classify.py")
