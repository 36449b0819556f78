import numpy as np
import pytest
from scipy import sparse

from ssvae.graph.clusters import find_clusters
from ssvae.graph.construction import neighbor_graph


@pytest.fixture(scope="module")
def groups():
    """Vectors of four groups of different sizes, and the group of each."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(4), (150, 90, 60, 30))
    centers = 4 * np.eye(6)[:4]
    vectors = centers[truth] + 0.5 * rng.normal(size=(len(truth), 6))
    return vectors.astype(np.float32), truth


@pytest.fixture(scope="module")
def clusters(groups):
    return find_clusters(neighbor_graph(groups[0]))


def test_no_cluster_has_images_of_two_groups_and_few_share_one(groups, clusters):
    _, truth = groups
    for number in range(clusters.max() + 1):
        assert len(set(truth[clusters == number])) == 1
    assert 4 <= clusters.max() + 1 <= 10


def test_clusters_are_numbered_by_their_sizes(clusters):
    sizes = np.bincount(clusters)
    assert np.all(np.diff(sizes) <= 0) and sizes.min() > 0


def test_parts_without_an_edge_between_them_are_clusters(monkeypatch):
    """Also where there are more parts than beginnings."""
    monkeypatch.setattr("ssvae.graph.clusters.NUM_BEGINNINGS", 2)
    pair = sparse.csr_matrix(np.array([[0, 1], [1, 0]], np.float32))
    graph = sparse.block_diag([pair] * 5).tocsr()
    clusters = find_clusters(graph)
    assert np.array_equal(clusters[::2], clusters[1::2])
    assert sorted(clusters[::2]) == [0, 1, 2, 3, 4]


def test_images_that_are_all_alike_do_no_harm():
    assert len(find_clusters(neighbor_graph(np.ones((30, 4), np.float32)))) == 30
