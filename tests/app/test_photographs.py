"""The app with a model that tells photographs apart by features."""

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("streamlit", reason="the demo needs Streamlit")

from PIL import Image
from streamlit.testing.v1 import AppTest

from ssvae.errors import InputError

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
    assert "apart by gradients, color" in app.sidebar.caption[0].value


def test_every_view_of_generated_photographs(open_page):
    app = open_page("generate")
    for view in app.segmented_control[0].options:
        app.segmented_control[0].set_value(view).run()
        assert not app.exception, app.exception
        assert not app.error


def test_photographs_are_not_drawn(open_page, photo_model):
    app = open_page("classify")
    assert app.segmented_control[0].options == ["Test image", "Upload"]
    said = [message.value for message in (*app.success, *app.warning)]
    assert any(name in text for name in photo_model.class_names for text in said)


def test_a_model_whose_images_are_gone_takes_uploads(open_page, tmp_path, photo_run):
    from ssvae.config.toml import load_config

    dataset = Path(load_config(photo_run / "config.toml").dataset)
    aside = dataset.rename(dataset.with_name("aside"))
    try:
        app = open_page("classify")
        assert app.segmented_control[0].options == ["Upload"]
        assert "Choose a file" in app.info[0].value
        app.switch_page("views/map.py").run()
        assert "images that this model learned from are not here" in app.error[0].value
    finally:
        aside.rename(dataset)


class Uploaded:
    """A file as the page gets it."""

    def __init__(self, pixels):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        self.getvalue, self.name = file.getvalue, "photo.png"


@pytest.mark.parametrize("size", [(24, 24), (300, 200), (40, 90)], ids=str)
def test_uploaded_photographs_of_any_size_are_classified(photo_model, size):
    from widgets import uploaded

    pixels = np.random.default_rng(0).integers(0, 90, (*size, 3), dtype=np.uint8)
    pixels[..., 1] += 90
    image = uploaded(photo_model, Uploaded(pixels))
    assert image.shape == photo_model.image_shape
    best = photo_model.predict_proba(image[None])[0].argmax()
    assert photo_model.class_names[best] == "green"


def test_an_uploaded_photograph_of_nothing_is_refused(photo_model):
    from widgets import uploaded

    with pytest.raises(InputError, match="nothing is on the picture"):
        uploaded(photo_model, Uploaded(np.full((50, 40, 3), 70, np.uint8)))


def test_large_images_are_zoomed_less(monkeypatch):
    import widgets

    monkeypatch.setattr("widgets.is_dark", lambda: False)
    for side, zoomed in ((28, 140), (32, 160), (64, 128), (200, 200), (224, 224)):
        picture = widgets.grid(np.zeros((1, 1, side, side, 3)), zoom=5)
        assert picture.size == (zoomed, zoomed)


def test_small_pictures_stand_for_photographs_on_the_map(open_page, photographs):
    import resources
    from ssvae.config.settings import Config

    config = Config(dataset=str(photographs), image_size=24, test_fraction=0.2)
    urls = resources.thumbnails(config, (200, 200))
    assert resources.dataset(config, (200, 200)).image_shape == (200, 200, 3)
    assert len(urls) == 18
    picture = Image.open(io.BytesIO(base64.b64decode(urls[0].partition(",")[2])))
    assert picture.size == (64, 64)
