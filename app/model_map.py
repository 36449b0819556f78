"""The map of a model: some images, colored by what the model takes them for."""

from pathlib import Path

import numpy as np
import streamlit as st

import address
import resources
import ssvae
import widgets
from components.scatter import scatter
from ssvae.data import UNLABELED
from ssvae.data.images import as_floats
from ssvae.files.pictures import as_url
from ssvae.projects.state import COLORS
from ssvae.runs.shown import Shown

# Key of the map's element, and images that are shown of those that were chosen.
KEY, MOST_SHOWN = "model-map", 24
# Color and name of images whose class is not known.
GREY, UNKNOWN = "#808890", "unknown class"
# Classes with a color of their own in the legend, at most; the others share one.
MOST_GROUPS = 60


def show(folder: Path, model: ssvae.SSVAE) -> None:
    """Show the map of a model.

    Args:
        folder: Its run folder.
        model: The `SSVAE`.
    """
    shown = resources.with_places(folder)
    plain = model.num_classes == 1
    st.caption(
        f"Each point is one of {shown.num_drawn:,} {widgets.part_in_words(shown)}. "
        "Those that the model finds alike lie close together. Point at one to see it, "
        "click it, or draw around some to see them larger. Two fingers, or the wheel "
        "with Ctrl, zoom."
    )
    _map(folder, shown, plain)


@st.fragment
def _map(folder, shown, plain):
    """Show the points, and below them those that were chosen."""
    kept = shown.kept[: shown.num_drawn]
    labels, predicted = shown.labels[kept], shown.predicted[kept]
    groups = np.where(labels == UNLABELED, len(shown.class_names), labels)
    if not plain:
        groups = predicted
    wrong = np.flatnonzero((labels != predicted) & (labels != UNLABELED))
    words = f"Point out the {len(wrong):,} mistakes"
    points_out = not plain and len(wrong) and st.toggle(words, key="map-mistakes")
    marked = wrong.tolist() if points_out else []
    groups = np.minimum(groups, MOST_GROUPS)
    value = st.session_state.get(KEY)
    asked = (value.ask if value else None) or ()
    scatter(
        KEY,
        shown.places,
        groups,
        legend(shown.class_names)[: max(len(shown.class_names), groups.max() + 1)],
        lambda: None,
        marked=marked,
        pictures={
            str(row): {
                "url": as_url(as_floats(shown.images[row]), resources.THUMBNAIL),
                "words": _words(shown, kept[row], plain),
            }
            for row in asked
            if row < shown.num_drawn
        },
        forget=0,
        label=f"Map of {len(kept):,} images. Arrows go from image to image, Enter "
        "chooses, plus and minus zoom.",
    )
    value = st.session_state.get(KEY)
    chosen = (value.choice if value else None) or {"rows": []}
    rows = [row for row in chosen["rows"] if row < len(kept)]
    if rows:
        _chosen(shown, rows, plain)


def legend(names: tuple[str, ...]) -> list[dict[str, str]]:
    """Return name and color of each class, and of images without a class.

    The color of a class is always the same, whatever is shown.
    """
    colors = [COLORS[index % len(COLORS)] for index in range(len(names))]
    known = [
        {"name": name, "color": color}
        for name, color in zip(names, colors, strict=True)
    ][:MOST_GROUPS]
    rest = UNKNOWN if len(names) <= MOST_GROUPS else "other classes"
    return [*known, {"name": rest, "color": GREY}]


def _words(shown: Shown, row: int, plain: bool) -> list[str]:
    """Return what to say of an image, in lines."""
    names, label = shown.class_names, shown.labels[row]
    known = UNKNOWN if label == UNLABELED else names[label]
    if plain:
        return [known]
    guess = names[shown.predicted[row]]
    lines = [f"taken for {guess}, {shown.confidence[row]:.0%} sure"]
    if label not in (UNLABELED, shown.predicted[row]):
        lines.append(f"but it is {known}")
    return lines


def _chosen(shown, rows, plain):
    """Show the images that were chosen."""
    more = f", of which these {MOST_SHOWN}" if len(rows) > MOST_SHOWN else ""
    st.subheader(f"Chosen: {len(rows):,}{more}")
    few = rows[:MOST_SHOWN]
    words = [", ".join(_words(shown, shown.kept[row], plain)) for row in few]
    widgets.gallery(shown.images[few], words, side=120)
    if len(rows) > 1 or plain:
        return
    if st.button("Open it on the page Classify", icon=":material/draw:"):
        st.session_state["opened"] = rows[0]
        address.go("classify")
