"""All projects of a folder, for a page that lists them."""

from dataclasses import dataclass
from pathlib import Path

from ssvae.errors import InputError
from ssvae.projects.kept import count
from ssvae.projects.project import ABOUT_FILE, CONFIG_FILE, COVER_FILE, Project


@dataclass(frozen=True)
class Summary:
    """A project in a list.

    Attributes:
        name: Its name.
        folder: Its folder.
        images: Number of images; None if nobody has opened them yet.
        labels: Number of labeled images, those that show none of the classes included.
        classes: Number of classes.
        models: Number of trained models.
        changed: When something was last done in it, seconds since 1970.
        cover: Path of a picture of some images; None if there is none.
        problem: Why it cannot be opened; "" if it can.
    """

    name: str
    folder: Path
    images: int | None = None
    labels: int = 0
    classes: int = 0
    models: int = 0
    changed: float = 0.0
    cover: Path | None = None
    problem: str = ""


def list_projects(parent: Path) -> list[Summary]:
    """Return the projects in a folder, the one that was changed last first.

    Args:
        parent: Path of the folder of all projects, which may be missing.

    Raises:
        InputError: If the folder may not be read.
    """
    try:
        folders = [path.parent for path in parent.glob(f"[!.]*/{ABOUT_FILE}")]
    except OSError as error:
        raise InputError(
            f"cannot read {str(parent)!r}: {error.strerror}: start the app in a folder "
            "that it may read"
        ) from None
    return sorted(map(_summary, folders), key=lambda one: (-one.changed, one.name))


def _summary(folder):
    """Return what is known of one project, or why it cannot be opened."""
    try:
        project = Project.open(folder)
        state = project.state()
    except InputError as error:
        return Summary(folder.name, folder, problem=str(error))
    cover = folder / COVER_FILE
    return Summary(
        project.name,
        folder,
        count(project.cache),
        len(state.labels),
        len(state.classes),
        len(project.models()),
        _changed(project),
        cover if cover.exists() else None,
    )


def _changed(project):
    """Return when something was last done in a project, seconds since 1970."""
    times = [0.0]
    models = list(project.models().values())
    for path in (project.journal.path, project.folder / CONFIG_FILE, *models):
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            continue
    return max(times)
