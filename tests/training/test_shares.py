"""Shares of the classes, estimated from vectors and from a graph."""

import numpy as np
import pytest

from ssvae.graph.construction import neighbor_graph
from ssvae.graph.propagation import Propagation
from ssvae.runs.shares import EQUAL, ESTIMATED, Shares, sentence, table
from ssvae.training.share_evidence import as_drawn, chance_error, evened, turns
from ssvae.training.shares import shares_of_graph, shares_of_vectors

EVEN = np.full(4, 1 / 4)
TAIL = np.array([0.7, 0.2, 0.07, 0.03])


def vectors_of(rng, shares, gap=2.0, count=1_500, each=10):
    """Vectors of four classes by their shares, and as many labels of each."""
    classes = rng.choice(4, count, p=shares)
    vectors = rng.normal(size=(count, 12))
    vectors[:, :4] += gap * np.eye(4)[classes]
    labels = np.full(count, -1)
    for index in range(4):
        labels[np.flatnonzero(classes == index)[:each]] = index
    return vectors.astype("float32"), labels, np.bincount(classes, minlength=4) / count


def both_ways(vectors, labels):
    """The shares by vectors and by their graph."""
    yield shares_of_vectors(vectors, labels, EVEN, 0)
    yield shares_of_graph(Propagation(neighbor_graph(vectors)), labels, EVEN, 0)


def test_a_long_tail_is_found_and_its_interval_holds_it(rng):
    vectors, labels, true = vectors_of(rng, TAIL, gap=4.0)
    for found in both_ways(vectors, labels):
        assert found.source == ESTIMATED
        assert np.abs(found.values - true).mean() < 0.02
        assert np.all((found.low <= true) & (true <= found.high))
        assert found.values.sum() == pytest.approx(1)


@pytest.mark.parametrize(("gap", "each"), [(4.0, 10), (1.5, 5), (1.0, 2), (3.0, 3)])
def test_balanced_classes_keep_equal_shares(rng, gap, each):
    vectors, labels, _ = vectors_of(rng, EVEN, gap, each=each)
    for found in both_ways(vectors, labels):
        assert found.source == EQUAL
        assert np.array_equal(found.values, EVEN)


def test_labels_that_tell_nothing_keep_equal_shares(rng):
    """Most vectors look like one class, but which class that is nobody can tell."""
    vectors, labels, _ = vectors_of(rng, TAIL, gap=0.0)
    for found in both_ways(vectors, labels):
        assert found.source == EQUAL


def test_a_class_with_one_label_keeps_it_and_gets_its_share(rng):
    vectors, labels, true = vectors_of(rng, TAIL, gap=4.0)
    labels[np.flatnonzero(labels == 3)[1:]] = -1
    assert turns(labels, 0)[labels == 3] == -1
    found = shares_of_vectors(vectors, labels, EVEN, 0)
    assert found.source == ESTIMATED
    assert np.abs(found.values - true).mean() < 0.02


def test_with_one_label_per_class_nothing_is_estimated(rng):
    vectors, labels, _ = vectors_of(rng, TAIL, each=1)
    for found in both_ways(vectors, labels):
        assert found.source == EQUAL and not len(found.low)


def test_a_class_without_labels_has_no_share(rng, tmp_path):
    vectors, labels, _ = vectors_of(rng, TAIL, gap=4.0)
    labels[labels == 2] = -1
    found = shares_of_vectors(vectors, labels, np.array([1, 1, 0, 1]) / 3, 0)
    assert 0 < found.values[2] < 1e-6
    np.savez(tmp_path / "kept.npz", **found.arrays)
    with np.load(tmp_path / "kept.npz") as kept:
        again = Shares.of(kept)
    assert again.source == found.source
    assert np.array_equal(again.low, found.low)


def test_labels_drawn_as_images_come_tell_a_graph_of_shares(rng):
    """A frequent class holds images of others: the labels' own shares say so."""
    true = np.array([0.55, 0.25, 0.12, 0.08])
    classes = rng.choice(4, 1_500, p=true)
    vectors = rng.normal(size=(1_500, 12)).astype("float32")
    vectors[:, :4] += 2 * np.eye(4, dtype="float32")[classes]
    labels = np.where(np.arange(1_500) < 60, classes, -1)
    spread = Propagation(neighbor_graph(vectors))
    held = np.bincount(spread.free_guesses(labels, 4)) / 1_500
    found = shares_of_graph(spread, labels, EVEN, 0)
    off = np.abs(found.values - true).mean()
    assert found.source == ESTIMATED
    assert off < 0.03 and off < 0.5 * np.abs(held - true).mean()


def test_uneven_labels_were_drawn_as_images_come_if_the_estimate_agrees():
    classes = np.repeat(np.arange(4), [40, 20, 10, 5])
    shares = as_drawn(classes, EVEN, lambda: TAIL)
    assert shares == pytest.approx(np.array([41, 21, 11, 6]) / 79)
    assert as_drawn(classes, EVEN, lambda: TAIL[::-1]) is None
    assert as_drawn(np.arange(40) % 4, EVEN, lambda: TAIL) is None


@pytest.mark.parametrize("gap", [1.5, 2.0])
def test_many_labels_of_a_class_do_not_make_it_frequent_in_a_graph(gap):
    vectors, labels, _ = vectors_of(np.random.default_rng(0), EVEN, gap, each=40)
    for index, most in enumerate((40, 10, 5, 3)):
        labels[np.flatnonzero(labels == index)[most:]] = -1
    spread = Propagation(neighbor_graph(vectors))
    held = np.bincount(spread.free_guesses(labels, 4)) / len(labels)
    assert held[0] > 0.35
    assert shares_of_graph(spread, labels, EVEN, 0).source == EQUAL


def test_no_class_has_more_labels_than_the_median_when_they_are_evened():
    labels = np.repeat([0, 1, 2, -1], [9, 4, 2, 5])
    few = evened(labels, (0, 0))
    assert np.bincount(few[few >= 0]).tolist() == [4, 4, 2]
    assert np.all((few == labels) | (few == -1))


def test_the_error_by_chance_is_that_of_many_draws(rng):
    draws = rng.multinomial(100, TAIL, 4_000) / 100
    seen = np.abs(draws - TAIL).sum(axis=1).mean() / 2
    assert chance_error(TAIL, 100) == pytest.approx(seen, rel=0.03)


def test_no_share_is_smaller_than_that_of_its_labels(rng):
    vectors, labels, _ = vectors_of(rng, TAIL, gap=4.0, count=200)
    found = shares_of_vectors(vectors, labels, EVEN, 0)
    counts = np.bincount(labels[labels >= 0], minlength=4)
    assert np.all(found.values >= 0.95 * counts / 200)


def test_classes_that_hold_images_of_others_in_a_graph_keep_equal_shares(rng):
    """Two classes cannot be told apart: one of them may get all of their images."""
    vectors, labels, _ = vectors_of(rng, EVEN, gap=5.0)
    alike = vectors[:, 3] > 2.5
    vectors[alike, 2:4] = vectors[alike, 3:1:-1]
    spread = Propagation(neighbor_graph(vectors))
    found = shares_of_graph(spread, labels, EVEN, 0)
    assert found.source == EQUAL
    assert np.array_equal(found.values, EVEN)


def test_the_sentence_names_the_most_frequent_classes_first():
    names = tuple("abcdefg")
    shares = np.array([1, 2, 3, 4, 5, 6, 79]) / 100
    told = Shares(shares, ESTIMATED, shares / 2, shares * 1.2).figures(names)
    assert sentence(told).startswith(
        "Class shares, estimated from unlabeled images: g 79.0 % (39.5 to 94.8), f"
    )
    assert sentence(told).endswith(", and 2 others.")
    assert table(told).splitlines()[2] == "| g | 79.0 % (39.5 to 94.8) |"
    equal = Shares.given(EVEN, "auto").figures(tuple("abcd"))
    assert sentence(equal) == "Class shares: taken as equal."
    assert table(equal) == "" and sentence({}) == ""
    stated = Shares.given(TAIL, "7 2 0.7 0.3").figures(tuple("abcd"))
    assert sentence(stated).startswith("Class shares, as stated: a 70.0 %, b 20.0 %")


@pytest.mark.parametrize("seed", [1, 2])
def test_labels_that_are_uneven_by_intent_keep_equal_shares(seed):
    """Classes are alike in pairs: a regression leans to the one with more labels."""
    rng = np.random.default_rng(seed)
    classes = np.arange(800) % 4
    vectors = rng.normal(size=(800, 60))
    vectors[:, :2] += 3 * np.eye(2)[classes // 2]
    vectors[:, 2:6] += 0.8 * np.eye(4)[classes]
    labels = np.full(800, -1)
    for index, count in enumerate((30, 2, 12, 4)):
        labels[np.flatnonzero(classes == index)[:count]] = index
    found = shares_of_vectors(vectors.astype("float32"), labels, EVEN, 0)
    assert found.source == EQUAL
    assert np.array_equal(found.values, EVEN)
