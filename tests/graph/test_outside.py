import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from ssvae.config.settings import Config
from ssvae.graph import neighbors, outside
from ssvae.graph.neighbors import nearest_to
from ssvae.graph.outside import classes_outside, nearest_classes

PLAIN = Config(propagation="original", augment="none")


@pytest.mark.parametrize("count", [6, 2000])
def test_the_nearest_rows_of_other_vectors_are_those_of_brute_force(
    rng, monkeypatch, count
):
    monkeypatch.setattr(neighbors, "ROWS", 30)
    monkeypatch.setattr(neighbors, "TILE", 170)
    rows = rng.normal(size=(count, 8)).astype(np.float32)
    # Some of them lie far from all rows.
    others = rng.normal(size=(100, 8)).astype(np.float32)
    others[::10] *= 20
    distances, found = nearest_to(others, rows, 5)
    search = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(rows)
    expected, wanted = search.kneighbors(others)
    assert distances == pytest.approx(expected, abs=1e-3)
    assert np.mean(found == wanted) > 0.99


def test_a_vector_that_is_a_row_too_is_nearest_to_it(rng):
    rows = rng.normal(size=(50, 3)).astype(np.float32)
    _, found = nearest_to(rows[7:9], rows, 1)
    assert found.ravel().tolist() == [7, 8]


def test_vectors_outside_get_the_class_that_the_nearest_agree_on():
    places = np.float32([0, 1, 2, 10, 11, 12, 20, 21, 22])[:, None]
    classes = np.array([4, 4, 4, 7, 7, 7, -1, -1, -1])
    others = np.float32([0.9, 6.4, 11.2, 21])[:, None]
    found = nearest_classes(places, others, classes)
    assert found.tolist() == [4, -1, 7, -1]
    assert nearest_classes(places, others[:0], classes).shape == (0,)


@pytest.fixture
def digits(mnist):
    """3,000 digits, 2,000 of them with their classes, and the classes of all."""
    rows = np.sort(np.random.default_rng(0).permutation(3000)[:2000])
    return mnist.images[:3000], rows, mnist.labels[:3000]


def test_images_outside_get_the_classes_of_similar_images(digits, monkeypatch):
    monkeypatch.setattr(outside, "CHUNK", 300)
    images, rows, classes = digits
    others = np.setdiff1d(np.arange(3000), rows)
    found = classes_outside(images, rows, classes[rows], PLAIN)
    assert np.array_equal(found[rows], classes[rows])
    known = others[found[others] >= 0]
    assert len(known) > 800
    assert np.mean(found[known] == classes[known]) > 0.98
    # Where images are deskewed too, what is said of both counts.
    both = classes_outside(
        images, rows, classes[rows], PLAIN.replace(propagation="deskewed")
    )
    surer = others[both[others] >= 0]
    assert 800 < len(surer) < len(known)
    assert np.array_equal(both[surer], found[surer])


def test_without_images_outside_nothing_is_compared(digits, monkeypatch):
    monkeypatch.setattr(outside, "image_vectors", None)
    images, _, classes = digits
    found = classes_outside(images, np.arange(3000), classes, PLAIN)
    assert np.array_equal(found, classes)
