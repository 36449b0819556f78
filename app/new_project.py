"""The form that makes a project of somebody's own images."""

from __future__ import annotations

import shutil
from pathlib import Path

import streamlit as st

import address
import fields
import project_resources
from ssvae.config.settings import Config
from ssvae.data import holds_files
from ssvae.data.suffixes import IMAGE_SUFFIXES
from ssvae.errors import InputError
from ssvae.projects.project import Project
from ssvae.projects.scan import Scan, scan
from ssvae.projects.tables import labels_from_source
from ssvae.projects.uploads import Uploads, add_uploads
from words import counted, plain

# Where images may be.
HERE, DROPPED = "On this machine", "I drop them here"
# Endings of the archives that can be dropped, and the largest file, MB.
ARCHIVES = ("zip", "tar", "tgz", "gz", "bz2", "xz")
UPLOAD_MB = 2_000
# Key of what was seen last of a place.
SCANNED = "scanned"
# Files that are stored between two looks at the bar.
AT_ONCE = 20


def form() -> None:
    """Let images be chosen, show what is there, and make the project."""
    st.subheader("My images")
    where = st.segmented_control(
        "Where are they?",
        [HERE, DROPPED],
        default=HERE,
        required=True,
        key="where",
        bind="query-params",
    )
    try:
        _dropped() if where == DROPPED else _here()
    except InputError as error:
        message = fields.in_page_words(str(error))
        st.error(plain(message), icon=":material/error:")


def _here():
    """Make a project of a folder or an archive."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    typed = left.text_input(
        fields.LABELS["dataset"],
        key="place",
        persist_state="session",
        placeholder=str(Path.home() / "Pictures"),
        help="Its path on the machine where this app runs. Folders in it are looked "
        "through too. Archives are .zip and .tar files; an array file is .npz.",
    )
    again = right.button("Look at it", icon=":material/search:", width="stretch")
    stated = _details()
    # As file managers copy it.
    place = typed.strip().strip("'\"").removeprefix("file://")
    if not place:
        return
    path = Path(place).expanduser()
    if not path.exists():
        raise InputError(
            f"there is nothing at {str(path)!r} on this machine: give the path of a "
            "folder or an archive of images"
        )
    stated = {"skip_broken": holds_files(path)} | stated
    found = _scanned(Config(dataset=str(path)).replace(**stated), again)
    show(found)
    take = found.num_labeled > 0 and st.checkbox(
        f"Take the labels that are there: {found.num_labeled:,} images of "
        f"{len(found.classes):,} classes",
        value=True,
        key="take-labels",
        persist_state="session",
        help="Folders, names of files or a table tell them. Without this, no image "
        "has a label at first.",
    )
    if name := _named(path.stem):
        project = Project.create(project_resources.PROJECTS, name, found.config)
        if take:
            labels_from_source(project, _opened(project))
        _open(project)


def _scanned(config: Config, again: bool) -> Scan:
    """Return what a place holds, as it was seen last or as it is now."""
    known = st.session_state.get(SCANNED)
    if known and known[0] == config and not again:
        return known[1]
    bar = st.progress(0.0, "Looking at the images")
    found = scan(config, progress=lambda share: bar.progress(share, "Looking at them"))
    bar.empty()
    st.session_state[SCANNED] = config, found
    return found


def _details():
    """Let it be stated how images are read; return the settings that were."""
    with st.expander("Details", key="details-of-images", on_change="rerun"):
        table = st.text_input(
            fields.LABELS["labels_csv"],
            key="table",
            persist_state="session",
            help="Path of a CSV file with a column of files and a column of classes, "
            "if the labels are in a table.",
        )
        size = st.number_input(
            fields.LABELS["image_size"],
            0,
            512,
            0,
            key="size",
            persist_state="session",
            help="Pixels that images are scaled to. 0 chooses a size that suits them.",
        )
        test = st.number_input(
            fields.LABELS["test_fraction"],
            0.0,
            0.9,
            0.0,
            0.05,
            key="test",
            persist_state="session",
            help="Part of the images with a label that no model learns from. On them "
            "each model is measured. 0 keeps none: then the accuracy is estimated.",
        )
        more = fields.more_settings("more-of-images")
    stated = {"labels_csv": table.strip(), "image_size": size, "test_fraction": test}
    return {name: value for name, value in stated.items() if value} | more


def show(found: Scan) -> None:
    """Show what a place holds."""
    first, second, third = st.columns([1, 1, 2])
    first.metric("Images", f"{found.num_images:,}", border=True)
    second.metric("With a label", f"{found.num_labeled:,}", border=True)
    third.metric("Size", found.sizes.removesuffix(" pixels"), border=True)
    st.image(
        found.sheet,
        "Some of the images",
        width="stretch",
        alt="Some of the images",
    )
    for line in found.notes:
        message = fields.in_page_words(line)
        st.warning(plain(message), icon=":material/warning:")
    if not found.num_labeled:
        st.info(
            "No image has a label yet. You name the classes while you label.",
            icon=":material/sell:",
        )
    if found.classes:
        names = ", ".join(f"{name} ({n:,})" for name, n in found.classes.items())
        st.write(plain(f"Classes: {names}."))
    for line in found.left_out:
        st.write(plain(line))
    with st.expander("How the images were understood, and what would be trained"):
        for line in [*found.understood, *found.proposal]:
            st.write(plain(line))


def _named(proposed: str) -> str | None:
    """Let the project be named; return the name when the button is pressed."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    name = left.text_input(
        "Name of the project",
        value=proposed,
        key=f"name-{proposed}",
        persist_state="session",
        help="It is kept in a folder of this name, below "
        f"{project_resources.PROJECTS.absolute()}.",
    )
    made = right.button(
        "Make the project", type="primary", icon=":material/check:", width="stretch"
    )
    return name if made else None


def _dropped():
    """Make a project of files that are dropped onto the page."""
    files = st.file_uploader(
        "Images, or archives of images",
        [*sorted(IMAGE_SUFFIXES), *ARCHIVES],
        accept_multiple_files=True,
        max_upload_size=UPLOAD_MB,
        key="dropped",
    )
    if not files:
        return
    name = _named("My images")
    if not name:
        return
    project = Project.create(project_resources.PROJECTS, name)
    done = _stored(project, files)
    if not done.stored:
        # A project without images is nobody's work.
        shutil.rmtree(project.folder, ignore_errors=True)
        reason = next(iter(done.left_out.values()), "they are empty")
        raise InputError(f"no image was found in these files: {reason}")
    if not done.left_out:
        _open(project)
    st.warning(
        f"{counted(len(done.stored), 'image')} stored, "
        f"{counted(len(done.left_out), 'file')} left out.",
        icon=":material/warning:",
    )
    with st.expander("What was left out, and why"):
        for file, reason in done.left_out.items():
            # Some reasons name the file.
            st.write(plain(reason if file in reason else f"{file}: {reason}"))
    address.link("label", "Go on with these", ":material/sell:", project=project.name)


def _stored(project: Project, files: list) -> Uploads:
    """Store files in a project; return what became of them."""
    done, bar = Uploads(), st.progress(0.0, "Storing the files")
    for start in range(0, len(files), AT_ONCE):
        part = add_uploads(project, files[start : start + AT_ONCE])
        done.stored += part.stored
        done.left_out |= part.left_out
        share = min(1.0, (start + AT_ONCE) / len(files))
        bar.progress(share, f"Storing the files: {len(done.stored):,} images")
    return done


def _opened(project: Project):
    """Return the images of a project, opened with a bar.

    Raises:
        InputError: If they cannot be opened.
    """
    desk, bar = project_resources.desk(project), st.progress(0.0, "Opening the images")
    while not desk.wait(0.2) and not desk.error:
        bar.progress(desk.done or 0.0, "Opening the images")
    if desk.images is None:
        raise InputError(desk.error)
    return desk.images


def _open(project: Project) -> None:
    """Go where a new project goes on."""
    address.go("label", project=project.name)
