"""Each page's logic, without a browser; see tests/browser for the clicks."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("streamlit", reason="the demo needs Streamlit")

from streamlit.testing.v1 import AppTest

from ssvae.runs.folder import partial_folder

APP = str(Path(__file__).parents[2] / "app" / "streamlit_app.py")
PAGES = ("generate", "classify", "accuracy", "map", "train")


def quick_map(model, shown):
    """Place images somewhere: to place them well takes seconds."""
    places = np.random.default_rng(0).uniform(size=(shown.num_drawn, 2))
    return shown.with_places(places.astype(np.float32))


@pytest.fixture
def runs(small_run, tmp_path, monkeypatch):
    """A folder of runs of which one is there, in the working directory."""
    import streamlit as st

    monkeypatch.chdir(tmp_path)
    # Nothing shipped: the pages open the small run.
    monkeypatch.setattr("resources.saved_models", dict)
    monkeypatch.setattr("resources.with_map", quick_map)
    shutil.copytree(small_run, tmp_path / "runs" / "small")
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path / "runs"


@pytest.fixture
def open_page(runs):
    """Return a function that opens a page of the app."""

    def open_page(name):
        app = AppTest.from_file(APP, default_timeout=60)
        app.switch_page(f"views/{name}.py")
        app.run()
        assert not app.exception, app.exception
        return app

    return open_page


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_and_say_what_the_model_knows(open_page, name):
    app = open_page(name)
    assert app.title[0].value == name.title()
    if name != "train":
        assert "small" in app.sidebar.selectbox[0].options
        assert "Learned from 100 images with a label" in app.sidebar.caption[0].value


@pytest.mark.parametrize("name", [name for name in PAGES if name != "train"])
def test_without_a_model_pages_say_what_to_do(open_page, runs, name):
    shutil.rmtree(runs)
    app = open_page(name)
    assert "no model yet" in app.info[0].value


def test_a_run_that_is_deleted_while_open_gives_a_message(open_page, runs):
    app = open_page("generate")
    (runs / "small" / "model.keras").unlink()
    (runs / "small" / "metrics.json").unlink()
    (runs / "small" / "model.keras").write_bytes(b"no archive")
    app.run()
    assert not app.exception
    assert app.error


def test_only_the_classes_asked_for_are_generated(open_page, small_model):
    app = open_page("generate")
    pills = app.button_group(key="classes")
    pills.set_value(["3"])
    app.run()
    assert not app.exception
    pills = app.button_group(key="classes")
    pills.set_value([])
    app.run()
    assert "at least one class" in app.info[0].value


def test_an_example_is_classified(open_page, small_model):
    app = open_page("classify")
    app.number_input(key="classify-row").set_value(3).run()
    assert not app.exception
    import resources

    shown = resources.shown(Path("runs/small"))
    name = small_model.class_names[shown.predicted[shown.kept[3]]]
    said = [message.value for message in (*app.success, *app.warning)]
    assert any(name in text for text in said)


def test_a_model_is_compared_with_benchmarks_and_other_runs(open_page):
    app = open_page("accuracy")
    for view in ("Benchmark", "All models"):
        app.segmented_control[0].set_value(view).run()
        assert not app.exception and not app.error
    assert app.dataframe[0].value["model"].tolist() == ["small"]


def test_every_recipe_is_described_by_a_whole_sentence(open_page):
    (recipes,) = [box for box in open_page("train").selectbox if box.label == "Recipe"]
    recipes = dict(option.split(": ", 1) for option in recipes.options)
    assert recipes["m1m2"].startswith("M1+M2 of Kingma et al. 2014: a plain VAE")
    assert not any(text.endswith((".", ",")) for text in recipes.values())


def test_a_name_that_is_no_folder_is_refused(open_page):
    app = open_page("train")
    app.text_input[0].set_value("../elsewhere")
    app.button[0].click().run()
    assert "cannot be a folder" in app.error[0].value


def test_a_stopped_run_can_be_resumed(open_page, runs, monkeypatch):
    """The button starts the command that goes on; nothing is trained here."""
    from ssvae.runs.background import Background

    out = runs / "mine"
    partial = partial_folder(out)
    partial.mkdir()
    (partial / "checkpoint-000000009.npz").touch()
    job = runs / ".background" / "000001.json"
    job.parent.mkdir()
    # A process of this number was born at another time: it is over.
    job.write_text(json.dumps({"pid": 1, "born": 0, "out": str(out), "stopped": 1}))
    begun = []
    monkeypatch.setattr(
        Background, "_launch", lambda self, flags, out: begun.append(flags)
    )
    app = open_page("train")
    assert any("was stopped" in info.value for info in app.info)
    (button,) = [button for button in app.button if button.label == "Go on"]
    button.click().run()
    assert not app.exception
    assert begun == [["--resume", str(out)]]


@pytest.fixture
def only_plain_run(runs, plain_run):
    """A plain VAE is the only run that exists."""
    shutil.rmtree(runs / "small")
    shutil.copytree(plain_run, runs / "plain")


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_with_a_model_without_classes(only_plain_run, open_page, name):
    app = open_page(name)
    if name in ("classify", "accuracy"):
        assert "knows no classes" in app.info[0].value
    if name in ("generate", "map"):
        assert not app.info
        assert "knows no classes" in app.sidebar.caption[0].value


def test_every_view_of_a_model_without_classes(only_plain_run, open_page):
    app = open_page("generate")
    views = app.segmented_control[0].options if app.segmented_control else ()
    assert "One style, every class" not in views
    for view in ("From image to image", "Style by hand"):
        app.segmented_control[0].set_value(view).run()
        assert not app.exception, app.exception
