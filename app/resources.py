"""Models, data sets and the answers of models, cached while pages use them."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import streamlit as st

import ssvae
from ssvae.cli import sources
from ssvae.data.reading.brought import Brought
from ssvae.errors import InputError
from ssvae.evaluation.examples import examples_of_run
from ssvae.evaluation.examples import with_places as with_map
from ssvae.evaluation.unusual import Usual
from ssvae.projects.project import MODELS_FOLDER
from ssvae.runs.background import Background
from ssvae.runs.folder import SHOWN_FILE
from ssvae.runs.shown import Shown, load_shown
from ssvae.saving.find import MODEL_FILE, saved_models

# Folder of this checkout, folders of runs and of projects in the working directory,
# and the model that a visitor sees first.
ROOT = Path(__file__).resolve().parent.parent
RUNS = Path("runs")
PROJECTS = Path("projects")
FIRST = "mnist-100"
# Longer side of images in tables and on the map, pixels, at most: a page holds many.
THUMBNAIL = 64


def models() -> dict[str, Path]:
    """Return the folder of every model by name.

    Shipped models come first, with `FIRST` ahead of all, then runs and the models of
    projects, the newest first. Those of a project are named by it: "project/model".
    """
    places = {path.parent.name: path.parent for path in RUNS.glob(f"*/{MODEL_FILE}")}
    for path in PROJECTS.glob(f"[!.]*/{MODELS_FOLDER}/*/{MODEL_FILE}"):
        project, _, name, _ = path.relative_to(PROJECTS).parts
        places[f"{project}/{name}"] = path.parent
    found = {
        name: (folder.stat().st_mtime, folder)
        for name, folder in places.items()
        if not folder.name.startswith(".")
    }
    newest = sorted(found, key=lambda name: found[name][0], reverse=True)
    shipped = sorted(saved_models().items(), key=lambda item: item[0] != FIRST)
    return dict(shipped) | {name: found[name][1] for name in newest}


def load(folder: Path) -> ssvae.SSVAE:
    """Return the model of a run folder; see `ssvae.load_model`."""
    return _load(str(folder), _version(folder))


@st.cache_resource(max_entries=3, show_spinner="Starting TensorFlow …")
def _load(folder, version):
    return ssvae.load_model(folder)


@st.cache_data(max_entries=8, show_spinner=False)
def _metrics(folder, version):
    return json.loads((Path(folder) / "metrics.json").read_text(encoding="utf-8"))


def metrics(folder: Path) -> dict:
    """Return the content of a run's `metrics.json`."""
    return _metrics(str(folder), _version(folder))


def brought(folder: Path) -> Brought:
    """Return what pictures and drawings are brought to before a model sees them."""
    return _brought(str(folder), _version(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def _brought(folder, version):
    return sources.brought(load(Path(folder)), folder)


def usual(folder: Path) -> Usual:
    """Return what is usually on the images of a model."""
    return _usual(str(folder), _version(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def _usual(folder, version):
    return Usual.of(load(Path(folder)), folder)


def shown(folder: Path) -> Shown:
    """Return the images and answers that pages show of a run.

    What a run of an older version lacks is made from the images that it learned from,
    and kept in its folder.

    Raises:
        InputError: If it lacks them, and the images are not on this machine.
    """
    return _shown(str(folder), _version(folder, SHOWN_FILE), _version(folder))


@st.cache_resource(max_entries=4, show_spinner="Looking at the model's images …")
def _shown(folder, version, model_version):
    kept = load_shown(folder)
    if kept is not None:
        return kept
    model = load(Path(folder))
    try:
        made = examples_of_run(model, Path(folder))
    except InputError:
        raise InputError(
            "the images of this model are not here: it was trained by an older "
            f"version, which kept none, on {model.config.dataset!r}; put them there "
            "again, or choose another model"
        ) from None
    _keep(made, folder)
    return made


def with_places(folder: Path) -> Shown:
    """Return the same with the places of the images on the map.

    Raises:
        InputError: See `shown`; or there are too few images for a map.
    """
    known = shown(folder)
    if known.places is not None:
        return known
    return _with_places(str(folder), _version(folder))


@st.cache_resource(
    max_entries=4, show_spinner="Making the map. It takes seconds, and is kept …"
)
def _with_places(folder, version):
    made = with_map(load(Path(folder)), shown(Path(folder)))
    _keep(made, folder)
    return made


def _keep(made, folder):
    """Write what was made into the run folder, if that can be written to."""
    with contextlib.suppress(InputError, OSError):
        made.save(Path(folder) / SHOWN_FILE)


def background() -> Background:
    """Return the object that starts and watches the run in the background."""
    return Background(RUNS / ".background")


def _version(folder, name=MODEL_FILE):
    """Return a number that changes when a file of a run folder is replaced."""
    try:
        return (Path(folder) / name).stat().st_mtime_ns
    except OSError:
        return 0
