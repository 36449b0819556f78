"""Widgets that several pages use: to choose a model or an image, and for messages."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

import address
import resources
import ssvae
from ssvae.config.pixel_range import value_limits
from ssvae.data.drawing import laid_out, like_data
from ssvae.data.images import as_floats
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.values import ValueRange
from ssvae.data.suffixes import IMAGE_SUFFIXES
from ssvae.errors import InputError
from ssvae.files.pictures import image_grid

# Side of the canvas in pixels, largest upload in MB, and endings of files to upload.
CANVAS = 280
UPLOAD_MB = 10
# Longer side of images that a person can draw, pixels, at most: larger ones are
# photographs. And the side that zooms are stated for: larger images are zoomed less.
DRAWN_SIDE, ZOOMED_SIDE = 64, 32
KINDS = sorted(suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES)


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
            "There is no model yet. Train one on the page Train, or get the shipped "
            "one back with `make saved-models`.",
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
        name = names[0]
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
            "This model has no classes: it is a plain VAE, which only generates "
            "images. Choose another in the sidebar.",
            icon=":material/info:",
        )
        st.stop()
    return folder, model


def _open_chosen():
    """Write the model that was chosen into the address."""
    address.put(model=st.session_state["model"])


def describe(metrics: dict, model: ssvae.SSVAE) -> str:
    """Return in words what a model was trained on, and what it cannot do."""
    unlabeled = f"{metrics['num_unlabeled']:,} unlabeled images of {metrics['dataset']}"
    if model.num_classes == 1:
        return f"Trained on {unlabeled}. It has no classes: it is a plain VAE."
    words = f"Trained on {metrics['num_labels']:,} labeled and {unlabeled}. "
    if metrics["test_accuracy"] is not None:
        words += f"Right on {metrics['test_accuracy']:.2%} of the test images. "
    if model.has_features:
        features = ", ".join(model.config.features.split())
        words += f"It tells images apart by {features}. "
    names = ", ".join(model.class_names)
    return words + f"It knows only these classes: {names}."


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
            "model in the sidebar, or reload the page.",
            icon=":material/error:",
        )
        st.stop()


def choose_image(
    model: ssvae.SSVAE, key: str, note: str, start: int = 0, several: bool = False
) -> np.ndarray | list | None:
    """Let an image be chosen: a test image, a drawing, or an uploaded file.

    Args:
        model: The `SSVAE` that the image is for.
        key: Beginning of the widgets' keys; a different one for each choice on a page.
        note: Label of the choice.
        start: Number of the test image that is shown first.
        several: Whether more than one file may be uploaded.

    Returns:
        The image, float array `(h, w, c)` in [0, 1]; a list of files if more than one
        was uploaded; None as long as there is none.
    """
    ways = ["Test image", "Draw", "Upload"]
    if not can_draw(model):
        ways.remove("Draw")
        if not resources.may_be_here(model.config):
            ways.remove("Test image")
    way = st.segmented_control(
        note,
        ways,
        default=ways[0],
        required=True,
        key=f"{key}-way",
    )
    with messages():
        if way == "Draw":
            return _drawn(model, key)
        if way == "Upload":
            files = st.file_uploader(
                "Image files" if several else "Image file",
                KINDS,
                accept_multiple_files=several,
                max_upload_size=UPLOAD_MB,
                key=f"{key}-file",
            )
            if not files:
                return None
            if several and len(files) > 1:
                return files
            return uploaded(model, files[0] if several else files)
        images, _ = resources.test_part(model.config, model.image_shape[:2])
        row = st.number_input(
            f"Number of the test image, 0 to {len(images) - 1:,}",
            0,
            len(images) - 1,
            start,
            key=f"{key}-row",
        )
        return as_floats(images[row])


def can_draw(model: ssvae.SSVAE) -> bool:
    """Return whether a drawing can look like the model's images: small and grey."""
    *sides, channels = model.image_shape
    return channels == 1 and max(sides) <= DRAWN_SIDE


def _drawn(model, key):
    """Show a canvas; return the drawing, laid out like the data set's images."""
    # Imported only here: it registers itself with the running app.
    from streamlit_drawable_canvas import st_canvas

    st.caption("Draw with the mouse or a finger. Size and place do not matter.")
    canvas = st_canvas(
        stroke_width=22,
        stroke_color="#ffffff",
        background_color="#000000",
        height=CANVAS,
        width=CANVAS,
        return_image_data=True,
        key=f"{key}-canvas",
    )
    if canvas.image_data is None:
        return None
    ink = canvas.image_data[..., :3].mean(axis=-1) / 255
    if not ink.any():
        return None
    layout = resources.layout(model.config, model.image_shape[:2])
    return laid_out(ink, layout, model.image_shape)


def uploaded(model: ssvae.SSVAE, file: UploadedFile) -> np.ndarray:
    """Return an uploaded image, made like the data set's.

    A photograph is brought to the model's size, as the training images were; on small
    grey images ink is laid out, see `like_data`.

    Raises:
        InputError: If the file is no image, or nothing is on it.
    """
    *size, channels = model.image_shape
    content = io.BytesIO(file.getvalue())
    limits = value_limits(model.config.value_range)
    values = ValueRange.stated(limits) if limits else None
    if model.has_features and not can_draw(model):
        picture = open_image(content, file.name, channels, tuple(size), values)
        if not np.ptp(picture.reshape(-1, channels), axis=0).any():
            raise InputError(
                f"nothing is on the picture {file.name}, all its pixels are alike: "
                "need a picture with something on it"
            )
        return as_floats(picture)
    picture = open_image(content, file.name, channels, value_range=values)
    layout = resources.layout(model.config, tuple(size))
    return like_data(picture, layout, model.image_shape)


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
    st.image(grid(rows, names, zoom), caption, width="stretch" if fill else "content")


def is_dark() -> bool:
    """Return whether the page has a dark theme."""
    return st.context.theme.type == "dark"


def grid(rows: np.ndarray, names: Sequence[str] = (), zoom: int = 3) -> Image.Image:
    """Return the picture that `show` shows; names have the theme's text color."""
    longer = max(ZOOMED_SIDE, *rows.shape[2:4])
    zoom = max(1, round(zoom * ZOOMED_SIDE / longer))
    return image_grid(rows, names, zoom, "white" if is_dark() else "black", None)
