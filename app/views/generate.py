"""New images of each class, and how the style of an image can be changed."""

import numpy as np
import streamlit as st

import choosing
import resources
import widgets
from ssvae.files.pictures import as_png
from ssvae.generate import analogies, interpolate
from ssvae.runs.samples import PLAIN_ROWS

# Most sliders: more do not fit on a page, and the other variables change little.
MAX_SLIDERS = 8
# Settings of the page are in its address: a reload or a shared link keeps them.
ADDRESS = {"bind": "query-params"}


def samples(model, folder):
    """Show generated images, one row per class."""
    plain = model.num_classes == 1
    left, middle, right = st.columns(3)
    label = f"Images per {'row' if plain else 'class'}"
    count = left.slider(label, 1, 20, 12, key="count", **ADDRESS)
    variety = middle.slider(
        "Variety",
        0.0,
        2.0,
        1.0,
        0.1,
        key="variety",
        help="How much the images differ: below 1 they are plainer, above 1 stranger.",
        **ADDRESS,
    )
    seed = right.number_input(
        "Seed",
        0,
        2**31 - 1,
        0,
        key="seed",
        help="Any number. Another number gives other images, the same number the same.",
        **ADDRESS,
    )
    if plain:
        indices, shown, what = [0] * PLAIN_ROWS, (), "Images that the model drew"
    else:
        indices, shown = classes(model)
        what = "Images that the model drew, one row per class"
    if not indices:
        st.info("Choose at least one class.", icon=":material/info:")
        return
    images = model.generate(np.repeat(indices, count), seed, variety)
    rows = images.reshape(len(indices), count, *model.pixel_shape)
    picture = widgets.grid(rows, shown)
    st.image(picture, what, alt=what)
    st.download_button(
        "Download as PNG",
        as_png(picture),
        "samples.png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
    )


def classes(model):
    """Let classes be chosen; return their numbers and names."""
    names = model.class_names
    chosen = st.pills(
        "Classes", names, selection_mode="multi", default=names, key="classes"
    )
    return [names.index(name) for name in chosen], chosen


def styles(model, folder):
    """Show the style of one image in every class."""
    left, right = st.columns([1, 2])
    with left:
        image = choosing.choose_image(folder, "style", "Image whose style to keep", 7)
    if image is None:
        return
    rows = analogies(model, image[None])
    with right:
        widgets.show(image[None, None], "The image", zoom=5)
        st.markdown("Its style in every class")
        widgets.gallery(as_bytes(rows[0]), model.class_names)


def between(model, folder):
    """Show the images on the way from one image to another."""
    left, right = st.columns(2)
    with left:
        first = choosing.choose_image(folder, "first", "From", 0)
    with right:
        second = choosing.choose_image(folder, "second", "To", 1)
    if first is None or second is None:
        return
    way = interpolate(model, first, second, num_steps=21)
    share = st.slider("Share of the second image, %", 0, 100, 50, 5)
    widgets.show(way[None, share // 5][None], f"{share} % of the second image", zoom=6)
    st.markdown("The whole way")
    widgets.gallery(as_bytes(way[::2]), [f"{step} %" for step in range(0, 101, 10)])


def as_bytes(images):
    """Return images in [0, 1] as uint8."""
    return np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)


def by_hand(model, folder):
    """Show how an image changes with single latent variables."""
    names, index, what = model.class_names, 0, "An image in this style"
    if model.num_classes > 1:
        name = st.pills("Class", names, default=names[0], required=True)
        index, what = names.index(name), f"Class {name}, in this style"
    active = resources.shown(folder).active[:MAX_SLIDERS].tolist()
    if not active:
        st.info(
            "This model draws one style only: there is nothing to change. It needs "
            "longer training.",
            icon=":material/info:",
        )
        return
    st.caption("Move a slider, and see what it changes. The first ones change most.")
    right, left = st.columns([1, 2])
    z = np.zeros((1, model.config.latent_dim), np.float32)
    columns = left.columns(2)
    for place, dimension in enumerate(active):
        z[0, dimension] = columns[place % 2].slider(
            f"Style {place + 1}",
            -3.0,
            3.0,
            0.0,
            0.1,
            key=f"z{dimension}",
            help=f"Number {dimension} of the code that the model has for a style (a "
            "latent variable), in standard deviations from the mean.",
        )
    left.button(
        "Back to the middle",
        on_click=lambda: st.session_state.update({f"z{name}": 0.0 for name in active}),
        icon=":material/center_focus_strong:",
    )
    image = model.decode(z, [index])
    with right:
        widgets.show(image[None], what, zoom=8)


st.title("Generate")
folder, model = widgets.choose_model()
VIEWS = {
    "New images": samples,
    "One style, every class": styles,
    "From image to image": between,
    "Style by hand": by_hand,
}
if model.num_classes == 1:
    del VIEWS["One style, every class"]
view = st.segmented_control(
    "Show", list(VIEWS), default="New images", required=True, key="view", **ADDRESS
)
with widgets.messages():
    VIEWS[view](model, folder)
