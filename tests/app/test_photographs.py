"""The app with a model that tells photographs apart by features."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("streamlit", reason="the demo needs Streamlit")

from PIL import Image
from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "app" / "streamlit_app.py")


@pytest.fixture
def open_page(photo_run, tmp_path, monkeypatch):
    """Return a function that opens a page of the app; one run is there."""
    import streamlit as st

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("resources.saved_models", dict)
    shutil.copytree(photo_run, tmp_path / "runs" / "photos")
    st.cache_data.clear()
    st.cache_resource.clear()

    def open_page(name):
        app = AppTest.from_file(APP, default_timeout=60)
        app.switch_page(f"views/{name}.py")
        app.run()
        assert not app.exception, app.exception
        assert not app.error
        return app

    return open_page


@pytest.mark.parametrize("name", ["generate", "classify", "accuracy", "map"])
def test_pages_open(open_page, name):
    app = open_page(name)
    assert "Learned from" in app.sidebar.caption[0].value


def test_every_view_of_generated_photographs(open_page):
    app = open_page("generate")
    for view in app.segmented_control[0].options:
        app.segmented_control[0].set_value(view).run()
        assert not app.exception, app.exception
        assert not app.error


def test_photographs_are_not_drawn(open_page, photo_model):
    app = open_page("classify")
    assert app.segmented_control[0].options == ["Example", "Upload", "Camera"]
    said = [message.value for message in (*app.success, *app.warning, *app.error)]
    assert any(name in text for name in photo_model.class_names for text in said)


def test_every_page_works_without_the_images_of_the_model(
    open_page, tmp_path, photo_run
):
    from ssvae.config.toml import load_config

    dataset = Path(load_config(photo_run / "config.toml").dataset)
    aside = dataset.rename(dataset.with_name("aside"))
    try:
        for name in ("generate", "classify", "accuracy", "map"):
            open_page(name)
    finally:
        aside.rename(dataset)


def test_an_older_run_without_its_images_says_what_is_missing(
    open_page, tmp_path, photo_run
):
    from ssvae.config.toml import load_config

    (tmp_path / "runs" / "photos" / "shown.npz").unlink()
    dataset = Path(load_config(photo_run / "config.toml").dataset)
    aside = dataset.rename(dataset.with_name("aside"))
    try:
        app = AppTest.from_file(APP, default_timeout=60)
        app.switch_page("views/accuracy.py").run()
        assert "images of this model are not here" in app.error[0].value
    finally:
        aside.rename(dataset)
    # They are back: what the pages need is made, and kept.
    open_page("accuracy")
    assert (tmp_path / "runs" / "photos" / "shown.npz").exists()


def test_without_test_images_the_estimate_stands(open_page, tmp_path):
    import dataclasses
    import json

    from ssvae.runs.shown import TRAINING, load_shown

    run = tmp_path / "runs" / "photos"
    shown = load_shown(run)
    labels = np.full_like(shown.labels, -1)
    dataclasses.replace(shown, part=TRAINING, labels=labels).save(run / "shown.npz")
    metrics = json.loads((run / "metrics.json").read_text())
    metrics |= {
        "test_accuracy": None,
        "estimated_accuracy": 0.91,
        "estimated_accuracy_interval": [0.82, 0.97],
        "expected_with_more_labels": [],
    }
    (run / "metrics.json").write_text(json.dumps(metrics))
    app = open_page("accuracy")
    assert "91 % (82 to 97 %)" in app.info[0].value
    assert "--" not in app.info[0].value
    assert app.subheader[0].value == "What it is least sure of"


class Uploaded:
    """A file as the page gets it."""

    def __init__(self, pixels):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        self.getvalue, self.name = file.getvalue, "photo.png"


@pytest.mark.parametrize("size", [(24, 24), (300, 200), (40, 90)], ids=str)
def test_uploaded_photographs_of_any_size_are_classified(photo_run, photo_model, size):
    import choosing

    pixels = np.random.default_rng(0).integers(0, 90, (*size, 3), dtype=np.uint8)
    pixels[..., 1] += 90
    image = choosing.read(photo_run, Uploaded(pixels)).seen
    assert image.shape == photo_model.image_shape
    best = photo_model.predict_proba(image[None])[0].argmax()
    assert photo_model.class_names[best] == "green"


def test_large_images_are_zoomed_less(monkeypatch):
    import widgets

    monkeypatch.setattr("widgets.is_dark", lambda: False)
    for side, zoomed in ((28, 140), (32, 160), (64, 128), (200, 200), (224, 224)):
        picture = widgets.grid(np.zeros((1, 1, side, side, 3)), zoom=5)
        assert picture.size == (zoomed, zoomed)


def test_the_images_of_a_model_become_a_project_with_its_labels(photo_run, open_page):
    from ssvae.projects.project import Project

    open_page("label")
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["model"] = "photos"
    app.switch_page("views/label.py").run()
    (button,) = [b for b in app.button if b.label == "Label the images of photos"]
    button.click().run()
    assert not app.exception, app.exception
    state = Project.open(Path("projects") / "photos").state()
    given = json.loads((photo_run / "labels.json").read_text())
    assert len(state.labels) == len(given["indices"]) > 0
    assert app.query_params["project"] == "photos"
    assert app.title[0].value == "Label"
