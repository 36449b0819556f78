"""The test images in the plane: what the model finds alike lies close together."""

import altair as alt
import pandas as pd
import streamlit as st

import resources
import widgets

folder, model = widgets.choose_model()
st.title("Map")
plain = model.num_classes == 1
st.caption(
    "Each point is a test image; what the model finds alike lies close together "
    "(t-SNE of its latent codes). Point at one to see the image"
    + (". " if plain else ", click it to open it on the page Classify. ")
    + "Drag to move, scroll to come closer."
)
with widgets.messages():
    images, labels = resources.test_part(model.config)
    names = resources.dataset(model.config).class_names
    points = resources.places(folder)
labels = labels[: len(points)]
table = pd.DataFrame(
    {
        "x": points[:, 0],
        "y": points[:, 1],
        "true class": [names[index] for index in labels],
        "number": range(len(points)),
        "image": resources.thumbnails(model.config),
    }
)
about = f"{len(table):,} images."
color = "true class"
if not plain:
    predicted = resources.predictions(folder)[: len(points)].argmax(axis=1)
    color = "predicted class"
    table[color] = [model.class_names[index] for index in predicted]
    wrong = table[color] != table["true class"]
    shown = st.pills(
        "Images",
        ["All", "Mistakes alone"],
        default="All",
        required=True,
        label_visibility="collapsed",
    )
    if shown != "All":
        table = table[wrong]
    about = (
        f"{len(table):,} images; {int(wrong.sum())} of {len(points):,} are mistaken."
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
    alt=f"{len(table):,} test images in the plane, colored by {color}",
)
st.caption(about)
chosen = event.selection.get("picked") if event else None
if chosen and not plain:
    st.session_state["opened"] = int(chosen[0]["number"])
    st.switch_page("views/classify.py")
