"""A map of images: those that look alike lie close together."""

import streamlit as st

import address
import model_map
import project_map
import project_resources
import widgets

PROJECT, MODEL = "The project's images", "The model's images"

st.title("Map")
views = [MODEL]
if address.project():
    views.insert(0, PROJECT)
view = views[0]
if len(views) > 1:
    view = st.segmented_control(
        "Show", views, default=PROJECT, required=True, key="map-of", bind="query-params"
    )
if view == PROJECT:
    project_map.show(project_resources.chosen())
else:
    folder, model = widgets.choose_model()
    with widgets.messages():
        model_map.show(folder, model)
