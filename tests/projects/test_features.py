import dataclasses

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.data import from_arrays
from ssvae.projects import features
from ssvae.projects.features import project_vectors
from ssvae.training.compared import comparing

CONFIG = Config(features="gradients")


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 16, 16, 1), np.uint8)
    return from_arrays(images, np.arange(12) % 3)


@pytest.fixture
def counts(monkeypatch):
    """Return a list that gets the number of images whenever features are computed."""
    made, computed = features.compared, []

    def counted(dataset, *arguments):
        computed.append(len(dataset.images))
        return made(dataset, *arguments)

    monkeypatch.setattr(features, "compared", counted)
    return computed


def test_vectors_are_made_once_and_then_only_those_of_new_images(
    tmp_path, dataset, counts
):
    few = dataset.rows(np.arange(8))
    first = project_vectors(tmp_path, few, CONFIG)
    assert first.dtype == np.float32 and len(first) == 8
    np.testing.assert_array_equal(project_vectors(tmp_path, few, CONFIG), first)
    more = project_vectors(tmp_path, dataset, CONFIG)
    assert counts == [8, 4]
    np.testing.assert_array_equal(more[:8], first)
    # An image that was added later lies where its copy lies.
    assert np.ptp(more[8:], axis=0).any()
    # Images that are gone need nothing.
    fewer = project_vectors(tmp_path, dataset.rows(np.array([2, 9])), CONFIG)
    np.testing.assert_array_equal(fewer, more[[2, 9]])
    assert counts == [8, 4]


def test_a_changed_image_and_other_settings_are_computed_again(
    tmp_path, dataset, counts
):
    project_vectors(tmp_path, dataset, CONFIG)
    changed = dataset.images.copy()
    changed[3] = 255 - changed[3]
    project_vectors(tmp_path, dataclasses.replace(dataset, images=changed), CONFIG)
    both = CONFIG.replace(features="gradients texture")
    project_vectors(tmp_path, dataset, both)
    assert counts == [12, 1, 12]


def test_many_more_images_than_at_first_get_directions_of_their_own(
    tmp_path, dataset, counts
):
    project_vectors(tmp_path, dataset.rows(np.arange(3)), CONFIG)
    project_vectors(tmp_path, dataset, CONFIG)
    assert counts == [3, 12]


def test_a_damaged_file_is_made_again(tmp_path, dataset, counts):
    project_vectors(tmp_path, dataset, CONFIG)
    (tmp_path / features.VECTORS_FILE).write_bytes(b"PK\x03\x04 cut")
    project_vectors(tmp_path, dataset, CONFIG)
    assert counts == [12, 12]


def test_vectors_do_not_depend_on_labels(tmp_path, dataset):
    before = project_vectors(tmp_path, dataset, CONFIG)
    other = dataset.with_labels([0], [2])
    again = tmp_path / "again"
    again.mkdir()
    np.testing.assert_array_equal(project_vectors(again, other, CONFIG), before)


@pytest.mark.parametrize(
    "count, shape, expected",
    [
        (100, (96, 96, 3), "backbone gradients color"),
        (100, (28, 28, 1), "backbone gradients"),
        (30_000, (28, 28, 1), "backbone gradients"),
    ],
)
def test_photographs_and_writing_are_compared_as_training_compares_them(
    count, shape, expected
):
    images = np.broadcast_to(np.zeros((1, *shape), np.uint8), (count, *shape))
    dataset = from_arrays(images)
    assert comparing(Config(), dataset).features == expected
    assert comparing(Config(features="texture"), dataset).features == "texture"
