"""Pictures that people bring to a model: chosen, and prepared as training prepares."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

import resources
import widgets
from components import drawing
from ssvae.data.images import as_floats
from ssvae.data.pixels.decode import open_image
from ssvae.data.reading.brought import Prepared
from ssvae.data.strokes import ink_of_lines
from ssvae.data.suffixes import IMAGE_SUFFIXES
from ssvae.errors import InputError

# Ways to choose a picture.
EXAMPLE, DRAW, UPLOAD, CAMERA = "Example", "Draw", "Upload", "Camera"
# Largest upload, MB, and endings of files to upload.
UPLOAD_MB = 20
KINDS = sorted(suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES)
# Longer side of a picture on the page, pixels: photographs have many more.
SHOWN_SIDE = 480


class Picture(NamedTuple):
    """A picture, and what the model sees of it.

    Attributes:
        name: Name of the file, or what else it is.
        original: uint8 array `(h, w, c)`, the picture as it came; None if it is already
            what the model sees.
        seen: float32 array `(h, w, c)` in [0, 1], what the model sees.
        lack: Why the picture, as it came, is unlike the model's images; "" if it may be
            like them.
    """

    name: str
    original: np.ndarray | None
    seen: np.ndarray
    lack: str = ""


def choose(
    folder: Path, key: str, note: str, start: int = 0, several: bool = False
) -> list[Picture] | list[UploadedFile]:
    """Let a picture be chosen: an example, a drawing, a file or one of the camera.

    Args:
        folder: Run folder of the model that the picture is for.
        key: Beginning of the widgets' keys; a different one for each choice on a page.
        note: Label of the choice.
        start: Number of the example that is shown first.
        several: Whether more than one file may be uploaded.

    Returns:
        The picture, in a list; no picture as long as there is none; the files if more
        than one was uploaded.
    """
    ways = [EXAMPLE, DRAW, UPLOAD, CAMERA]
    if resources.brought(folder).layout is None:
        ways.remove(DRAW)
    way = st.segmented_control(
        note,
        ways,
        default=EXAMPLE,
        required=True,
        key=f"{key}-way",
        wrap=True,
        bind="query-params",
    )
    with widgets.messages():
        if way == DRAW:
            return _drawn(folder, key)
        if way == EXAMPLE:
            return [_example(folder, key, start)]
        files = _photographed(key) if way == CAMERA else _uploaded(key, several)
        return files if len(files) > 1 else [read(folder, file) for file in files]


def choose_image(
    folder: Path, key: str, note: str, start: int = 0
) -> np.ndarray | None:
    """Let one picture be chosen; return what the model sees of it, None for none yet.

    Args:
        folder: See `choose`.
        key: See `choose`.
        note: See `choose`.
        start: See `choose`.
    """
    chosen = choose(folder, key, note, start)
    return chosen[0].seen if chosen else None


def read(folder: Path, file: UploadedFile) -> Picture:
    """Return an uploaded picture, and what the model sees of it.

    Raises:
        InputError: If the file is no image, or is damaged.
    """
    content = io.BytesIO(file.getvalue())
    prepared = resources.brought(folder).prepared(content, file.name)
    content.seek(0)
    return _picture(file.name, prepared, open_image(content, file.name))


def _picture(name, prepared: Prepared, original):
    """Return a picture with its original at a size for the page."""
    channels = original.shape[2]
    small = Image.fromarray(original[..., 0] if channels == 1 else original)
    small.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    pixels = np.asarray(small).reshape(small.height, small.width, channels)
    return Picture(name, pixels, *prepared)


def _drawn(folder, key):
    """Show a canvas; return the drawing, if there is one."""
    lines = drawing.canvas(f"{key}-canvas", "Drawing for the model")
    st.caption("Size and place do not matter.")
    if not lines:
        return []
    ink = ink_of_lines(lines)
    original = np.rint(255 * ink).astype(np.uint8)[..., None]
    return [_picture("your drawing", resources.brought(folder).drawn(ink), original)]


def _uploaded(key, several):
    """Let files be uploaded; return them."""
    files = st.file_uploader(
        "Pictures from your computer" if several else "A picture from your computer",
        KINDS,
        accept_multiple_files=several,
        max_upload_size=UPLOAD_MB,
        key=f"{key}-file",
    )
    if not files:
        return []
    return files if several else [files]


def _photographed(key):
    """Let a photograph be taken; return it."""
    taken = st.camera_input("A picture of your camera", key=f"{key}-camera")
    return [taken] if taken else []


def _example(folder, key, start):
    """Let one of the images be chosen that the run shows."""
    shown = resources.shown(folder)
    images = shown.images
    if not len(images):
        raise InputError("this model has no examples: upload a picture instead")
    row = st.number_input(
        f"Which of {len(images):,} {widgets.part_in_words(shown)}",
        0,
        len(images) - 1,
        min(start, len(images) - 1),
        key=f"{key}-row",
    )
    return Picture(f"example {row}", None, as_floats(images[row]))
