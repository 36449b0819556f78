"""Images that are alike lie together on the map of a project."""

import numpy as np
import pytest

from ssvae.evaluation import places as places_module
from ssvae.projects.map_places import PLACES_FILE, places_of


@pytest.fixture
def groups(rng, monkeypatch):
    """Vectors of 300 images in three groups; only 60 of them are landmarks."""
    monkeypatch.setattr(places_module, "LANDMARKS", 60)
    labels = rng.integers(0, 3, 300)
    centers = 6 * rng.normal(size=(3, 8))
    vectors = centers[labels] + rng.normal(size=(300, 8))
    return vectors.astype(np.float32), labels


def test_groups_are_apart_on_the_map_also_those_without_landmarks(groups):
    vectors, labels = groups
    places = places_of(vectors)
    assert places.shape == (300, 2) and np.isfinite(places).all()
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    assert np.mean(labels[nearest] == labels) > 0.97
    # No two images hide each other.
    assert distances.min() > 0


def test_places_are_made_once_for_the_same_vectors(groups, tmp_path, monkeypatch):
    vectors, _ = groups
    places = places_of(vectors, tmp_path)
    monkeypatch.setattr(places_module, "_spread", lambda _: pytest.fail("made again"))
    np.testing.assert_array_equal(places_of(vectors, tmp_path), places)
    monkeypatch.undo()
    other = places_of(vectors[:100], tmp_path)
    assert other.shape == (100, 2)
    (tmp_path / PLACES_FILE).write_bytes(b"damaged")
    assert places_of(vectors[:100], tmp_path).shape == (100, 2)


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_a_few_images_have_places_too(rng, count):
    vectors = rng.normal(size=(count, 8)).astype(np.float32)
    places = places_of(vectors)
    assert places.shape == (count, 2) and np.isfinite(places).all()


def test_equal_images_do_no_harm():
    places = places_of(np.ones((30, 4), np.float32))
    assert np.isfinite(places).all()
