import json
import os
import shutil

import pytest
from helpers import run_python

from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.projects.actions import act, add_class
from ssvae.projects.listing import list_projects
from ssvae.projects.project import ABOUT_FILE, Project


def test_a_project_keeps_how_its_images_are_read(tmp_path, pictures):
    config = Config(dataset=str(pictures), image_size=16, skip_broken=True, epochs=3)
    made = Project.create(tmp_path / "projects", " my shapes ", config)
    opened = Project.open(tmp_path / "projects" / "my shapes")
    assert opened == made and opened.name == "my shapes"
    assert opened.config == Config(
        dataset=str(pictures), image_size=16, skip_broken=True
    )


def test_a_relative_path_is_kept_as_an_absolute_one(tmp_path, pictures, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Project.create(tmp_path / "projects", "shapes", Config(dataset="pictures"))
    monkeypatch.chdir("/")
    assert Project.open(made.folder).config.dataset == str(pictures)


@pytest.mark.parametrize(
    "name", ["", " ", "../x", "a/b", "a\\b", ".x", "x.", "a\nb", "é" * 99]
)
def test_names_that_are_no_folder_are_refused(tmp_path, pictures, name):
    with pytest.raises(InputError, match="name"):
        Project.create(tmp_path / "projects", name, Config(dataset=str(pictures)))
    assert not list((tmp_path / "projects").glob("*"))


def test_two_projects_of_one_name_and_images_that_are_not_there_are_refused(project):
    parent = project.folder.parent
    with pytest.raises(InputError, match="there is a project 'shapes' already"):
        Project.create(parent, "shapes", project.config)
    with pytest.raises(InputError, match="nothing is there"):
        Project.create(parent, "other", Config(dataset="/nowhere/at/all"))
    assert [one.name for one in list_projects(parent)] == ["shapes"]


def test_images_beside_a_project_are_found_when_both_move(tmp_path, pictures):
    home = tmp_path / "home"
    home.mkdir()
    shutil.move(pictures, home / "pictures")
    config = Config(dataset=str(home / "pictures"))
    Project.create(home / "projects", "shapes", config)
    home.rename(tmp_path / "elsewhere")
    moved = Project.open(tmp_path / "elsewhere" / "projects" / "shapes")
    assert moved.config.dataset == str(tmp_path / "elsewhere" / "pictures")


def test_a_copy_of_a_project_has_dropped_images_of_its_own(tmp_path):
    made = Project.create(tmp_path, "dropped")
    assert made.holds_uploads
    shutil.copytree(made.folder, tmp_path / "copy")
    copy = Project.open(tmp_path / "copy")
    assert copy.holds_uploads
    assert copy.config.dataset == str(tmp_path / "copy" / "images")


def test_what_is_no_project_or_of_a_later_version_is_refused(project):
    with pytest.raises(InputError, match="is no project"):
        Project.open(project.folder.parent)
    about = json.loads((project.folder / ABOUT_FILE).read_text())
    (project.folder / ABOUT_FILE).write_text(json.dumps(about | {"format": 99}))
    with pytest.raises(InputError, match="get a newer one"):
        Project.open(project.folder)


def test_the_state_is_the_same_object_until_something_happens(project):
    empty = project.state()
    one = add_class(project, "circle")
    state = Project.open(project.folder).state()
    assert state is project.state() and state.num_actions == 1
    assert empty.num_actions == 0 and not empty.classes
    action = {"number": 1, "do": "label", "images": ["a"], "class": one.id}
    act(project, "tab", [action])
    assert project.state().labels and not state.labels


def test_models_are_listed_the_oldest_first(project):
    for age, name in ((1, "new"), (9, "old")):
        folder = project.folder / "models" / name
        folder.mkdir()
        (folder / "model.keras").write_bytes(b"")
        os.utime(folder / "model.keras", (1e9 - age, 1e9 - age))
    (project.folder / "models" / ".third.partial").mkdir()
    (project.folder / "models" / ".third.partial" / "model.keras").write_bytes(b"")
    assert list(project.models()) == ["old", "new"]


def test_projects_are_listed_with_what_is_in_them(project, tmp_path):
    parent = project.folder.parent
    assert list_projects(tmp_path / "nothing") == []
    one = add_class(project, "circle")
    action = {"number": 1, "do": "label", "images": ["a", "b"], "class": one.id}
    act(project, "tab", [action])
    before = list_projects(parent)[0]
    assert (before.images, before.labels, before.classes) == (None, 2, 1)
    assert before.cover is None
    project.images()
    after = list_projects(parent)[0]
    assert after.images == 18 and after.cover.exists()


def test_projects_are_opened_and_labeled_without_keras():
    rooms = "actions images listing of_model scan tables training uploads".split()
    script = f"import {', '.join(f'ssvae.projects.{room}' for room in rooms)}, sys; "
    script += "print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(run_python("-c", script).stdout.split())
    assert "ssvae" in loaded
    assert not loaded & {"keras", "tensorflow", "jax", "torch", "streamlit"}


def test_a_damaged_project_is_listed_with_its_problem(project):
    (project.folder / "config.toml").write_text("nonsense =")
    found = list_projects(project.folder.parent)
    assert found[0].name == "shapes" and "TOML" in found[0].problem
