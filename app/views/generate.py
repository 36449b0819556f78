"""New images of each class, and how the latent variables change them."""

import numpy as np
import streamlit as st

import resources
import widgets
from ssvae.files.pictures import as_png
from ssvae.generate import analogies, interpolate
from ssvae.runs.samples import PLAIN_ROWS

# Most sliders: more do not fit on a page, and the other variables change little.
MAX_SLIDERS = 8


def samples(model):
    """Show generated images, one row per class."""
    plain = model.num_classes == 1
    left, middle, right = st.columns(3)
    count = left.slider(f"Images per {'row' if plain else 'class'}", 1, 20, 12)
    temperature = middle.slider(
        "Temperature",
        0.0,
        2.0,
        1.0,
        0.1,
        help="How much the images vary: below 1 they are plainer, above 1 stranger.",
    )
    seed = right.number_input(
        "Seed", 0, 2**31 - 1, 0, help="The same seed gives the same images."
    )
    if plain:
        indices, shown, what = [0] * PLAIN_ROWS, (), "Images that the model made"
    else:
        indices, shown = classes(model)
        what = "Images that the model made, one row per class"
    if not indices:
        st.info("Choose at least one class.", icon=":material/info:")
        return
    images = model.generate(np.repeat(indices, count), seed, temperature)
    rows = images.reshape(len(indices), count, *model.pixel_shape)
    picture = widgets.grid(rows, shown)
    st.image(picture, what)
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


def styles(model):
    """Show the style of one image in every class."""
    left, right = st.columns([1, 2])
    with left:
        image = widgets.choose_image(model, "style", "Image whose style to keep", 7)
    if image is None:
        return
    rows = analogies(model, image[None])
    with right:
        widgets.show(image[None, None], "The image", zoom=5)
        widgets.show(
            rows, f"Its style in the classes {', '.join(model.class_names)}", zoom=4
        )


def between(model):
    """Show the images on the way from one image to another."""
    left, right = st.columns(2)
    with left:
        first = widgets.choose_image(model, "first", "From", 0)
    with right:
        second = widgets.choose_image(model, "second", "To", 1)
    if first is None or second is None:
        return
    way = interpolate(model, first, second, num_steps=21)
    share = st.slider("Share of the second image, %", 0, 100, 50, 5)
    widgets.show(way[None, share // 5][None], f"{share} % of the second image", zoom=6)
    widgets.show(way[None, ::2], "The whole way, in steps of 10 %")


def latents(model, folder):
    """Show how an image changes with single latent variables."""
    names, index, what = model.class_names, 0, "An image in this style"
    if model.num_classes > 1:
        name = st.pills("Class", names, default=names[0], required=True)
        index, what = names.index(name), f"Class {name}, in this style"
    active = resources.active(folder)[:MAX_SLIDERS]
    if st.button("Reset", icon=":material/center_focus_strong:"):
        for dimension in active:
            st.session_state[f"z{dimension}"] = 0.0
    left, right = st.columns([2, 1])
    z = np.zeros((1, model.config.latent_dim), np.float32)
    columns = left.columns(2)
    for place, dimension in enumerate(active):
        z[0, dimension] = columns[place % 2].slider(
            f"Latent variable {dimension}",
            -3.0,
            3.0,
            0.0,
            0.1,
            key=f"z{dimension}",
            help="One of the numbers that describe the style, in standard deviations "
            "from the mean. The first ones change the image most.",
        )
    image = model.decode(z, [index])
    with right:
        widgets.show(image[None], what, zoom=8)


folder, model = widgets.choose_model()
st.title("Generate")
VIEWS = {
    "Samples": lambda: samples(model),
    "One style, every class": lambda: styles(model),
    "From image to image": lambda: between(model),
    "Latent variables": lambda: latents(model, folder),
}
if model.num_classes == 1:
    del VIEWS["One style, every class"]
view = st.segmented_control("Show", list(VIEWS), default="Samples", required=True)
VIEWS[view]()
