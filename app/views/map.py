"""A map of the test images: those that the model finds alike lie close together."""

import altair as alt
import pandas as pd
import streamlit as st

import address
import resources
import widgets

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
    size = model.image_shape[:2]
    _, labels = resources.test_part(model.config, size)
    names = resources.dataset(model.config, size).class_names
    points = resources.places(folder)
labels = labels[: len(points)]
table = pd.DataFrame(
    {
        "x": points[:, 0],
        "y": points[:, 1],
        "true class": [names[index] if index >= 0 else "unlabeled" for index in labels],
        "number": range(len(points)),
        "image": resources.thumbnails(model.config, size),
    }
)
about = f"{len(table):,} images."
color = "true class"
if not plain:
    predicted = resources.predictions(folder)[: len(points)].argmax(axis=1)
    color = "predicted class"
    table[color] = [model.class_names[index] for index in predicted]
    wrong = (table[color] != table["true class"]) & (labels >= 0)
    shown = st.pills(
        "Images",
        ["All", "Mistakes only"],
        default="All",
        required=True,
        label_visibility="collapsed",
    )
    if shown != "All":
        table = table[wrong]
    about = (
        f"{len(table):,} images. The model is wrong on {int(wrong.sum())} of "
        f"{len(points):,}."
    )
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
    .interactive()
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
