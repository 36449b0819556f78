"""Take a model away: in a form that other programs open, with its card and answers."""

import streamlit as st

import widgets

folder, model = widgets.choose_model()
st.title("Take it away")
