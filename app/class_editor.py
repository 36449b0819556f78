"""Fields of the page Label that change classes, and that take labels in and out."""

import time
from collections.abc import Callable

import streamlit as st

from ssvae.errors import InputError
from ssvae.projects.classes import (
    add_class,
    merge_classes,
    remove_class,
    rename_class,
    set_color,
    set_key,
)
from ssvae.projects.desk import Desk
from ssvae.projects.project import Project
from ssvae.projects.state import KEYS, State
from ssvae.projects.tables import as_csv, labels_from_source, read_labels, rows_of
from words import counted, plain

# Where the outcome of a button is kept: text, whether it is an error, and when it was;
# and seconds in which the page shows it.
SAID, SHOWN = "label-said", 12.0
# Where the number of the tables that were taken is kept.
TABLES = "label-tables"


def said() -> None:
    """Show what became of the last button, for a while."""
    text, is_error, since = st.session_state.get(SAID, ("", False, 0.0))
    # The desk runs the page anew at any time: once would be too short to read.
    if time.monotonic() - since > SHOWN:
        return
    if is_error:
        st.error(plain(text), icon=":material/error:")
    elif text:
        st.success(plain(text), icon=":material/check:")


def try_to(do: Callable[[], object]) -> None:
    """Do something before the page runs, and keep what to say about it."""
    now = time.monotonic()
    try:
        done = do()
        st.session_state[SAID] = (done if isinstance(done, str) else ""), False, now
    except InputError as error:
        text = str(error)
        st.session_state[SAID] = f"{text[:1].upper()}{text[1:]}.", True, now


def edit_classes(project: Project, state: State) -> None:
    """Let classes be added, renamed, merged, colored, removed and given keys."""
    with st.popover("Classes", icon=":material/palette:"):
        _add(project)
        names = {one.id: one.name for one in state.classes}
        if not names:
            return
        class_id = st.selectbox(
            "Change the class", list(names), format_func=names.get, key="edited"
        )
        one = state.class_of(class_id)
        if one is None:
            return
        # Another class, or another value of it, is another field.
        mark = f"{class_id}-{state.num_actions}"

        def changes(key, change):
            """Return what a field needs to change the class before the page runs."""

            def do():
                change(project, class_id, st.session_state[f"{key}-{mark}"])

            return {"key": f"{key}-{mark}", "on_change": try_to, "args": (do,)}

        st.text_input("Its name", one.name, **changes("name", rename_class))
        st.color_picker("Its color", one.color, **changes("color", set_color))
        keys = ["", *KEYS]
        st.selectbox(
            "Its key",
            keys,
            keys.index(one.key),
            format_func=lambda key: key or "none",
            **changes("key", set_key),
        )
        _end(project, state, one, names)


def _add(project):
    """Let classes be added, several at once."""

    def add():
        for name in st.session_state["new-classes"].splitlines():
            if name.strip():
                add_class(project, name)

    with st.form("add-classes", clear_on_submit=True, border=False):
        st.text_area("New classes, one per line", key="new-classes", height=96)
        st.form_submit_button(
            "Add", on_click=try_to, args=(add,), icon=":material/add:"
        )


def _end(project, state, one, names):
    """Let a class be made one with another, or removed.

    Buttons have keys: their words hold names, and a click on a button whose words have
    just changed would be lost.
    """
    count = sum(class_id == one.id for class_id in state.labels.values())
    others = {key: name for key, name in names.items() if key != one.id}
    if others:
        into = st.selectbox(
            f"Give its {counted(count, 'label')} to",
            list(others),
            format_func=others.get,
            key=f"into-{one.id}",
        )
        st.button(
            f"Merge {plain(one.name)} into {plain(others[into])}",
            on_click=try_to,
            args=(lambda: merge_classes(project, one.id, into) and "",),
            key=f"merge-{one.id}",
            icon=":material/merge:",
        )
    st.button(
        f"Remove {plain(one.name)} and {counted(count, 'label')}",
        on_click=try_to,
        args=(lambda: remove_class(project, one.id),),
        key=f"remove-{one.id}",
        icon=":material/delete:",
        help="The images become unlabeled. Undo brings all back.",
    )


def exchange(project: Project, desk: Desk, state: State) -> None:
    """Let labels be downloaded as a table, and taken from one."""
    with st.popover("Labels as a table", icon=":material/table:"):
        rows = rows_of(state)
        st.download_button(
            f"Download {counted(len(rows), 'label')}",
            as_csv(rows).encode("utf-8", "surrogateescape"),
            f"{project.name}-labels.csv",
            "text/csv",
            on_click="ignore",
            disabled=not rows,
            icon=":material/download:",
        )
        st.caption("A CSV table with the columns file and label.")
        # Another number is an empty field: the same file can be taken again.
        number = st.session_state.get(TABLES, 0)

        def take():
            table = st.session_state[f"table-{number}"]
            st.session_state[TABLES] = number + 1
            try:
                return read_labels(project, desk.images, table.getvalue())
            except InputError as error:
                if "--" not in str(error):
                    raise
                # Its advice names flags of commands, which the page does not have.
                raise InputError(
                    f"the table {table.name!r} cannot be read: need a column file with "
                    f"names such as {desk.images.names[0]}, and a column label"
                ) from None

        st.file_uploader(
            "Take labels from a table",
            ["csv", "tsv", "txt"],
            key=f"table-{number}",
            on_change=try_to,
            args=(take,),
        )
        if len(desk.images.dataset.labeled):
            st.button(
                "Take the classes of the folders",
                on_click=try_to,
                args=(lambda: labels_from_source(project, desk.images),),
                icon=":material/folder:",
                help="The names or folders of these images tell their classes. Labels "
                "that were given here stay.",
            )
