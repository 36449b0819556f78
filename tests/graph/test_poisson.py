"""Labels spread over a graph, as a probability of each class for every image."""

import numpy as np
from scipy import sparse

from ssvae.graph.construction import neighbor_graph
from ssvae.graph.poisson import MEAN_CONFIDENCE, spread_probabilities


def clusters(rng, count=300):
    classes = np.arange(count) % 3
    vectors = rng.normal(size=(count, 5)).astype("float32")
    vectors[:, 0] += 6 * classes
    return vectors, classes


def test_the_likeliest_class_is_that_of_the_cluster_and_confidence_is_as_stated(rng):
    vectors, classes = clusters(rng)
    labels = np.where(np.arange(300) < 6, classes, -1)
    q = spread_probabilities(neighbor_graph(vectors), labels, 3)
    np.testing.assert_allclose(q.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(q.argmax(axis=1) == classes) > 0.95
    assert abs(q.max(axis=1).mean() - MEAN_CONFIDENCE) < 0.01


def test_an_image_that_no_label_reaches_gets_all_classes_alike(rng):
    vectors, classes = clusters(rng, 90)
    graph = neighbor_graph(vectors)
    graph = sparse.block_diag([graph, graph]).tocsr()
    labels = np.full(180, -1)
    labels[:6] = classes[:6]
    q = spread_probabilities(graph, labels, 3)
    np.testing.assert_allclose(q[90:], 1 / 3, rtol=1e-5)
    assert np.mean(q[:90].argmax(axis=1) == classes) > 0.9


def test_one_class_alone_says_nothing(rng):
    vectors, _ = clusters(rng, 60)
    labels = np.full(60, -1)
    labels[:3] = 1
    q = spread_probabilities(neighbor_graph(vectors), labels, 3)
    np.testing.assert_allclose(q, 1 / 3)
