"""What several pages show: the choice of a model, of an image, and messages."""

import contextlib
import io

import streamlit as st

import resources
from ssvae.data.decode import open_image
from ssvae.data.drawing import laid_out, like_data
from ssvae.data.images import as_floats
from ssvae.errors import InputError
from ssvae.files.pictures import image_grid

CANVAS = 280
UPLOAD_MB = 10
KINDS = ["png", "jpg", "jpeg", "bmp", "gif", "webp"]


def choose_model(classes=False):
    """Show the choice of a model in the sidebar; return its folder and the model.

    What the model knows and what it cannot do stands below.

    Args:
        classes: Whether a model without classes is of no use here.
    """
    folders = resources.models()
    if not folders:
        st.info(
            "There is no model yet. Train one on the page Train, or bring the shipped "
            "one back: `make saved-models`.",
            icon=":material/info:",
        )
        st.stop()
    with st.sidebar:
        name = st.selectbox("Model", list(folders), key="model", bind="query-params")
    folder = folders[name]
    with messages():
        model = resources.load(folder)
        metrics = resources.metrics(folder)
    with st.sidebar:
        st.caption(describe(metrics, model))
    if classes and model.num_classes == 1:
        st.info(
            "This model has no classes: it is a plain VAE. Choose another in the "
            "sidebar.",
            icon=":material/info:",
        )
        st.stop()
    return folder, model


def describe(metrics, model) -> str:
    """Return in words what a model was trained on, and what it cannot do."""
    unlabeled = f"{metrics['num_unlabeled']:,} unlabeled images of {metrics['dataset']}"
    if model.num_classes == 1:
        return f"Trained on {unlabeled}. It knows no classes: it is a plain VAE."
    words = f"Trained on {metrics['num_labels']:,} labeled and {unlabeled}. "
    if metrics["test_accuracy"] is not None:
        words += f"Right on {metrics['test_accuracy']:.2%} of the test images. "
    names = ", ".join(model.class_names)
    return words + f"It knows nothing but its classes: {names}."


@contextlib.contextmanager
def messages():
    """Say on the page what was wrong with an input, and stop there."""
    try:
        yield
    except (InputError, ValueError) as error:
        text = str(error)
        st.error(text[:1].upper() + text[1:] + ".", icon=":material/error:")
        st.stop()
    except OSError as error:
        st.error(
            f"A file is gone or cannot be read ({error.strerror}). Choose another "
            "model in the sidebar, or reload the page.",
            icon=":material/error:",
        )
        st.stop()


def choose_image(model, key, note, start=0, several=False):
    """Show three ways to give an image; return it as floats `(h, w, c)`, or None.

    Args:
        model: The `SSVAE` that it is for.
        key: Name of the widgets.
        note: What the image is for, on the label.
        start: Test image to begin with.
        several: Whether many files may be uploaded; then they are returned as a list,
            unless it is one.
    """
    way = st.segmented_control(
        note,
        ["Test image", "Draw", "Upload"],
        default="Test image",
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
        images, _ = resources.test_part(model.config)
        row = st.number_input(
            f"Number of the test image, 0 to {len(images) - 1:,}",
            0,
            len(images) - 1,
            start,
            key=f"{key}-row",
        )
        return as_floats(images[row])


def _drawn(model, key):
    """Return what is drawn on a canvas, made like the data set's images."""
    # Imported when asked for: it registers itself with the running app.
    from streamlit_drawable_canvas import st_canvas

    st.caption("Draw with the mouse or a finger, as large as you like.")
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
    return laid_out(ink, resources.layout(model.config), model.image_shape)


def uploaded(model, file):
    """Return an uploaded image, made like the data set's images where it is larger."""
    picture = open_image(io.BytesIO(file.getvalue()), file.name, model.image_shape[2])
    layout = resources.layout(model.config)
    return like_data(picture, layout, model.image_shape)


def show(rows, caption, names=(), zoom=3):
    """Show images in rows.

    Args:
        rows: Array `(rows, columns, h, w, c)`, floats in [0, 1].
        caption: What it is, for everyone and for screen readers.
        names: A name a row.
        zoom: Pixels a pixel.
    """
    st.image(grid(rows, names, zoom), caption)


def is_dark() -> bool:
    """Return whether the page is dark."""
    return st.context.theme.type == "dark"


def grid(rows, names=(), zoom=3):
    """Return the picture of rows of images, its names in the color of the theme."""
    return image_grid(rows, names, zoom, "white" if is_dark() else "black", None)
