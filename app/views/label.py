"""Label the images whose labels help most, and continue training with them."""

import streamlit as st

import address
import resources
import widgets
from ssvae.data.images import as_floats
from ssvae.runs.background import DONE, RUNNING

# Passes over all images when training continues with more labels.
EPOCHS = 3


def ask(model, folder, file):
    """Show the next image to label, and store its label."""
    images = resources.dataset(model.config, model.image_shape[:2]).images
    waiting = [row for row in resources.to_label(folder) if row not in file.known]
    if not waiting:
        st.success(
            "All suggestions are labeled or skipped. Continue training to get new "
            "ones.",
            icon=":material/check:",
        )
        return
    row = waiting[0]
    left, right = st.columns([1, 2])
    with left:
        image = as_floats(images[row])
        widgets.show(image[None, None], f"Training image {row:,}", zoom=8)
    with right:
        guess = model.predict_proba(images[row : row + 1])[0]
        name = model.class_names[guess.argmax()]
        st.write(
            f"What is this? The model takes it for **{name}** ({guess.max():.0%})."
        )
        classes = st.container(horizontal=True)
        for index, name in enumerate(model.class_names):
            classes.button(
                name,
                key=f"class-{index}",
                on_click=file.add,
                args=(row, index),
                # Streamlit uses the letters c and r itself.
                shortcut=name if len(name) == 1 and name not in "cCrR" else None,
                width=90 if len(name) == 1 else "content",
            )
        others = st.container(horizontal=True)
        others.button(
            "Cannot tell",
            on_click=file.skip,
            args=(row,),
            icon=":material/skip_next:",
            shortcut="Space",
        )
        others.button(
            "Undo",
            key="undo",
            on_click=file.undo,
            disabled=not file.added,
            icon=":material/undo:",
            shortcut="Backspace",
        )
        st.caption(
            f"{len(file.added)} labeled here, {len(waiting)} suggestions left. The "
            f"labels are stored in {file.path}."
        )


def labeled(model, file):
    """Show the images that were labeled on this page, the last one first."""
    if not file.added:
        return
    images = resources.dataset(model.config, model.image_shape[:2]).images
    with st.expander(f"Labeled here: {len(file.added)}"):
        columns = st.columns(10)
        for place, (row, index) in enumerate(reversed(file.added)):
            with columns[place % 10]:
                name = model.class_names[index]
                widgets.show(as_floats(images[row])[None, None], name, zoom=2)


def train_on(folder, model, file):
    """Let training continue with the labels, and show the result."""
    job = resources.background()
    state = job.state()
    st.subheader("Continue training")
    if state.status == RUNNING:
        watch()
        return
    out = resources.RUNS / f"{folder.name}-{len(file.added)}-more"
    before = resources.metrics(folder)["test_accuracy"]
    if state.status == DONE and state.out.name.startswith(f"{folder.name}-"):
        after = resources.metrics(state.out)["test_accuracy"]
        if before is None or after is None:
            st.success(f"**{state.out.name}** is trained.", icon=":material/check:")
        else:
            left, right = st.columns(2)
            left.metric("Accuracy before", f"{before:.2%}", border=True)
            right.metric(
                f"Accuracy of {state.out.name}",
                f"{after:.2%}",
                f"{100 * (after - before):+.2f} points",
                border=True,
            )
        if st.button("Open it and label more", icon=":material/open_in_new:"):
            job.forget()
            address.put(model=state.out.name)
            st.rerun()
    if st.button(
        f"Continue with {len(file.added)} more labels",
        type="primary",
        disabled=not file.added or out.exists(),
        icon=":material/play_arrow:",
    ):
        flags = ["--init", folder, "--labels-file", file.path, "--epochs", EPOCHS]
        job.start([str(flag) for flag in flags], out)
        st.rerun()
    st.caption(
        f"This trains the model for {EPOCHS} more passes over all images: about two "
        "minutes on two cores. It runs in the background, so you can label more "
        "images or close the page meanwhile."
    )


@st.fragment(run_every=2)
def watch():
    """Show the progress of the run."""
    state = resources.background().state()
    if state.status != RUNNING:
        st.rerun()
    progress = state.progress
    share, words = 0.0, progress.get("doing", "Starting …")
    if "step" in progress:
        share = progress["step"] / progress["steps"]
        words = f"{progress['seconds_left']:.0f} s left"
    st.progress(share, f"{state.out.name}: {words}")
    if st.button("Stop", icon=":material/stop:"):
        resources.background().stop()
        st.rerun()


folder, model = widgets.choose_model(classes=True)
st.title("Label")
st.caption(
    "Labels of these training images would help the model most: each image is like "
    "many others that no label reaches yet. Click the class of the image, or press its "
    "key."
)
with widgets.messages():
    file = resources.labels_file(folder)
    ask(model, folder, file)
    labeled(model, file)
    train_on(folder, model, file)
