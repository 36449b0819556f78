"""What this is, and where to begin."""

import streamlit as st

st.title("Start")
st.write(
    "Teach a model to tell your images apart: label a few of them, see how good it "
    "becomes, and take it with you. Everything stays on this machine."
)
