"""Which class the model gives an image, how sure it is, and why."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

import resources
import widgets
from ssvae.files.pictures import as_url
from ssvae.predict import UNSURE, UNUSUAL, judged, predict

# Most files that are classified at once.
MAX_FILES = 100


def one(model, image):
    """Show the answer for one image."""
    assessed = model.assess(image[None])
    answer = judged(model, *assessed, confidence, false_alarms / 100)
    name = model.class_names[answer.classes[0]]
    sure = f"{answer.probability[0]:.1%} sure"
    if answer.verdict[0] == UNUSUAL:
        st.warning(
            "**I don't know.** The image is unlike those I was trained on. "
            f"The nearest of my classes is {name}.",
            icon=":material/help:",
        )
    elif answer.verdict[0] == UNSURE:
        st.warning(
            f"**I don't know.** Perhaps {name}, but I am only {sure}.",
            icon=":material/help:",
        )
    else:
        st.success(f"**{name}**, {sure}.", icon=":material/check:")
    bars(model, assessed[0][0])
    threshold = model.fitted.threshold(false_alarms / 100)
    score = float(answer.score[0])
    st.metric(
        "How unusual the image is, in standard deviations",
        f"{score:.1f}",
        f"{score - threshold:+.1f} from the threshold of {threshold:.1f}",
        delta_color="inverse",
        help="The greater of two numbers: how much less likely the image is than usual "
        "images of its class, and how much weaker the classifier responds to it. Above "
        "the threshold the image is called unusual.",
    )


def bars(model, probabilities):
    """Show the calibrated probability of each class as bars."""
    table = pd.DataFrame(
        {"class": model.class_names, "probability, %": 100 * probabilities}
    )
    chart = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("probability, %", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("class", sort=None),
            tooltip=["class", alt.Tooltip("probability, %", format=".2f")],
        )
    )
    best = table.loc[table["probability, %"].idxmax()]
    words = f"Bars: {best['class']} has {best['probability, %']:.1f} %"
    st.altair_chart(chart, alt=words)


def reasons(model, image):
    """Show how the model would draw the image in each class, and how well that fits."""
    classes = np.arange(model.num_classes)
    copies = np.repeat(image[None], model.num_classes, axis=0)
    drawn = model.reconstruct(copies, classes)
    fits = model.log_likelihood(copies, num_samples=10, classes=classes)
    columns = st.columns(max(6, min(10, model.num_classes)))
    for index, name in enumerate(model.class_names):
        with columns[index % len(columns)]:
            lack = fits[index] - fits.max()
            words = "fits best" if lack == 0 else f"{lack:.0f} nats"
            widgets.show(drawn[index][None, None], f"{name}: {words}", fill=True)


def several(model, files):
    """Show the answers for many files, one row per file."""
    rows, broken = [], {}
    for file in files[:MAX_FILES]:
        try:
            rows.append((file.name, widgets.uploaded(model, file)))
        except ValueError as error:
            broken[file.name] = str(error)
    for name, reason in broken.items():
        st.error(f"{name} is left out: {reason}.", icon=":material/error:")
    if len(files) > MAX_FILES:
        st.warning(
            f"This page takes {MAX_FILES} files, and you chose {len(files):,}: the "
            "rest is left out. `python -m ssvae.predict` takes any number.",
            icon=":material/warning:",
        )
    if not rows:
        return
    names, images = zip(*rows, strict=True)
    answers = predict(model, np.stack(images), confidence, false_alarms / 100)
    table = pd.DataFrame(
        {
            "image": [as_url(image, resources.THUMBNAIL) for image in images],
            "file": names,
            "class": [model.class_names[index] for index in answers.classes],
            "probability, %": 100 * answers.probability,
            "unusual by": answers.score,
            "verdict": answers.verdict,
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "image": st.column_config.ImageColumn(),
            "probability, %": st.column_config.NumberColumn(format="%.1f"),
            "unusual by": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    st.download_button(
        "Download as CSV",
        table.drop(columns="image").to_csv(index=False),
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


_, model = widgets.choose_model(classes=True)
st.title("Classify")
with st.sidebar:
    confidence = (
        st.slider(
            "Sure above a probability of, %",
            50,
            100,
            90,
            help="If its best class is less likely, the model says that it is unsure.",
        )
        / 100
    )
    false_alarms = st.slider(
        "False alarms, % of usual images",
        0.1,
        10.0,
        1.0,
        0.1,
        help="Percentage of usual images that may be called unusual by mistake. The "
        "threshold is set by it.",
    )
start = st.session_state.pop("opened", 0)
left, right = st.columns([2, 3])
with left:
    image = widgets.choose_image(model, "classify", "Image", start, several=True)
if isinstance(image, list):
    with widgets.messages():
        several(model, image)
elif image is None:
    right.info(
        "Choose a file, or draw something where that is offered. The model's answer "
        "appears here.",
        icon=":material/info:",
    )
else:
    with left:
        widgets.show(image[None, None], "What the model sees", zoom=5)
    with right, widgets.messages():
        one(model, image)
    st.subheader(
        "How the model would draw it"
        if model.has_features
        else "Why the model thinks so"
    )
    st.caption(
        "How the model would draw this image in each class, in the same style. The "
        "number says how much less likely the image is in that class than in the best "
        "one, in nats: each nat less makes it 2.7 times less likely."
        + (
            " This model does not tell classes apart by its drawings, but by features "
            "of the image."
            if model.has_features
            else ""
        )
    )
    with widgets.messages():
        reasons(model, image)
