"""What the pages open, kept while it is in use: models, data, what models say of it."""

import json
from pathlib import Path

import numpy as np
import streamlit as st

import ssvae
from ssvae.data import open_dataset
from ssvae.data.drawing import layout_of
from ssvae.data.images import as_floats
from ssvae.evaluation.codes import MAP_POINTS, embed, map_codes
from ssvae.files.pictures import as_url
from ssvae.generate import active_dimensions
from ssvae.runs.background import Background
from ssvae.runs.labeling import LabelsFile, read_suggestions
from ssvae.saving.find import MODEL_FILE, saved_models

ROOT = Path(__file__).resolve().parent.parent
RUNS = Path("runs")
FIRST = "mnist-100"


def models() -> dict[str, Path]:
    """Return every model by name: the shipped ones, then runs, newest first.

    The one to begin with, `FIRST`, comes first of all.
    """
    runs = [path.parent for path in RUNS.glob(f"*/{MODEL_FILE}")]
    runs.sort(key=lambda folder: -folder.stat().st_mtime)
    names = {folder.name: folder for folder in runs if not folder.name.startswith(".")}
    shipped = sorted(saved_models().items(), key=lambda item: item[0] != FIRST)
    return dict(shipped) | names


def load(folder):
    """Return the model of a run folder; see `ssvae.load_model`."""
    return _load(str(folder), _version(folder))


@st.cache_resource(max_entries=3, show_spinner="Starting TensorFlow …")
def _load(folder, version):
    return ssvae.load_model(folder)


@st.cache_data(max_entries=8, show_spinner=False)
def _metrics(folder, version):
    return json.loads((Path(folder) / "metrics.json").read_text(encoding="utf-8"))


def metrics(folder) -> dict:
    """Return what a run's `metrics.json` holds."""
    return _metrics(str(folder), _version(folder))


def _data_of(config):
    """Return what a config says of its data set, to keep the set by."""
    split = (config.test_fraction, config.seed) if config.test_fraction else ()
    files = config.image_size, config.labels_csv, config.skip_broken
    return config.dataset, config.data_dir, files, split, config.left_out


BY_DATA = {ssvae.Config: _data_of}


@st.cache_resource(max_entries=2, show_spinner="Reading images …", hash_funcs=BY_DATA)
def dataset(config):
    """Return the data set that a config names, without the class that it leaves out."""
    return open_dataset(config).without(config.left_out)


@st.cache_resource(
    max_entries=2, show_spinner="Reading test images …", hash_funcs=BY_DATA
)
def test_part(config):
    """Return the test part of a config's data set: uint8 images and classes."""
    return dataset(config).test_part()


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=BY_DATA)
def layout(config):
    """Return how a data set's images are laid out, for drawings to be like them."""
    return layout_of(dataset(config).images[:1000])


def predictions(folder) -> np.ndarray:
    """Return the calibrated probabilities of the test part, `(m, num_classes)`."""
    return _predictions(str(folder), _version(folder))


@st.cache_data(max_entries=4, show_spinner="Classifying the test images …")
def _predictions(folder, version):
    model = load(folder)
    images, _ = test_part(model.config)
    return model.predict_proba(images)


def active(folder) -> np.ndarray:
    """Return the dimensions of z that a model uses, the most active first."""
    return _active(str(folder), _version(folder))


@st.cache_data(max_entries=4, show_spinner=False)
def _active(folder, version):
    model = load(folder)
    return active_dimensions(model, dataset(model.config).images[:2000])


def places(folder):
    """Return test images' places in the plane, `(n, 2)`, of the first `MAP_POINTS`."""
    return _places(str(folder), _version(folder))


@st.cache_data(
    max_entries=4,
    persist="disk",
    show_spinner="Laying out the map, once for every model: about half a minute …",
)
def _places(folder, version):
    model = load(folder)
    images, _ = test_part(model.config)
    return map_codes(embed(model, images[:MAP_POINTS]))


@st.cache_data(max_entries=2, show_spinner=False, hash_funcs=BY_DATA)
def thumbnails(config) -> list[str]:
    """Return URLs that hold the first `MAP_POINTS` test images."""
    images, _ = test_part(config)
    return [as_url(image) for image in as_floats(images[:MAP_POINTS])]


def to_label(folder) -> list[int]:
    """Return training images that a run suggests to label next, the best first."""
    return _to_label(str(folder), _version(folder))


@st.cache_data(max_entries=4, show_spinner="Looking for what to label …")
def _to_label(folder, version):
    return read_suggestions(folder)


def labels_file(folder) -> LabelsFile:
    """Return the file that takes labels added to those of a run."""
    return LabelsFile(RUNS / "labels" / f"{Path(folder).name}.json", folder)


def background() -> Background:
    """Return what knows of the run in the background."""
    return Background(RUNS / ".background")


def _version(folder):
    """Return what changes when a run folder is written anew."""
    try:
        return (Path(folder) / MODEL_FILE).stat().st_mtime_ns
    except OSError:
        return 0
