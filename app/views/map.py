"""A map of the test images: those that the model finds alike lie close together."""

import altair as alt
import pandas as pd
import streamlit as st

import address
import resources
import widgets
from ssvae.data.images import as_floats
from ssvae.files.pictures import as_url

folder, model = widgets.choose_model()
st.title("Map")
plain = model.num_classes == 1
st.caption(
    "Each point is a test image. Images that the model finds alike lie close together "
    "(t-SNE of the latent codes). Point at one to see it"
    + (". " if plain else ", click to open it on the page Classify. ")
    + "Drag to move the map, scroll to zoom."
)
with widgets.messages():
    shown = resources.with_places(folder)
names, kept = shown.class_names, shown.kept[: shown.num_drawn]
labels = shown.labels[kept]
table = pd.DataFrame(
    {
        "x": shown.places[:, 0],
        "y": shown.places[:, 1],
        "true class": [names[index] if index >= 0 else "unlabeled" for index in labels],
        "number": range(len(kept)),
        "image": [
            as_url(as_floats(image), resources.THUMBNAIL)
            for image in shown.images[: shown.num_drawn]
        ],
    }
)
color = "true class"
if not plain:
    color = "predicted class"
    table[color] = [names[index] for index in shown.predicted[kept]]
about = f"{len(table):,} images."
picked = alt.selection_point("picked", fields=["number"], on="click", empty=False)
chart = (
    alt.Chart(table)
    .mark_circle(size=25, opacity=0.7)
    .encode(
        x=alt.X("x", axis=None),
        y=alt.Y("y", axis=None),
        color=alt.Color(
            color,
            sort=list(names),
            scale=alt.Scale(scheme="category10" if len(names) < 11 else "tableau20"),
        ),
        tooltip=list(dict.fromkeys(["image", "number", color, "true class"])),
    )
    .add_params(picked)
    .properties(height=640)
)
event = st.altair_chart(
    chart,
    on_select="rerun",
    selection_mode="picked",
    key="map",
    alt=f"Map of {len(table):,} test images, colored by {color}",
)
st.caption(about)
chosen = event.selection.get("picked") if event else None
if chosen and not plain:
    st.session_state["opened"] = int(chosen[0]["number"])
    address.go("classify")
