"""Models, data sets and the answers of models, cached while pages use them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import streamlit as st

import ssvae
from ssvae.data import Dataset, is_named, open_dataset
from ssvae.data.drawing import Layout, layout_of
from ssvae.data.images import as_floats
from ssvae.errors import InputError
from ssvae.evaluation.codes import MAP_POINTS, embed, map_codes
from ssvae.files.pictures import as_url
from ssvae.generate import FEW_IMAGES, MANY_IMAGES, active_dimensions
from ssvae.runs.background import Background
from ssvae.runs.labeling import LabelsFile, read_suggestions
from ssvae.saving.find import MODEL_FILE, saved_models

# Folder of this checkout, folder of new runs, and the model that a visitor sees first.
ROOT = Path(__file__).resolve().parent.parent
RUNS = Path("runs")
FIRST = "mnist-100"
# Longer side of images in tables and on the map, pixels, at most: a page holds many.
THUMBNAIL = 64


def models() -> dict[str, Path]:
    """Return the folder of every model by name.

    Shipped models come first, with `FIRST` ahead of all, then runs, the newest first.
    """
    runs = [path.parent for path in RUNS.glob(f"*/{MODEL_FILE}")]
    runs.sort(key=lambda folder: -folder.stat().st_mtime)
    names = {folder.name: folder for folder in runs if not folder.name.startswith(".")}
    shipped = sorted(saved_models().items(), key=lambda item: item[0] != FIRST)
    return dict(shipped) | names


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


def _data_of(config):
    """Return the settings of a config that its data set depends on, as a cache key."""
    split = (config.test_fraction, config.seed) if config.test_fraction else ()
    files = config.image_size, config.labels_csv, config.skip_broken
    return config.dataset, config.data_dir, files, split, config.left_out


def may_be_here(config: ssvae.Config) -> bool:
    """Return whether a model's images may be on this machine: not if a path is gone."""
    return is_named(config.dataset) or Path(config.dataset).expanduser().exists()


BY_DATA = {ssvae.Config: _data_of}

# Height and width of a model's images, pixels; None for what its config says.
Size = tuple[int, int] | None


@st.cache_resource(max_entries=2, show_spinner="Reading images …", hash_funcs=BY_DATA)
def dataset(config: ssvae.Config, size: Size = None) -> Dataset:
    """Return the data set that a config names, without the class that it leaves out.

    Args:
        config: The model's `Config`.
        size: Height and width of the model's images: files that have changed since are
            brought to it.

    Raises:
        InputError: If its files are not on this machine.
    """
    if not may_be_here(config):
        raise InputError(
            "the images that this model learned from are not here: need "
            f"{config.dataset!r}, a path from where the app was started"
        )
    return open_dataset(config, size=size).without(config.left_out)


@st.cache_resource(
    max_entries=2, show_spinner="Reading test images …", hash_funcs=BY_DATA
)
def test_part(config: ssvae.Config, size: Size = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the test part of a data set, see `dataset`: uint8 images, and classes."""
    return dataset(config, size).test_part()


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=BY_DATA)
def layout(config: ssvae.Config, size: Size = None) -> Layout:
    """Return how a data set's images are laid out; drawings are laid out like them."""
    return layout_of(dataset(config, size).images[:1000])


def predictions(folder: Path) -> np.ndarray:
    """Return calibrated class probabilities of the test part, `(m, num_classes)`."""
    return _predictions(str(folder), _version(folder))


@st.cache_data(max_entries=4, show_spinner="Classifying the test images …")
def _predictions(folder, version):
    model = load(folder)
    images, _ = test_part(model.config, model.image_shape[:2])
    return model.predict_proba(images)


def active(folder: Path) -> np.ndarray:
    """Return the indices of the latent variables in use, the most active first."""
    return _active(str(folder), _version(folder))


@st.cache_data(max_entries=4, show_spinner=False)
def _active(folder, version):
    model = load(folder)
    count = FEW_IMAGES if model.has_features else MANY_IMAGES
    images = dataset(model.config, model.image_shape[:2]).images
    return active_dimensions(model, images[:count])


def places(folder: Path) -> np.ndarray:
    """Return the places of the first `MAP_POINTS` test images on the map, `(n, 2)`."""
    return _places(str(folder), _version(folder))


@st.cache_data(
    max_entries=4,
    persist="disk",
    show_spinner="Computing the map: half a minute, only once per model …",
)
def _places(folder, version):
    model = load(folder)
    images, _ = test_part(model.config, model.image_shape[:2])
    return map_codes(embed(model, images[:MAP_POINTS]))


@st.cache_data(max_entries=2, show_spinner=False, hash_funcs=BY_DATA)
def thumbnails(config: ssvae.Config, size: Size = None) -> list[str]:
    """Return the first `MAP_POINTS` test images, one URL per image that holds it."""
    images, _ = test_part(config, size)
    return [as_url(as_floats(image), THUMBNAIL) for image in images[:MAP_POINTS]]


def to_label(folder: Path) -> list[int]:
    """Return indices of training images that a run suggests to label, best first."""
    return _to_label(str(folder), _version(folder))


@st.cache_data(max_entries=4, show_spinner="Choosing images to label …")
def _to_label(folder, version):
    return read_suggestions(folder)


def labels_file(folder: Path) -> LabelsFile:
    """Return the file that stores a run's labels and the labels added to them."""
    return LabelsFile(RUNS / "labels" / f"{Path(folder).name}.json", folder)


def background() -> Background:
    """Return the object that starts and watches the run in the background."""
    return Background(RUNS / ".background")


def _version(folder):
    """Return a number that changes when the model of a run folder is replaced."""
    try:
        return (Path(folder) / MODEL_FILE).stat().st_mtime_ns
    except OSError:
        return 0
