import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.features.deskew import deskew
from ssvae.features.vectors import image_vectors
from ssvae.graph import construction
from ssvae.graph.construction import graph_rows, image_graph, neighbor_graph
from ssvae.graph.neighbors import nearest

PLAIN = Config(propagation="original", augment="none")


def test_graph_matches_brute_force(rng):
    vectors = rng.normal(size=(60, 5)).astype(np.float32)
    matrix = neighbor_graph(vectors).toarray()
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    np.fill_diagonal(distances, np.inf)
    expected = np.zeros_like(matrix)
    for node, row in enumerate(distances):
        nearest = np.argsort(row)[:10]
        expected[node, nearest] = np.exp(-8 * (row[nearest] / row[nearest[-1]]) ** 2)
    expected = expected + expected.T
    assert matrix == pytest.approx(expected, abs=1e-4)


def test_warps_and_deskewing_reduce_neighbors_of_other_classes(mnist):
    images, labels = mnist.images[:5000], mnist.labels[:5000]
    strangers = []
    for config, prepare in (
        (PLAIN, np.asarray),
        (Config(), np.asarray),
        (Config(), deskew),
    ):
        (found,) = image_vectors(images, config, [prepare])
        _, neighbors = nearest(found.vectors, 10)
        strangers.append(np.mean(labels[neighbors] != labels[:, None]))
    plain, warped, deskewed = strangers
    assert warped < 0.9 * plain
    assert deskewed < 0.9 * warped


def test_deskewing_only_adds_edges(mnist):
    images = mnist.images[:300]
    original = image_graph(images, PLAIN)
    both = image_graph(images, PLAIN.replace(propagation="deskewed"))
    assert (both - original).min() >= -1e-6
    assert both.nnz > original.nnz
    assert abs(both - both.T).max() < 1e-6


def test_a_large_data_set_has_a_graph_of_labeled_and_sampled_images(
    tiny_dataset, monkeypatch
):
    assert (graph_rows(tiny_dataset, 0) == np.arange(40)).all()
    monkeypatch.setattr(construction, "MAX_IMAGES", 15)
    rows, others = graph_rows(tiny_dataset, 0), graph_rows(tiny_dataset, 1)
    assert len(rows) == len(set(rows)) == 15
    assert (np.diff(rows) > 0).all()
    assert set(tiny_dataset.labeled) <= set(rows)
    assert set(rows) != set(others)
