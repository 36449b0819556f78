"""Groups of images that no label is among."""

import numpy as np
import pytest

from ssvae.data import Dataset
from ssvae.data.coarse import Coarse
from ssvae.graph.construction import neighbor_graph
from ssvae.runs.unusual import sentences
from ssvae.training.cluster_tree import cluster_tree, small_clusters
from ssvae.training.outside import Outside, find_outside
from ssvae.training.putting_aside import (
    figures,
    outside_of_vectors,
    spread_to_all,
    within,
    without_outside,
)

# Vectors of each of three classes, and of the others.
SIZE, OTHERS = 100, 150


@pytest.fixture(scope="module")
def vectors():
    """Three clouds of vectors, and a fourth that belongs to no class."""
    rng = np.random.default_rng(0)
    means = 6 * np.eye(4, 8)
    counts = SIZE, SIZE, SIZE, OTHERS
    parts = [
        mean + rng.standard_normal((count, 8))
        for mean, count in zip(means, counts, strict=True)
    ]
    return np.concatenate(parts).astype(np.float32)


@pytest.fixture(scope="module")
def graph(vectors):
    return neighbor_graph(vectors)


def dataset(count, each=10, **more):
    """Return so many images, of which each class has a few labels."""
    labels = np.full(count, -1)
    for index in range(3):
        start = index * SIZE
        labels[start : start + each] = index
    images = np.zeros((count, 1, 1, 1), np.uint8)
    return Dataset("clouds", images, labels, ("a", "b", "c"), None, **more)


def test_a_cloud_without_labels_is_put_aside(graph):
    found = find_outside(graph, dataset(len(graph.indptr) - 1), 0)
    assert found.rows == pytest.approx(np.arange(3 * SIZE, 3 * SIZE + OTHERS))
    assert found.sizes == [OTHERS]
    inside, outside = np.split(found.strangeness, [3 * SIZE])
    assert inside.max() < 0.1 < 0.9 < outside.min()


def test_nothing_is_put_aside_where_every_cloud_has_labels(vectors):
    known = vectors[: 3 * SIZE]
    for each in (2, 30):
        found = find_outside(neighbor_graph(known), dataset(len(known), each), 0)
        assert not len(found.rows)
        assert not found.sizes


def test_few_labels_do_not_tell(graph):
    """Two labels per class may miss a cloud by chance, one says nothing at all."""
    for each in (1, 2):
        found = find_outside(graph, dataset(3 * SIZE + OTHERS, each), 0)
        assert not len(found.rows)


def test_what_people_said_tells_where_labels_do_not(graph):
    said = np.arange(3 * SIZE, 3 * SIZE + 5)
    given = dataset(3 * SIZE + OTHERS, 1, outside=said)
    found = find_outside(graph, given, 0)
    assert found.rows == pytest.approx(np.arange(3 * SIZE, 3 * SIZE + OTHERS))
    told = figures(found, given)
    assert told["num_put_aside"] == OTHERS - len(said)


def test_one_image_that_somebody_put_out_takes_no_class_with_it(graph):
    given = dataset(3 * SIZE + OTHERS, 10, outside=np.array([50]))
    found = find_outside(graph, given, 0)
    assert 50 in found.rows
    assert np.sum(found.rows < 3 * SIZE) == 1


def test_labels_of_groups_count_as_labels(graph):
    rows = np.arange(3 * SIZE, 3 * SIZE + 5)
    coarse = Coarse(rows, np.tile([True, True, False], (5, 1)))
    found = find_outside(graph, dataset(3 * SIZE + OTHERS, coarse=coarse), 0)
    assert not np.isin(rows, found.rows).any()
    assert len(found.rows) < OTHERS / 2


def test_labels_that_are_not_learned_from_speak_against_a_group(graph):
    given = dataset(3 * SIZE + OTHERS)
    inside = np.array([3 * SIZE, -1]) % len(given.labels)
    assert find_outside(graph, given, 0).sizes == [OTHERS]
    assert not find_outside(graph, given, 0, doubted=inside).sizes
    # Labels elsewhere say nothing of it.
    found = find_outside(graph, given, 0, doubted=np.array([50, 150]))
    assert found.sizes == [OTHERS]


def test_a_group_that_is_dropped_leaves_the_others_as_they_are(graph):
    said = np.array([50])
    given = dataset(3 * SIZE + OTHERS, 10, outside=said)
    inside = np.arange(3 * SIZE, 3 * SIZE + 3)
    found = find_outside(graph, given, 0, doubted=inside)
    assert found.rows == pytest.approx(said)
    assert found.strangeness[3 * SIZE :].max() < 0.1


def test_images_beyond_the_graph_go_with_the_nearest(vectors):
    rows = np.sort(np.random.default_rng(1).permutation(len(vectors))[:300])
    labels = np.full(len(vectors), -1)
    for index in range(3):
        mine = rows[(rows >= index * SIZE) & (rows < (index + 1) * SIZE)]
        labels[mine[:10]] = index
    images = np.zeros((len(vectors), 1, 1, 1), np.uint8)
    every = Dataset("clouds", images, labels, ("a", "b", "c"), None)
    some = find_outside(neighbor_graph(vectors[rows]), every.rows(rows), 0)
    found = spread_to_all(some, vectors, rows, len(vectors))
    assert found.rows == pytest.approx(np.arange(3 * SIZE, 3 * SIZE + OTHERS))


def test_what_is_put_aside_is_kept_and_told(vectors, tmp_path):
    given = dataset(len(vectors)).hold_out(0.2, 0)
    found = outside_of_vectors(vectors, given, 0)
    said = []
    left = without_outside(found, given, tmp_path, said.append)
    assert left.outside == pytest.approx(np.arange(3 * SIZE, 3 * SIZE + OTHERS))
    assert len(given.held_out) > len(left.held_out) > 0
    assert left.held_out.max() < 3 * SIZE
    assert not np.isin(left.unlabeled, left.outside).any()
    kept = Outside.load(tmp_path / "outside.npz")
    assert kept.rows == pytest.approx(found.rows)
    assert said == sentences(figures(kept, given))
    assert said[0].startswith("150 images look like each other and like none of your")


def test_a_part_of_a_graph_has_an_edge_for_every_image(graph):
    part = within(graph, np.arange(0, len(graph.indptr) - 1, 50))
    assert part.shape == (9, 9)
    assert (part.sum(axis=1) > 0).all()


def test_small_clusters_do_not_mix_clouds(graph):
    clusters = small_clusters(graph.astype(bool).astype(np.float32), 0)
    of_cloud = np.repeat(np.arange(4), [SIZE, SIZE, SIZE, OTHERS])
    assert clusters.max() > 10
    for number in range(clusters.max() + 1):
        assert len(np.unique(of_cloud[clusters == number])) == 1


def test_the_tree_joins_what_has_most_edges():
    weights = np.array([[9.0, 5, 0, 0], [5, 9, 1, 0], [0, 1, 9, 4], [0, 0, 4, 9]])
    nodes = cluster_tree(weights)
    assert nodes[4:].tolist() == [
        [True, True, False, False],
        [False, False, True, True],
        [True, True, True, True],
    ]
