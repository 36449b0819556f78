import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from ssvae.graph import neighbors
from ssvae.graph.neighbors import nearest


def brute_force(vectors, count):
    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(vectors)
    return search.kneighbors()


@pytest.fixture
def in_small_pieces(monkeypatch):
    """Many parts and tiles, and a last one of each that is not full."""
    monkeypatch.setattr(neighbors, "ROWS", 30)
    monkeypatch.setattr(neighbors, "TILE", 170)


def test_neighbors_are_those_of_brute_force(rng, in_small_pieces):
    vectors = rng.normal(size=(2000, 8)).astype(np.float32)
    distances, found = nearest(vectors, 10)
    expected, others = brute_force(vectors, 10)
    assert distances == pytest.approx(expected, abs=1e-4)
    assert np.mean(found == others) > 0.999


def test_an_isolated_row_has_neighbors(rng, in_small_pieces):
    """Of what lies above its bound there are too few; all are compared."""
    vectors = rng.normal(size=(1000, 3)).astype(np.float32)
    vectors[::100] *= 50
    distances, _ = nearest(vectors, 10)
    assert distances == pytest.approx(brute_force(vectors, 10)[0], abs=1e-3)


def test_equal_rows_are_neighbors_and_none_is_its_own(rng, in_small_pieces):
    vectors = rng.normal(size=(1000, 5)).astype(np.float32)
    vectors[100:700] = vectors[0]
    distances, found = nearest(vectors, 10)
    equal = np.r_[0, 100:700]
    assert distances[equal] == pytest.approx(0, abs=1e-3)
    assert np.isin(found[equal], equal).all()
    assert not np.any(found == np.arange(1000)[:, None])
    others = np.delete(np.arange(1000), equal)
    expected = brute_force(vectors, 10)[0]
    assert distances[others] == pytest.approx(expected[others], abs=1e-3)


def test_few_rows_are_all_neighbors(rng):
    _, found = nearest(rng.normal(size=(4, 2)).astype(np.float32), 3)
    with_itself = np.column_stack([np.arange(4), found])
    assert np.array_equal(np.sort(with_itself), np.tile(np.arange(4), (4, 1)))


def test_distances_include_components_outside_the_search(rng):
    """Forty leading components are noise; who is near, the last one says."""
    vectors = rng.normal(size=(40, 41)).astype(np.float32)
    vectors[:, 40] = 1000 * (np.arange(40) // 10)
    _, found = nearest(vectors, 9)
    assert np.all(found // 10 == np.arange(40)[:, None] // 10)
