"""What a project's newest model asks about unusual images, and the answers."""

import json

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.projects import unusual
from ssvae.projects.actions import add_class
from ssvae.projects.project import Project
from ssvae.runs.unusual import Unusual, save_unusual


def add_model(project, name, groups, put_aside, config=None):
    """Write what a run leaves of its images: groups by row, 0 for a single one."""
    images = project.images()
    run = project.folder / "models" / name
    run.mkdir()
    config = config or project.config
    (run / "config.toml").write_text(config.to_toml(), encoding="utf-8")
    (run / "model.keras").write_text("")
    (run / "metrics.json").write_text(json.dumps({}))
    rows, numbers = (np.array(list(part)) for part in (groups, groups.values()))
    strange = np.linspace(1, 0.5, len(rows))
    found = Unusual(rows, numbers, np.isin(numbers, put_aside), strange)
    save_unusual(run, found, images.dataset.images, images.dataset.files)
    return images


# The last six images are a group that was put aside, two another, two are alone.
GROUPS = {12: 1, 13: 1, 14: 1, 15: 1, 16: 1, 17: 1, 0: 2, 6: 2, 3: 0, 4: 0}


@pytest.fixture
def images(project):
    return add_model(project, "model-1", GROUPS, [1])


def asked(project, images):
    return unusual.questions(project, images, project.state())


def test_groups_are_asked_about_and_single_images_after_them(project, images):
    first, second, last = asked(project, images)
    assert first.names == images.names[12:18]
    assert (first.put_aside, second.put_aside, last.put_aside) == (True, False, False)
    assert second.names == ["circle/00.jpg", "square/06.jpg"]
    assert last.names == ["circle/03.jpg", "circle/04.jpg"]
    assert first.sentence.startswith("6 images look like each other and like none")
    assert not last.is_group and last.sentence == "2 images are unlike all others."


def test_an_answer_is_a_label_of_the_project_and_closes_the_question(project, images):
    first, second, last = asked(project, images)
    circle = add_class(project, "circle")
    unusual.name_them(project, first.names, "star")
    unusual.none_of_these(project, last.names[:1])
    unusual.leave(project, second.names)
    state = project.state()
    star = state.class_named("star")
    assert {state.labels[name] for name in first.names} == {star.id}
    assert state.labels[last.names[0]] == "none"
    assert not set(second.names) & set(state.labels)
    (left,) = asked(project, images)
    assert left.names == last.names[1:]
    assert left.sentence == "1 image is unlike all others."
    # A class of the name is there already, in whatever case it is typed.
    unusual.name_them(project, left.names, "Circle")
    assert project.state().labels[left.names[0]] == circle.id
    assert asked(project, images) == []
    for _ in range(2):
        unusual.undo(project)
    assert [one.number for one in asked(project, images)] == [2, 0]


def test_a_name_that_no_class_can_have_labels_nothing(project, images):
    first, *_ = asked(project, images)
    with pytest.raises(InputError, match="name"):
        unusual.name_them(project, first.names, " ")
    assert not project.state().labels


def test_a_group_of_which_most_has_labels_is_no_question(project, images):
    names = images.names[12:18]
    unusual.none_of_these(project, names[:2])
    assert asked(project, images)[0].names == names[2:]
    unusual.none_of_these(project, names[2:3])
    assert [one.number for one in asked(project, images)] == [2, 0]


def test_the_newest_model_asks_and_gone_images_are_left_out(project, images, pictures):
    add_model(project, "model-2", {0: 1, 1: 1, 2: 1}, [1])
    (pictures / "circle" / "01.jpg").unlink()
    (one,) = asked(project, project.images())
    assert (one.model, one.names) == ("model-2", ["circle/00.jpg", "circle/02.jpg"])


def test_images_that_are_no_files_are_known_by_their_numbers(tmp_path, array_file):
    config = Config(dataset=str(array_file))
    project = Project.create(tmp_path / "projects", "digits", config)
    images = add_model(project, "model-1", {2: 1, 5: 1}, [1])
    (one,) = asked(project, images)
    assert one.names == ["image-000002", "image-000005"]
    # Some images were held back for testing: nobody knows which numbers are which.
    add_model(project, "model-2", {2: 1}, [1], config.replace(test_fraction=0.2))
    assert asked(project, images) == []


def test_a_project_without_a_model_asks_nothing(project):
    assert asked(project, project.images()) == []
