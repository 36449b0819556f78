"""How a model of a project is trained: its labels in a file, and the flags."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import UNLABELED, save_labels
from ssvae.data.reading.understood import understood
from ssvae.data.tables.missing import NONE_OF_THESE
from ssvae.errors import InputError
from ssvae.files.atomic import cannot_write, new_file, replaced
from ssvae.projects.images import Images
from ssvae.projects.places import SETTINGS
from ssvae.projects.project import MODELS_FOLDER, Project, checked_name
from ssvae.projects.stamp import place_of
from ssvae.projects.tables import FILE_COLUMN, LABEL_COLUMN, as_csv, rows_of

# Folder of the labels that each model was trained with.
LABELS_FOLDER = "training"
# Settings of tables of labels: the project's own table takes their place.
OF_TABLES = ("labels_csv", "file_column", "label_column", "label_from", "class_depth")


def training_flags(project: Project, images: Images, name: str) -> list[str]:
    """Return the flags of `ssvae.train` for a model of a project, without `--out`.

    All labels are used, and all other images are unlabeled. If the project keeps a part
    of the labels for testing, it is drawn from what people labeled. The labels are
    written into the project: what is labeled later changes no run that has begun.

    Args:
        project: The project.
        images: Its images.
        name: Name of the model, for the file of its labels; see `model_folder`.

    Raises:
        InputError: If fewer than two classes have labels, or there is no room.
    """
    state = project.state()
    labels = state.labels_of(images.names)
    if len(np.unique(labels[labels != UNLABELED])) < 2:
        raise InputError(
            "a model needs labels of two classes or more: label some images of each "
            "class first"
        )
    folder = project.folder / LABELS_FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from None
    config = project.config
    if images.dataset.read_test is not None:
        # The images have a test part of their own.
        config = config.replace(test_fraction=0.0)
    if images.dataset.files:
        flags = _by_table(project, images, state, folder / f"{name}.csv")
        return [*flags, *_as_flags(config, SETTINGS)]
    if _named_alike(state, images, labels) and not config.test_fraction:
        flags = _by_draw(project, images, state, labels, folder / f"{name}.json")
        return [*flags, *_as_flags(config, SETTINGS)]
    flags = _by_arrays(images, state, labels, folder / f"{name}.npz")
    return [*flags, *_as_flags(config, ("test_fraction",))]


def _as_flags(config, names):
    """Return flags for settings that are not as usual, without those of tables."""
    usual, flags = Config(), []
    for name in names:
        value = getattr(config, name)
        if name in (*OF_TABLES, "dataset") or value == getattr(usual, name):
            continue
        flag = f"--{name.replace('_', '-')}"
        flags += [flag] if value is True else [flag, str(value)]
    return flags


def model_folder(project: Project, name: str) -> Path:
    """Return where the run folder of a model of a project will be.

    Args:
        project: The project.
        name: Name of the model.

    Raises:
        InputError: If no folder can have the name, or a model has it.
    """
    folder = project.folder / MODELS_FOLDER
    return folder / checked_name(name, folder, "model")


def free_name(project: Project) -> str:
    """Return a name for the next model: "model-1" and so on."""
    folder, number = project.folder / MODELS_FOLDER, 1
    taken = {path.name.strip(".").partition(".")[0] for path in folder.glob("*")}
    while f"model-{number}" in taken:
        number += 1
    return f"model-{number}"


def _from_cwd(path: str | Path) -> str:
    """Return a path as seen from the working directory, if it is below it.

    A run folder finds its data again when all of it moves together.
    """
    absolute = Path(path).absolute()
    try:
        return str(absolute.relative_to(Path.cwd()))
    except ValueError:
        return str(absolute)


def _by_table(project, images, state, path):
    """Return flags with the labels in a table of files."""
    text = as_csv(
        [*rows_of(state, images.names), *_of_test_part(project, images, state)]
    )
    with new_file(path, overwrite=True) as partial:
        partial.write_text(text, "utf-8", "surrogateescape", newline="")
    return [
        *("--dataset", _from_cwd(place_of(project.config) or "")),
        *("--labels-csv", _from_cwd(path)),
        *("--file-column", FILE_COLUMN, "--label-column", LABEL_COLUMN),
        *("--labels", "all"),
    ]


def _of_test_part(project, images, state):
    """Return the rows of the table for a test part that the source labels.

    Without them its images would be unlabeled images to train on.
    """
    if images.dataset.read_test is None:
        return []
    path = Path(project.config.dataset).expanduser()
    part = understood(path, project.config, lambda line: None).part("test")
    names = _names_now(images, state)
    return [
        (entry.name, names.get(name, name))
        for entry, name in zip(part.entries, part.classes, strict=True)
        if name
    ]


def _names_now(images, state):
    """Return what people call the classes of the source, where they renamed them.

    A class of the source is the one that most of its labeled images have got.
    """
    source, now = images.dataset.labels, state.labels_of(images.names)
    both = np.flatnonzero((source != UNLABELED) & (now != UNLABELED))
    votes = Counter(zip(source[both].tolist(), now[both].tolist(), strict=True))
    names: dict[str, str] = {}
    for (old, new), _ in votes.most_common():
        names.setdefault(images.dataset.class_names[old], state.classes[new].name)
    return names


def _named_alike(state, images, labels):
    """Return whether the source knows every class that has labels."""
    used = {state.classes[one].name for one in np.unique(labels[labels != UNLABELED])}
    return used <= set(images.dataset.class_names)


def _by_draw(project, images, state, labels, path):
    """Return flags with the labels as numbers of images, for images that are no files.

    The data set keeps its name and its test part.
    """
    rows = np.flatnonzero(labels != UNLABELED)
    names = images.dataset.class_names
    classes = [names.index(state.classes[one].name) for one in labels[rows]]
    outside = np.flatnonzero(state.is_none(images.names))
    dataset = replace(images.dataset.with_labels(rows, classes), outside=outside)
    with replaced(path) as partial:
        save_labels(partial, dataset)
    place = project.config.dataset
    if place_of(project.config):
        place = _from_cwd(place)
    return ["--dataset", place, "--labels-file", _from_cwd(path)]


def _by_arrays(images, state, labels, path):
    """Return flags with images and labels in one file, for other class names."""
    dataset = images.dataset
    none = state.is_none(images.names)
    texts = np.array([*(one.name for one in state.classes), ""])[labels]
    texts = np.where(none, NONE_OF_THESE, texts)
    arrays = {"x": dataset.images, "y": texts}
    if dataset.read_test is not None:
        names = _names_now(images, state)
        known = [names.get(name, name) for name in dataset.class_names]
        # Those that are not learned count as unlabeled.
        known = [name if name in texts else "" for name in known]
        test_images, test_labels = dataset.read_test()
        arrays |= {"x_test": test_images, "y_test": np.array([*known, ""])[test_labels]}
    try:
        with replaced(path) as partial, open(partial, "wb") as file:
            np.savez(file, **arrays)
    except OSError as error:
        raise cannot_write(path, error) from None
    return ["--dataset", _from_cwd(path), "--labels", "all"]
