import numpy as np
import pytest

from ssvae.graph.herding import LEAST_ALIKE, covering_images

NONE = np.zeros(0, int)


@pytest.fixture
def groups(rng):
    """Vectors of three groups, of 60, 40 and 20, and a stray one far away."""
    truth = np.repeat(np.arange(3), (60, 40, 20))
    vectors = 6 * np.eye(3, 5)[truth] + rng.normal(size=(120, 5))
    stray = 30.0 * np.eye(5)[4:]
    return np.r_[vectors, stray].astype(np.float32), truth


def test_one_of_every_group_comes_before_two_of_any(groups):
    vectors, truth = groups
    chosen = covering_images(vectors, NONE, np.arange(120), 3)
    assert sorted(truth[chosen]) == [0, 1, 2]


def test_the_stray_image_comes_last(groups):
    vectors, _ = groups
    chosen = covering_images(vectors, NONE, np.arange(121), 4)
    assert 120 not in chosen


def test_a_group_with_labels_waits(groups):
    vectors, truth = groups
    labeled = np.flatnonzero(truth == 0)[::4]
    chosen = covering_images(vectors, labeled, np.arange(120), 2)
    assert sorted(truth[chosen]) == [1, 2]


def test_only_open_candidates_are_chosen_each_once(groups):
    vectors, _ = groups
    chosen = covering_images(vectors, np.array([3]), np.array([3, 7, 9]), 10)
    assert sorted(chosen) == [7, 9]
    assert len(covering_images(vectors, NONE, NONE, 5)) == 0


def test_the_choice_is_that_of_a_slow_search(rng):
    """Against the mean coverage of every possible next image."""
    vectors = rng.normal(size=(30, 3)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    squares = ((unit[:, None] - unit) ** 2).sum(axis=2, dtype=np.float64)
    alike = np.exp(-squares / np.median(np.sort(squares, axis=1)[:, LEAST_ALIKE]))
    expected: list[int] = []
    for _ in range(5):
        means = [alike[[*expected, row]].max(axis=0).mean() for row in range(30)]
        expected.append(int(np.argmax(means)))
    assert covering_images(vectors, NONE, np.arange(30), 5).tolist() == expected


def test_more_images_than_are_compared_are_each_chosen_once(groups, monkeypatch):
    vectors, _ = groups
    monkeypatch.setattr("ssvae.graph.herding.MOST_COMPARED", 20)
    chosen = covering_images(vectors, np.array([5]), np.arange(120), 119)
    assert sorted([5, *chosen]) == list(range(120))
    assert len(covering_images(vectors, NONE, np.arange(120), 7)) == 7
