"""The app: from images that nobody labelled to a model that one trusts.

Start it with `ssvae app`, or with `streamlit run app/streamlit_app.py`.
"""

from pathlib import Path

import streamlit as st

import address

# Picture on the browser's tab. An icon by name would be asked for on another host.
ICON = Path(__file__).with_name("icon.png")
STYLE = Path(__file__).with_name("style.css")

# Pages by heading: name of the file in `views/`, title, icon.
PAGES = {
    "": [("start", "Start", ":material/home:")],
    "Project": [
        ("label", "Label", ":material/sell:"),
        ("how_good", "How good", ":material/query_stats:"),
        ("train", "Train", ":material/model_training:"),
    ],
    "Model": [
        ("generate", "Generate", ":material/grid_view:"),
        ("classify", "Classify", ":material/draw:"),
        ("map", "Map", ":material/scatter_plot:"),
        ("accuracy", "Accuracy", ":material/fact_check:"),
        ("take_away", "Take it away", ":material/download:"),
    ],
}


def navigation():
    """Show the links to all pages; each link keeps the project and the model."""
    for heading, pages in PAGES.items():
        with st.sidebar.container(gap="xxsmall"):
            if heading:
                name = address.project() if heading == "Project" else None
                st.markdown(f"**{heading} {name}**" if name else f"**{heading}**")
            for name, title, icon in pages:
                address.link(name, title, icon)


st.set_page_config("ssvae", ICON, layout="wide")
st.html(STYLE)
page = st.navigation(
    [
        st.Page(f"views/{name}.py", title=title, default=name == "start")
        for pages in PAGES.values()
        for name, title, _ in pages
    ],
    position="hidden",
)
navigation()
page.run()
