"""Widgets that several pages use: to choose a model, for pictures and messages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

import address
import resources
import ssvae
from ssvae.data.images import as_floats
from ssvae.files.pictures import image_grid
from ssvae.runs.expected import expected
from ssvae.runs.shown import HELD_OUT, TEST, TRAINING, Shown

# Side that zooms are stated for, pixels: larger images are zoomed less.
ZOOMED_SIDE = 32
# Names of classes in the description of a model, at most.
MOST_NAMES = 12


def choose_model(classes: bool = False) -> tuple[Path, ssvae.SSVAE]:
    """Let a model be chosen in the sidebar; describe it below.

    Args:
        classes: Whether the page needs a model with classes.

    Returns:
        The run folder and the model.
    """
    folders = resources.models()
    if not folders:
        st.info(
            "There is no model yet. Train one on the page Train.",
            icon=":material/info:",
        )
        st.stop()
    names = list(folders)
    name = address.model()
    if name not in folders:
        if name:
            st.warning(
                f"There is no model {name!r} here any more. This is another one.",
                icon=":material/warning:",
            )
        # The newest model of the project that is open, or else the first.
        own = f"{address.project()}/"
        name = next((other for other in names if other.startswith(own)), names[0])
    st.session_state["model"] = name
    with st.sidebar:
        st.selectbox("Model", names, key="model", on_change=_open_chosen)
    folder = folders[name]
    with messages():
        model = resources.load(folder)
        metrics = resources.metrics(folder)
    with st.sidebar:
        st.caption(describe(metrics, model))
    if classes and model.num_classes == 1:
        st.info(
            "This model knows no classes: it only draws images, and has a map of them. "
            "Choose another model at the left.",
            icon=":material/info:",
        )
        st.stop()
    return folder, model


def _open_chosen():
    """Write the model that was chosen into the address."""
    address.put(model=st.session_state["model"])


def describe(metrics: dict, model: ssvae.SSVAE) -> str:
    """Return in words what a model was trained on, and how good it is."""
    data = data_name(metrics)
    others = f"{metrics['num_unlabeled']:,}"
    if model.num_classes == 1:
        return (
            f"Learned from {others} images of {data} without labels. It knows no "
            "classes: it only draws images."
        )
    words = (
        f"Learned from {metrics['num_labels']:,} images with a label and {others} "
        f"without, of {data}. "
    )
    if metrics["test_accuracy"] is not None:
        words += f"Right on {metrics['test_accuracy']:.2%} of the test images. "
    else:
        words += f"{expected(metrics)} ".lstrip()
    names = ", ".join(model.class_names[:MOST_NAMES])
    more = len(model.class_names) - MOST_NAMES
    names += f" and {more} more" if more > 0 else ""
    return words + f"It knows these classes only: {names}."


def data_name(metrics: dict) -> str:
    """Return what the images are called that a model learned from."""
    name = metrics["dataset"].rstrip("/")
    return Path(name).name if Path(name).is_absolute() else name


@contextlib.contextmanager
def messages() -> Iterator[None]:
    """Show what is wrong with an input as a message, and end the page there."""
    try:
        yield
    except ValueError as error:
        text = str(error)
        st.error(text[:1].upper() + text[1:] + ".", icon=":material/error:")
        st.stop()
    except OSError as error:
        st.error(
            f"A file is missing or cannot be read ({error.strerror}). Choose another "
            "model at the left, or load the page again.",
            icon=":material/error:",
        )
        st.stop()


def part_in_words(shown: Shown, capital: bool = False) -> str:
    """Return what the images of a run are that pages show: "test images" and so on."""
    words = {
        TEST: "test images",
        HELD_OUT: "images that it did not learn from",
        TRAINING: "images that it learned from",
    }[shown.part]
    return words.capitalize() if capital else words


def gallery(images: np.ndarray, words: Sequence[str], side: int = 96) -> None:
    """Show images side by side, each with words below; they wrap to the next line.

    Args:
        images: uint8 array `(n, h, w, c)`.
        words: What to say of each image.
        side: Longer side of an image on the page, pixels.
    """
    with st.container(horizontal=True, gap="small"):
        for image, text in zip(images, words, strict=True):
            height, width = image.shape[:2]
            picture = grid(as_floats(image)[None, None], zoom=4)
            wide = round(side * width / max(height, width))
            st.image(picture, text, width=wide, alt=text)


def show(
    rows: np.ndarray,
    caption: str,
    names: Sequence[str] = (),
    zoom: int = 3,
    fill: bool = False,
) -> None:
    """Show images in rows.

    Args:
        rows: Array `(rows, columns, h, w, c)`, floats in [0, 1].
        caption: What the images are; screen readers read it too.
        names: One name per row; empty for none.
        zoom: Pixels on the page per pixel of a small image, along each side; larger
            images are zoomed less.
        fill: Whether the picture is as wide as its column, however long its caption.
    """
    wide = "stretch" if fill else "content"
    st.image(grid(rows, names, zoom), caption, width=wide, alt=caption)


def is_dark() -> bool:
    """Return whether the page has a dark theme."""
    return st.context.theme.type == "dark"


def grid(rows: np.ndarray, names: Sequence[str] = (), zoom: int = 3) -> Image.Image:
    """Return the picture that `show` shows; names have the theme's text color."""
    longer = max(ZOOMED_SIDE, *rows.shape[2:4])
    zoom = max(1, round(zoom * ZOOMED_SIDE / longer))
    return image_grid(rows, names, zoom, "white" if is_dark() else "black", None)
