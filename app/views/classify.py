"""Which class the model gives a picture, how sure it is, and why."""

from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

import choosing
import resources
import widgets
from ssvae.data.images import as_floats
from ssvae.errors import InputError
from ssvae.files.pictures import as_url
from ssvae.predict import SURE, UNLIKE, UNSURE, UNUSUAL, judged

# Most files that are classified at once: a page holds a picture of each.
MAX_FILES = 500
# Side of what the model sees on the page, pixels.
SEEN_SIDE = 150


def answers_of(folder, seen, lacks):
    """Return probabilities, scores, and what is odd about images, for `judged`."""
    model = resources.load(folder)
    odd = resources.usual(folder).oddities(model, seen, lacks)
    return *model.assess(seen), odd


def judge(model, answers):
    """Return the verdicts on answers by the settings of the page."""
    probabilities, scores, odd = answers
    return judged(model, probabilities, scores, confidence, false_alarms / 100, odd)


def one(folder, picture):
    """Show the answer for one picture: first of all, whether it is to be trusted."""
    model = resources.load(folder)
    answers = answers_of(folder, picture.seen[None], [picture.lack])
    answer = judge(model, answers)
    name = model.class_names[answer.classes[0]]
    sure = f"{answer.probability[0]:.1%} sure"
    reason = answer.reason[0].replace(UNLIKE, "it is unlike those I learned from")
    if answer.verdict[0] == UNUSUAL:
        st.error(
            f"#### I don't know this\nThe picture is unusual: {reason}.",
            icon=":material/block:",
        )
        if not picture.lack:
            st.caption(f"If it is one of my classes after all, then perhaps {name}.")
    elif answer.verdict[0] == UNSURE:
        st.warning(
            f"#### Perhaps {name}\nI am not sure: only {sure}.",
            icon=":material/help:",
        )
    else:
        st.success(
            f"#### {name}\n{sure[0].upper()}{sure[1:]}.", icon=":material/check:"
        )
    seen(picture)
    if picture.lack:
        return
    bars(model, answers[0][0])
    with st.expander("Details", icon=":material/tune:"):
        details(model, float(answer.score[0]))


def seen(picture):
    """Show the picture as it came beside what the model sees of it."""
    shown = widgets.grid(picture.seen[None, None], zoom=8)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if picture.original is not None:
            st.image(
                picture.original, "The picture", width=SEEN_SIDE, alt="The picture"
            )
        st.image(
            shown,
            "What the model sees",
            width=SEEN_SIDE,
            alt="What the model sees",
        )


def bars(model, probabilities):
    """Show how sure the model is of each class, as bars."""
    table = pd.DataFrame({"class": model.class_names, "sure, %": 100 * probabilities})
    chart = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("sure, %", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("class", sort=None),
            tooltip=["class", alt.Tooltip("sure, %", format=".2f")],
        )
    )
    chart = chart.properties(height=30 * len(table) + 40)
    best = table.loc[table["sure, %"].idxmax()]
    words = f"Bars: {best['class']} has {best['sure, %']:.1f} %"
    st.altair_chart(chart, alt=words)


def details(model, score):
    """Show the score and its threshold."""
    threshold = model.fitted.threshold(false_alarms / 100)
    st.metric(
        "How unusual the picture is: its score, in standard deviations",
        f"{score:.1f}",
        f"{score - threshold:+.1f} from the threshold of {threshold:.1f}",
        delta_color="inverse",
        help="The greater of two numbers: how much less likely the picture is than "
        "usual images of its class, and how much weaker the classifier responds to it. "
        "Above the threshold the picture is called unusual.",
    )


def reasons(model, image):
    """Show how the model would draw the picture in each class, and how well it fits."""
    classes = np.arange(model.num_classes)
    copies = np.repeat(image[None], model.num_classes, axis=0)
    drawn = model.reconstruct(copies, classes)
    fits = model.log_likelihood(copies, num_samples=10, classes=classes)
    with st.container(horizontal=True, gap="small"):
        for index, name in enumerate(model.class_names):
            lack = fits[index] - fits.max()
            words = "fits best" if lack == 0 else f"{lack:.0f} nats"
            picture = widgets.grid(drawn[index][None, None], zoom=4)
            st.image(picture, f"{name}: {words}", width=100, alt=f"Drawn as {name}")


@st.cache_data(
    max_entries=4,
    show_spinner="Classifying the pictures …",
    hash_funcs={UploadedFile: lambda file: file.file_id},
)
def several_answers(folder: str, files: list[UploadedFile]):
    """Return the table of pictures, the model's answers, and what files are broken."""
    rows, broken = [], {}
    for file in files:
        try:
            rows.append(choosing.read(Path(folder), file))
        except InputError as error:
            broken[file.name] = str(error)
    if not rows:
        return None, None, broken
    table = {
        "picture": [
            as_url(as_floats(row.original), resources.THUMBNAIL) for row in rows
        ],
        "seen": [as_url(row.seen, resources.THUMBNAIL) for row in rows],
        "file": [row.name for row in rows],
    }
    seen, lacks = np.stack([row.seen for row in rows]), [row.lack for row in rows]
    return table, answers_of(Path(folder), seen, lacks), broken


def several(folder, files):
    """Show the answers for many files, one row per file."""
    model = resources.load(folder)
    if len(files) > MAX_FILES:
        st.warning(
            f"This page takes {MAX_FILES} files at once, and you chose "
            f"{len(files):,}: the rest is left out.",
            icon=":material/warning:",
        )
    table, answers, broken = several_answers(str(folder), files[:MAX_FILES])
    for name, reason in broken.items():
        st.error(f"{name} is left out: {reason}.", icon=":material/error:")
    if table is None:
        return
    answer = judge(model, answers)
    count = pd.Series(answer.verdict).value_counts()
    st.markdown(
        " · ".join(
            f"**{count.get(verdict, 0):,}** {verdict}"
            for verdict in (SURE, UNSURE, UNUSUAL)
        )
    )
    frame = pd.DataFrame(
        table
        | {
            "verdict": answer.verdict,
            "class": [model.class_names[index] for index in answer.classes],
            "sure, %": 100 * answer.probability,
            "why": answer.reason,
            "score": answer.score,
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "picture": st.column_config.ImageColumn(),
            "seen": st.column_config.ImageColumn("what the model sees"),
            "sure, %": st.column_config.NumberColumn(format="%.1f"),
            "score": st.column_config.NumberColumn(
                format="%.1f",
                help="How unusual the picture is, in standard deviations.",
            ),
        },
    )
    st.download_button(
        "Download as CSV",
        frame.drop(columns=["picture", "seen"]).to_csv(index=False),
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


st.title("Classify")
folder, model = widgets.choose_model(classes=True)
with st.sidebar:
    confidence = (
        st.slider(
            "How sure the model must be, %",
            50,
            100,
            90,
            help="If it is less sure of its best class, it says that it does not know.",
        )
        / 100
    )
    false_alarms = st.slider(
        "Usual pictures called unusual by mistake, %",
        0.1,
        10.0,
        1.0,
        0.1,
        help="The smaller, the stranger a picture must be to be called unusual.",
    )
start = st.session_state.pop("opened", 0)
left, right = st.columns([4, 5], gap="large")
with left:
    chosen = choosing.choose(folder, "classify", "Picture", start, several=True)
if len(chosen) > 1:
    with widgets.messages():
        several(folder, chosen)
elif not chosen:
    right.info(
        "Choose a picture, or draw something where that is offered. The model's answer "
        "appears here.",
        icon=":material/info:",
    )
else:
    with right, widgets.messages():
        one(folder, chosen[0])
    if chosen[0].lack:
        st.stop()
    # Drawing takes a second: it is done when somebody looks.
    drawn = st.expander(
        "How the model would draw it",
        icon=":material/brush:",
        key="drawn",
        on_change="rerun",
    )
    if not drawn.open:
        st.stop()
    with drawn:
        st.caption(
            "How the model would draw this picture in each class, in the same style. "
            "The number says how much less likely the picture is in that class than in "
            "the best one, in nats: each nat less makes it 2.7 times less likely."
            + (
                " This model does not tell classes apart by its drawings, but by "
                "features of the picture."
                if model.has_features
                else ""
            )
        )
        with widgets.messages():
            reasons(model, chosen[0].seen)
