"""The demo: see what a model learned, draw images for it, and label more.

Start it with `streamlit run app/streamlit_app.py`.
"""

import streamlit as st

st.set_page_config("ssvae", ":material/draw:", layout="wide")
st.navigation(
    [
        st.Page(
            "views/generate.py",
            title="Generate",
            icon=":material/grid_view:",
            default=True,
        ),
        st.Page("views/classify.py", title="Classify", icon=":material/draw:"),
        st.Page("views/accuracy.py", title="Accuracy", icon=":material/fact_check:"),
        st.Page("views/map.py", title="Map", icon=":material/scatter_plot:"),
        st.Page("views/label.py", title="Label", icon=":material/sell:"),
        st.Page("views/train.py", title="Train", icon=":material/model_training:"),
    ]
).run()
