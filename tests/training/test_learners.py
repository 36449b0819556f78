"""Learners of features: what each makes of a few labels and many unlabeled images."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from ssvae.graph.construction import neighbor_graph
from ssvae.hardware import on_all_cores
from ssvae.training.learners import ALONE, BOTH, ESTIMATED, EVEN, fit_learners, mean_of
from ssvae.vae.mixture import Linear

TEN = np.full(10, 1 / 10)


@pytest.fixture(scope="module")
def digits():
    """scikit-learn's digits: vectors, classes, and the graph of neighbors."""
    data = load_digits()
    vectors = (data.data - data.data.mean(axis=0)).astype("float32")
    return vectors, data.target, neighbor_graph(vectors)


def one_label_per_class(classes, seed):
    rng = np.random.default_rng(seed)
    labels = np.full(len(classes), -1)
    for index in range(10):
        labels[rng.choice(np.flatnonzero(classes == index))] = index
    return labels


def wrong(linear, vectors, classes):
    return np.mean(linear(vectors).argmax(axis=1) != classes)


def test_the_graph_gives_em_a_better_start(digits):
    vectors, classes, graph = digits

    def errors(seed):
        labels = one_label_per_class(classes, seed)
        without = fit_learners(vectors, labels, TEN)
        learned = fit_learners(vectors, labels, TEN, graph)
        three = learned[ALONE], without[BOTH], learned[BOTH]
        return [wrong(linear, vectors, classes) for linear in three]

    alone, without, learned = np.mean(on_all_cores(errors, [0, 1, 2]), axis=0)
    assert learned < without - 0.02 < alone - 0.1


def test_vectors_outside_the_graph_are_learned_from_too(digits):
    vectors, classes, graph = digits
    labels = one_label_per_class(classes, 0)
    rng = np.random.default_rng(0)
    others = rng.permutation(np.flatnonzero(labels < 0))
    rows = np.r_[np.flatnonzero(labels >= 0), others[:700]]
    part = neighbor_graph(vectors[rows])
    ways = (graph,), (part, rows), ()
    whole, some, none = (
        wrong(fit_learners(vectors, labels, TEN, *way)[BOTH], vectors, classes)
        for way in ways
    )
    assert abs(some - whole) < 0.01 < none - whole


def test_the_rows_of_the_graph_may_have_any_order(digits):
    vectors, classes, graph = digits
    labels = one_label_per_class(classes, 1)
    rows = np.random.default_rng(0).permutation(len(labels))
    shuffled = graph[rows][:, rows]
    one, other = (
        fit_learners(vectors, labels, TEN, *way)[EVEN](vectors).argmax(axis=1)
        for way in ((graph,), (shuffled, rows))
    )
    assert np.mean(one == other) > 0.99


def test_the_mean_of_classifiers_has_the_mean_logits(rng):
    vectors = rng.normal(size=(4, 5)).astype("float32")
    one, other = (Linear(rng.normal(size=(5, 3)), rng.normal(size=3)) for _ in range(2))
    mean = mean_of([one, other])
    expected = (one(vectors) + other(vectors)) / 2
    np.testing.assert_allclose(mean(vectors), expected, rtol=1e-5)


def test_all_labeled_images_leave_the_labels_alone(digits):
    vectors, classes, _ = digits
    assert set(fit_learners(vectors[:200], classes[:200], TEN)) == {ALONE}
    labels = np.where(np.arange(200) < 100, classes[:200], -1)
    learned = fit_learners(vectors[:200], labels, TEN)
    assert set(learned) == {ALONE, EVEN, ESTIMATED, BOTH}
