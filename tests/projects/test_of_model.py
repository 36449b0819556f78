import shutil

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.data import draw_labels, open_dataset, save_labels
from ssvae.errors import InputError
from ssvae.projects.actions import act, add_class
from ssvae.projects.of_model import labels_of_model, project_of_model


@pytest.fixture
def run(tmp_path, pictures):
    """Return a run folder with settings and labels, as training leaves them."""
    folder = tmp_path / "runs" / "my-run"
    folder.mkdir(parents=True)
    config = Config(dataset=str(pictures), test_fraction=0.34, image_size=16)
    (folder / "config.toml").write_text(config.to_toml())
    dataset = open_dataset(config)
    save_labels(
        folder / "labels.json",
        dataset.with_labels(*draw_labels(dataset.labels, 6, 3, seed=1)),
    )
    return folder


def test_a_model_leads_to_a_project_with_its_images_and_labels(run, tmp_path, pictures):
    project, is_new = project_of_model(tmp_path / "projects", run)
    assert is_new and project.name == "my-run"
    assert project.config.dataset == str(pictures) and project.config.image_size == 16
    images = project.images()
    assert "6 labels were taken" in labels_of_model(project, images, run)
    state = project.state()
    names = {one.id: one.name for one in state.classes}
    assert len(state.labels) == 6
    assert all(name.startswith(names[one]) for name, one in state.labels.items())


def test_labels_of_people_stay(run, tmp_path):
    project, _ = project_of_model(tmp_path / "projects", run)
    images = project.images()
    one = add_class(project, "odd")
    action = {"number": 1, "do": "label", "images": images.names, "class": one.id}
    act(project, "tab", [action])
    labels_of_model(project, images, run)
    assert set(project.state().labels.values()) == {one.id}


def test_models_of_the_same_images_share_a_project(run, tmp_path):
    project, _ = project_of_model(tmp_path / "projects", run)
    shutil.copytree(run, run.with_name("other"))
    again, is_new = project_of_model(tmp_path / "projects", run.with_name("other"))
    assert again.folder == project.folder and not is_new
    inside = project.folder / "models" / "model-1"
    inside.mkdir()
    assert project_of_model(tmp_path / "elsewhere", inside)[0].folder == project.folder


def test_numbers_of_images_that_were_split_are_refused(tmp_path, rng):
    path, folder = tmp_path / "digits.npz", tmp_path / "run"
    np.savez(path, x=rng.integers(0, 256, (12, 9, 9), np.uint8), y=np.arange(12) % 2)
    folder.mkdir()
    config = Config(dataset=str(path), test_fraction=0.5)
    (folder / "config.toml").write_text(config.to_toml())
    save_labels(folder / "labels.json", open_dataset(config))
    project, _ = project_of_model(tmp_path / "projects", folder)
    with pytest.raises(InputError, match="label the images anew"):
        labels_of_model(project, project.images(), folder)
