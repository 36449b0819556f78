"""The pages Label and How good, without a browser."""

import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("streamlit", reason="the app needs Streamlit")

from PIL import Image
from streamlit.testing.v1 import AppTest

from ssvae.config.settings import Config
from ssvae.projects import desk as desk_module
from ssvae.projects.actions import act, add_class
from ssvae.projects.project import Project
from ssvae.runs.unusual import Unusual, save_unusual

APP = str(Path(__file__).parents[2] / "app" / "streamlit_app.py")
LEVELS = {"dark": 30, "bright": 220}


def vectors_of(folder, dataset, config, progress=None):
    """Stand in for features: the brightness, and noise."""
    levels = dataset.images.reshape(len(dataset.images), -1).mean(axis=1) / 60
    noise = np.random.default_rng(0).normal(size=(len(levels), 3))
    return np.column_stack([levels, noise]).astype(np.float32)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of dark and bright images, in the working directory."""
    import streamlit as st

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(desk_module, "project_vectors", vectors_of)
    monkeypatch.setattr("resources.saved_models", dict)
    st.cache_data.clear()
    st.cache_resource.clear()
    for number in range(24):
        name = "dark" if number < 12 else "bright"
        place = tmp_path / "images" / name
        place.mkdir(parents=True, exist_ok=True)
        level = LEVELS[name] + number
        Image.new("L", (16, 16), level).save(place / f"{number:02d}.png")
    config = Config(dataset=str(tmp_path / "images"))
    return Project.create(tmp_path / "projects", "greys", config)


def open_page(name, project=None, **params):
    app = AppTest.from_file(APP, default_timeout=60)
    for key, value in ({"project": project.name} if project else {}).items():
        app.query_params[key] = value
    for key, value in params.items():
        app.query_params[key] = value
    app.switch_page(f"views/{name}.py")
    app.run()
    assert not app.exception, app.exception
    return app


def run_until(app, is_true):
    for _ in range(50):
        if is_true(app):
            return
        time.sleep(0.2)
        app.run()
    raise AssertionError("it takes too long")


def field(app, label):
    (found,) = [
        one
        for kind in (app.text_input, app.selectbox, app.text_area, app.color_picker)
        for one in kind
        if one.label == label
    ]
    return found


def button(app, label):
    (found,) = [one for one in app.button if one.label.replace("\\", "") == label]
    return found


@pytest.mark.parametrize("name", ["label", "how_good"])
def test_without_a_project_pages_lead_to_the_start(project, name):
    app = open_page(name)
    assert "No project is open" in app.info[0].value


def test_a_project_that_is_gone_is_told(project):
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["project"] = "../../etc"
    app.switch_page("views/label.py")
    app.run()
    assert "cannot be opened" in app.error[0].value


def test_classes_are_added_changed_merged_and_removed(project):
    app = open_page("label", project)
    run_until(app, lambda app: app.text_area)
    field(app, "New classes, one per line").set_value("dark\nbright\n\nodd")
    button(app, "Add").click().run()
    assert [one.name for one in project.state().classes] == ["dark", "bright", "odd"]
    field(app, "Its name").set_value("dim").run()
    assert project.state().classes[0].name == "dim"
    field(app, "Its color").set_value("#123456").run()
    assert project.state().classes[0].color == "#123456"
    field(app, "Its key").set_value("q").run()
    assert project.state().classes[0].key == "q"
    field(app, "Its name").set_value("bright").run()
    assert "There is a class 'bright' already" in app.error[0].value.replace("\\", "")
    button(app, "Merge dim into bright").click().run()
    assert [one.name for one in project.state().classes] == ["bright", "odd"]
    button(app, "Remove bright and 0 labels").click().run()
    assert [one.name for one in project.state().classes] == ["odd"]


def test_labels_of_the_folders_are_taken_when_asked_for(project):
    app = open_page("label", project)
    run_until(app, lambda app: app.text_area)
    assert not project.state().labels
    button(app, "Take the classes of the folders").click().run()
    assert len(project.state().labels) == 24
    assert "24 labels" in app.success[0].value


def test_how_good_it_is_after_some_labels(project):
    for name in LEVELS:
        one = add_class(project, name)
        for number in range(5):
            image = f"{name}/{number + 12 * (name == 'bright'):02d}.png"
            action = {"do": "label", "images": [image], "class": one.id}
            act(project, name, [{"number": number + 1, **action}])
    app = open_page("how_good", project)
    run_until(app, lambda app: app.metric)
    first, second, third = app.metric
    assert int(first.value.rstrip("%")) > 70
    low, high = (int(word.rstrip("%")) for word in second.value.split(" and "))
    assert low <= int(first.value.rstrip("%")) <= high
    assert third.label == "With 20 more labels"


def test_how_good_says_what_is_needed_first(project):
    app = open_page("how_good", project)
    run_until(app, lambda app: app.info)
    assert "two images of each of two classes" in app.info[0].value


def test_unusual_images_of_the_newest_model_are_answered(project):
    run = project.folder / "models" / "model-1"
    run.mkdir()
    (run / "config.toml").write_text(project.config.to_toml(), encoding="utf-8")
    (run / "model.keras").write_text("")
    (run / "metrics.json").write_text('{"test_accuracy": null}')
    images = project.images()
    rows, groups = np.arange(10, 14), np.array([1, 1, 1, 0])
    found = Unusual(rows, groups, groups == 1, np.ones(4))
    save_unusual(run, found, images.dataset.images, images.dataset.files)
    app = open_page("how_good", project)

    def answers():
        return [one for one in app.button if one.label == "None of these classes"]

    run_until(app, lambda app: answers())
    assert any("3 images look like each other" in text.value for text in app.markdown)
    answers()[0].click().run()
    names = [images.names[row] for row in rows[:3]]
    assert project.state().labels == dict.fromkeys(names, "none")
    assert "3 images got the label" in app.success[0].value
    button(app, "Undo").click().run()
    assert not project.state().labels and not app.success
    # A single image is chosen first.
    assert answers()[-1].disabled
    app.checkbox[0].check().run()
    answers()[-1].click().run()
    assert project.state().labels == {images.names[13]: "none"}
