import numpy as np
import pytest
from scipy import sparse

from ssvae.graph.acquisition import REACH, least_sure, suggest
from ssvae.graph.construction import neighbor_graph


def clusters(*sizes, bridge=0.01):
    """Return a graph of clusters, each tied weakly to the next."""
    count = sum(sizes)
    weights = np.zeros((count, count))
    ends = np.cumsum(sizes)
    for end, size in zip(ends, sizes, strict=True):
        weights[end - size : end, end - size : end] = 1
    for end in ends[:-1]:
        weights[end - 1, end] = weights[end, end - 1] = bridge
    np.fill_diagonal(weights, 0)
    return sparse.csr_matrix(weights.astype(np.float32))


def test_each_unlabeled_cluster_is_suggested_before_any_twice():
    graph = clusters(20, 12, 15, 8)
    chosen = suggest(graph, np.array([3]), np.arange(55), 3)
    places = np.searchsorted([20, 32, 47, 55], chosen, side="right")
    assert sorted(places) == [1, 2, 3]


def test_an_outlier_is_not_suggested():
    graph = clusters(20, 20).tolil()
    graph.resize(41, 41)
    # It hangs on the labeled cluster by a thread.
    graph[40, 5] = graph[5, 40] = 0.01
    chosen = suggest(graph.tocsr(), np.array([0]), np.arange(41), 1)
    assert 20 <= chosen[0] < 40


def test_only_candidates_are_chosen_and_each_once():
    graph = clusters(10, 10)
    chosen = suggest(graph, np.array([0]), np.array([0, 3, 4, 15]), 50)
    assert sorted(chosen) == [3, 4, 15]


def test_reach_is_the_probability_of_a_random_walk(rng):
    """Against walks that are really walked."""
    from ssvae.graph.acquisition import reach
    from ssvae.graph.walk import random_walk

    weights = rng.random((6, 6)) * (rng.random((6, 6)) < 0.7)
    graph = sparse.csr_matrix((weights + weights.T + 0.1).astype(np.float32))
    step = random_walk(graph)
    unreached = np.ones(6, np.float32)
    reach(unreached, step.T.tocsr(), 2)
    dense = step.toarray().astype(float)
    dense /= dense.sum(axis=1, keepdims=True)
    for start in range(6):
        hits = 0
        for _ in range(2000):
            place = start
            while place != 2 and rng.random() > REACH:
                place = rng.choice(6, p=dense[place])
            hits += place == 2
        assert 1 - unreached[start] == pytest.approx(hits / 2000, abs=0.05)


def test_least_sure_takes_turns_by_class():
    probabilities = np.array(
        [[0.9, 0.1], [0.6, 0.4], [0.55, 0.45], [0.51, 0.49], [0.3, 0.7], [0.2, 0.8]]
    )
    assert least_sure(probabilities, 4).tolist() == [3, 4, 2, 5]


def test_the_largest_clusters_in_doubt_are_asked_about_first(rng):
    vectors = rng.normal(scale=0.2, size=(400, 3)).astype("float32")
    vectors[100:160, 0] += 5
    vectors[160:200, 0] += 10
    graph = neighbor_graph(vectors)
    doubtful = np.zeros(400, bool)
    doubtful[100:200] = True
    doubtful[7] = True
    chosen = suggest(graph, np.array([0]), np.arange(1, 400), 5, doubtful)
    assert 100 <= chosen[0] < 160 and 160 <= chosen[1] < 200
    assert len(set(chosen)) == 5 and 7 not in chosen[:2]
