"""The project of a model that was trained outside of one: its images and labels."""

from __future__ import annotations

from pathlib import Path

from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data import open_dataset, read_labels
from ssvae.errors import InputError
from ssvae.projects.images import Images
from ssvae.projects.kept import names_of
from ssvae.projects.listing import list_projects
from ssvae.projects.places import SETTINGS, absolute
from ssvae.projects.project import ABOUT_FILE, MODELS_FOLDER, Project
from ssvae.projects.stamp import place_of
from ssvae.projects.tables import take
from ssvae.runs.source import located

# File of a run folder with the labels of the training.
LABELS_FILE = "labels.json"


def project_of_model(parent: Path, run: Path) -> tuple[Project, bool]:
    """Return the project of the images that a model was trained on.

    A model that was trained in a project belongs to it. For another one a project is
    made, unless there is one of the same images.

    Args:
        parent: Path of the folder of all projects.
        run: Path of the model's run folder.

    Returns:
        The project, and whether it is new: then it has no labels yet, see
        `labels_of_model`.

    Raises:
        InputError: If the images of the model are not on this machine.
    """
    run = Path(run).absolute()
    if run.parent.name == MODELS_FOLDER and (run.parent.parent / ABOUT_FILE).exists():
        return Project.open(run.parent.parent), False
    config = _config(run)
    dataset = absolute(config)["dataset"]
    for known in list_projects(parent):
        if not known.problem:
            project = Project.open(known.folder)
            if project.config.dataset == dataset:
                return project, False
    name, number = run.name.strip(".") or "images", 2
    while (parent / name).exists():
        name, number = f"{run.name} {number}", number + 1
    return Project.create(parent, name, config), True


def labels_of_model(project: Project, images: Images, run: Path) -> str:
    """Take the labels that a model was trained with into a project of its images.

    Labels that people gave stay as they are.

    Args:
        project: The project.
        images: Its images.
        run: Path of the model's run folder.

    Returns:
        A sentence of what was taken.

    Raises:
        InputError: If the labels cannot be read, or are not about these images.
    """
    config = _config(Path(run))
    dataset = open_dataset(config)
    rows, classes = read_labels(Path(run) / LABELS_FILE, dataset)
    if not dataset.files and config.test_fraction:
        raise InputError(
            "the labels of this model are numbers of images, and some images were held "
            "back for testing: nobody knows which they were; label the images anew"
        )
    names = names_of(dataset, place_of(config) or Path())
    known = set(images.names)
    given = {
        names[row]: dataset.class_names[one]
        for row, one in zip(rows.tolist(), classes.tolist(), strict=True)
        if names[row] in known
    }
    return take(project, given, f"They are those of the model {Path(run).name!r}")


def _config(run: Path) -> Config:
    """Return how the images of a model were read, with paths that are right here."""
    config = located(load_config(run / "config.toml"), run)
    return Config(**{name: getattr(config, name) for name in SETTINGS})
