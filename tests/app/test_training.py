"""The pages Start and Train for a project, without a browser; nothing is trained."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("streamlit", reason="the app needs Streamlit")

from PIL import Image
from streamlit.testing.v1 import AppTest

from ssvae.config.settings import Config
from ssvae.projects.project import Project
from ssvae.projects.tables import labels_from_source
from ssvae.runs.background import Background
from ssvae.runs.folder import partial_folder

APP = str(Path(__file__).parents[2] / "app" / "streamlit_app.py")


@pytest.fixture
def begun(monkeypatch):
    """The flags and folders of the runs that were started instead of being trained."""
    runs = []
    monkeypatch.setattr(
        Background, "_launch", lambda self, flags, out: runs.append((flags, out))
    )
    return runs


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The working directory of the app, with 24 images in two folders."""
    import streamlit as st

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("resources.saved_models", dict)
    rng = np.random.default_rng(0)
    for row in range(24):
        name = "leaf" if row % 2 else "root"
        path = tmp_path / "garden" / name / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(path)
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path


@pytest.fixture
def project(place):
    """A project of the images with all labels that the folders tell."""
    config = Config(dataset=str(place / "garden"))
    project = Project.create(place / "projects", "garden", config)
    labels_from_source(project, project.images())
    return project


def open_page(name, **query):
    app = AppTest.from_file(APP, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"views/{name}.py")
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app):
    kinds = (app.markdown, app.info, app.warning, app.success, app.error, app.caption)
    return " ".join(element.value for kind in kinds for element in kind)


def button(app, label):
    (found,) = [button for button in app.button if button.label == label]
    return found


def open_training():
    """Open the page Train of the project, once its images are open."""
    for _ in range(50):
        app = open_page("train", project="garden")
        if any(button.label == "Train a model" for button in app.button):
            return app
        time.sleep(0.1)
    raise AssertionError(texts(app))


def test_one_button_trains_with_all_labels_and_everything_suggested(project, begun):
    app = open_training()
    assert "24 images of 24 have a label, in 2 classes" in texts(app)
    button(app, "Train a model").click().run()
    assert not app.exception, app.exception
    ((flags, out),) = begun
    assert out.absolute() == project.folder / "models" / "model-1"
    assert flags[flags.index("--labels") + 1] == "all"
    table = Path(flags[flags.index("--labels-csv") + 1])
    assert table.read_text().count("\n") == 25
    assert not set(flags) & {"--epochs", "--seed", "--features"}


def test_details_change_the_training_and_stay_typed_when_a_line_is_wrong(
    project, begun
):
    app = open_training()
    (rounds,) = [box for box in app.number_input if box.label == "Rounds"]
    rounds.set_value(7).run()
    (more,) = app.text_area
    more.set_value("featres = 3").run()
    assert "unknown setting" in app.error[0].value.lower()
    more.set_value('features = "gradients"\nskip_broken = true').run()
    assert not app.error
    assert [box.value for box in app.number_input if box.label == "Rounds"] == [7]
    button(app, "Train a model").click().run()
    flags = begun[0][0]
    assert flags[flags.index("--epochs") + 1] == "7"
    assert flags[flags.index("--features") + 1] == "gradients"
    assert "--skip-broken" in flags


def test_without_labels_of_two_classes_the_next_step_is_named(place, begun):
    config = Config(dataset=str(place / "garden"))
    Project.create(place / "projects", "garden", config).images()
    app = open_page("train", project="garden")
    for _ in range(50):
        if "labels of two classes" in texts(app):
            break
        time.sleep(0.1)
        app.run()
    assert "labels of two classes" in texts(app)
    assert not any(button.label == "Train a model" for button in app.button)


def stopped(project, message="", **job):
    """Let a run of the project have ended without a model."""
    out = project.folder / "models" / "model-1"
    folder = Path("runs/.background")
    folder.mkdir(parents=True)
    # A process of this number was born at another time: it is over.
    job = {"pid": 1, "born": 0, "out": str(out), "begun": ["--seed", "4"]} | job
    (folder / "000001.json").write_text(json.dumps(job))
    (folder / "000001.txt").write_text(message)
    return out


def test_a_run_that_was_stopped_before_anything_was_kept_begins_again(project, begun):
    out = stopped(project, stopped=1)
    app = open_training()
    assert "had not learned anything yet" in texts(app)
    assert not any(button.label == "Go on" for button in app.button)
    button(app, "Begin again").click().run()
    assert begun == [(["--seed", "4"], out)]


def test_a_run_that_was_stopped_later_goes_on(project, begun):
    out = stopped(project, stopped=1)
    partial_folder(out).mkdir()
    (partial_folder(out) / "checkpoint-000000009.npz").touch()
    app = open_training()
    assert "What it learned so far is kept" in texts(app)
    button(app, "Go on").click().run()
    assert begun == [(["--resume", str(out)], out)]


def test_a_run_that_failed_speaks_of_fields_and_can_be_closed(project, begun):
    stopped(project, "x\nssvae.train: error: too small: see --image-size, --features\n")
    app = open_training()
    assert "Too small: see “Side of the images”, a line “features = …”" in (
        app.error[0].value.replace("\\", "")
    )
    button(app, "Close").click().run()
    assert not app.error
    assert not list(Path("runs/.background").glob("*.json"))


def test_a_folder_becomes_a_project_with_the_labels_that_it_tells(place):
    app = open_page("start", door="images")
    (path,) = [box for box in app.text_input if box.label == "Folder or archive"]
    path.set_value("/no/such/folder").run()
    assert "There is nothing at" in app.error[0].value
    path.set_value(f"'{place / 'garden'}'").run()
    assert not app.error and not app.exception
    assert [metric.value for metric in app.metric[:2]] == ["24", "24"]
    button(app, "Make the project").click().run()
    assert not app.exception, app.exception
    project = Project.open(place / "projects" / "garden")
    assert len(project.state().labels) == 24
    assert {one.name for one in project.state().classes} == {"leaf", "root"}


def test_projects_are_listed_and_a_broken_one_says_why(project, place):
    (place / "projects" / "broken").mkdir()
    (place / "projects" / "broken" / "project.json").write_text("{}")
    app = open_page("start")
    assert "24 images, 24 labeled, 2 classes, 0 models" in texts(app)
    assert "It cannot be opened" in app.error[0].value


def test_settings_without_a_field_are_named_by_their_line():
    from fields import in_page_words, parsed

    told = in_page_words("got 3; see --learning-rate and --test-fraction")
    assert told == (
        "Got 3; see a line “learning_rate = …” under “More settings” and “Part kept "
        "for a test”."
    )
    assert parsed("epochs = 3\nskip_broken = true") == {
        "epochs": 3,
        "skip_broken": True,
    }


def test_a_trained_model_tells_of_unusual_images_and_where_they_are(project, begun):
    out = stopped(project)
    out.mkdir(parents=True)
    (out / "model.keras").write_text("")
    group = {"group": 1, "images": 312, "put_aside": True}
    figures = {"test_accuracy": None, "num_labels": 24, "num_unlabeled": 0}
    figures |= {"train_seconds": 9, "unknown_groups": [group], "num_unusual_alone": 1}
    (out / "metrics.json").write_text(json.dumps(figures))
    app = open_training()
    assert "312 images look like each other and like none of your" in texts(app)
    assert "1 single image is unlike all others" in texts(app)
    links = [one.proto.label for one in app.get("page_link")]
    assert "Look at unusual images" in links
