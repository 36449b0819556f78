import json
import shutil

import numpy as np
import pytest

from ssvae.cli.settings import parse
from ssvae.config.settings import Config
from ssvae.data import open_dataset, read_labels, with_labels_of
from ssvae.errors import InputError
from ssvae.projects.actions import act, add_class
from ssvae.projects.project import Project
from ssvae.projects.training import free_name, model_folder, training_flags


def label(project, number, names, one):
    wanted = getattr(one, "id", one)
    action = {"number": number, "do": "label", "images": names, "class": wanted}
    act(project, "tab", [action])


def read(flags):
    """Return the data set that `ssvae.train` would read, and its other flags."""
    stated, others, words = {}, {}, iter(flags)
    for flag in words:
        name = flag.removeprefix("--").replace("-", "_")
        if name == "skip_broken":
            stated[name] = True
        elif name == "labels_file":
            others[name] = next(words)
        else:
            stated[name] = parse(name, next(words))
    config = Config(**stated)
    return open_dataset(config), config, others


def test_all_labels_are_trained_on_and_all_else_is_unlabeled(tmp_path, pictures):
    config = Config(dataset=str(pictures), image_size=16, skip_broken=True)
    project = Project.create(tmp_path / "projects", "shapes", config)
    images = project.images()
    one, other = add_class(project, "dark"), add_class(project, "light")
    label(project, 1, images.names[:3], one)
    label(project, 2, images.names[-2:], other)
    label(project, 3, [images.names[8]], "none")
    dataset, config, _ = read(training_flags(project, images, "model-1"))
    assert dataset.class_names == ("dark", "light")
    assert dataset.labels.tolist() == [0] * 3 + [-1] * 13 + [1] * 2
    assert dataset.outside.tolist() == [8]
    assert config.labels == "all" and config.skip_broken
    assert dataset.image_shape[:2] == (16, 16)


def test_later_labels_do_not_change_a_run_that_has_begun(project):
    images = project.images()
    one, other = add_class(project, "dark"), add_class(project, "light")
    label(project, 1, images.names[:1], one)
    label(project, 2, images.names[-1:], other)
    first = training_flags(project, images, "model-1")
    label(project, 3, images.names[1:2], one)
    second = training_flags(project, images, "model-2")
    assert [len(read(flags)[0].labeled) for flags in (first, second)] == [2, 3]


def test_a_test_part_keeps_its_labels_under_the_names_of_today(tmp_path, pictures):
    folder = tmp_path / "parts"
    shutil.copytree(pictures, folder / "train")
    shutil.copytree(pictures, folder / "test")
    project = Project.create(tmp_path, "two", Config(dataset=str(folder)))
    images = project.images()
    one, other = add_class(project, "round"), add_class(project, "star")
    label(project, 1, images.names[:2], one)
    label(project, 2, images.names[-2:], other)
    dataset, _, _ = read(training_flags(project, images, "model-1"))
    assert len(dataset.images) == 18 and len(dataset.labeled) == 4
    _, labels = dataset.test_part()
    told = [(*dataset.class_names, None)[one] for one in labels]
    # Nothing was labeled square, so that nobody knows what people call it.
    assert told == ["round"] * 6 + [None] * 6 + ["star"] * 6


def test_images_of_arrays_keep_their_data_set_if_the_classes_are_called_the_same(
    tmp_path, array_file
):
    project = Project.create(tmp_path, "digits", Config(dataset=str(array_file)))
    images = project.images()
    one, other = add_class(project, "nine"), add_class(project, "seven")
    label(project, 1, images.names[:1], other)
    label(project, 2, images.names[1:2], one)
    label(project, 3, images.names[4:5], "none")
    dataset, _, others = read(training_flags(project, images, "model-1"))
    assert dataset.name == str(array_file)
    indices, classes = read_labels(others["labels_file"], dataset)
    told = with_labels_of(others["labels_file"], dataset)
    assert told.outside.tolist() == [4]
    assert indices.tolist() == [0, 1]
    assert [dataset.class_names[one] for one in classes] == ["seven", "nine"]


def test_images_of_arrays_get_classes_of_other_names(tmp_path, array_file):
    project = Project.create(tmp_path, "digits", Config(dataset=str(array_file)))
    images = project.images()
    one, other = add_class(project, "neun"), add_class(project, "sieben")
    label(project, 1, images.names[:1], other)
    label(project, 2, images.names[1:2], one)
    label(project, 3, images.names[4:5], "none")
    dataset, config, _ = read(training_flags(project, images, "model-1"))
    assert config.labels == "all"
    assert dataset.class_names == ("neun", "sieben")
    assert dataset.outside.tolist() == [4]
    assert dataset.labels.tolist() == [1, 0] + [-1] * 8
    np.testing.assert_array_equal(dataset.images, images.dataset.images)
    assert dataset.test_part()[1].tolist() == [1, 0]


def test_a_part_for_testing_is_drawn_from_what_people_labeled(tmp_path, pictures):
    config = Config(dataset=str(pictures), test_fraction=0.5)
    project = Project.create(tmp_path / "projects", "shapes", config)
    images = project.images()
    assert len(images) == 18 and images.dataset.read_test is None
    for number, name in enumerate(("dark", "light")):
        names = images.names[4 * number : 4 * number + 4]
        label(project, number + 1, names, add_class(project, name))
    dataset, _, _ = read(training_flags(project, images, "model-1"))
    assert dataset.class_counts == [2, 2]
    assert dataset.test_part()[1].tolist() == [0, 0, 1, 1]


def test_a_model_needs_two_classes(project):
    images = project.images()
    one = add_class(project, "dark")
    add_class(project, "light")
    label(project, 1, images.names[:3], one)
    label(project, 2, images.names[3:4], "none")
    with pytest.raises(InputError, match="two classes or more"):
        training_flags(project, images, "model-1")


def test_models_get_names_that_are_free(project):
    assert free_name(project) == "model-1"
    (project.folder / "models" / ".model-1.partial").mkdir()
    assert free_name(project) == "model-2"
    assert model_folder(project, "model-2") == project.folder / "models" / "model-2"
    with pytest.raises(InputError, match="model name"):
        model_folder(project, "../model")


def test_paths_below_the_working_directory_are_relative(project, monkeypatch):
    monkeypatch.chdir(project.folder.parent.parent)
    images = project.images()
    for number, name in enumerate(("dark", "light")):
        label(project, number + 1, [images.names[number]], add_class(project, name))
    flags = training_flags(project, images, "model-1")
    assert flags[1] == "pictures"
    assert flags[3] == "projects/shapes/training/model-1.csv"
    assert json.dumps(flags)
