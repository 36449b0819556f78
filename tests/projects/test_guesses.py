import numpy as np
import pytest
from helpers import run_python

from ssvae.projects.dealing import IMBALANCE, LEAST_EACH, deal, first_of_each
from ssvae.projects.guesses import guess
from ssvae.projects.learning import ALONE, GAUSSIANS, MIXTURE, best, learners

CLASSES, EACH = 4, 90


@pytest.fixture(scope="module")
def blobs():
    """Return vectors in four overlapping clouds, which are the classes."""
    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat(np.arange(CLASSES), EACH))
    vectors = 3.2 * np.eye(10)[truth] + rng.normal(size=(len(truth), 10))
    vectors -= vectors.mean(axis=0)
    return vectors.astype(np.float32), truth


def labels_of(truth, rows):
    labels = np.full(len(truth), -1)
    labels[rows] = truth[rows]
    return labels


def test_a_few_labels_tell_most_images_and_how_many(blobs):
    vectors, truth = blobs
    labels = labels_of(truth, np.arange(40))
    found = guess(vectors, labels, CLASSES)
    right = (found.probabilities.argmax(axis=1) == truth)[40:].mean()
    assert right > 0.9
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert found.probabilities.dtype == np.float32
    estimate = found.estimate
    assert estimate.low < right < estimate.high and estimate.num_labels == 40
    assert estimate.with_more(20) >= estimate.accuracy
    # Calibrated: as sure as right.
    assert abs(found.probabilities.max(axis=1)[40:].mean() - right) < 0.07
    assert np.mean(found.left_out == truth[:40]) > 0.8


def test_no_labels_one_label_and_one_class_are_guessed_from(blobs):
    vectors, truth = blobs
    nothing = guess(vectors, np.full(len(truth), -1), CLASSES)
    assert np.all(nothing.probabilities == 1 / CLASSES) and nothing.estimate is None
    assert guess(vectors, np.full(len(truth), -1), 0).probabilities.shape[1] == 0
    for rows in ([7], np.flatnonzero(truth == 2)[:9]):
        found = guess(vectors, labels_of(truth, rows), CLASSES)
        assert set(found.probabilities.argmax(axis=1)) == {truth[rows[0]]}
        assert found.estimate is None and found.left_out is None


def test_a_rare_class_takes_few_images_though_it_has_as_many_labels():
    rng = np.random.default_rng(0)
    truth = (rng.random(1500) < 0.08).astype(int)
    vectors = rng.normal(size=(1500, 6))
    vectors[:, 0] += 2.5 * truth
    rows = np.concatenate([np.flatnonzero(truth == index)[:20] for index in (0, 1)])
    labels = labels_of(truth, rows)
    vectors = (vectors - vectors.mean(axis=0)).astype(np.float32)
    guesses = guess(vectors, labels, 2).probabilities.argmax(axis=1)
    # With equal shares it is 0.22.
    assert np.mean(guesses != truth) < 0.1


def test_a_class_without_labels_is_never_guessed(blobs):
    vectors, truth = blobs
    rows = np.flatnonzero(truth != 3)[:50]
    found = guess(vectors, labels_of(truth, rows), CLASSES)
    assert 3 not in found.probabilities.argmax(axis=1)


def test_a_class_with_a_single_label_stops_no_estimate(blobs):
    vectors, truth = blobs
    rows = np.r_[np.flatnonzero(truth != 3)[:40], np.flatnonzero(truth == 3)[:1]]
    assert guess(vectors, labels_of(truth, rows), CLASSES).estimate is not None


def test_a_second_class_with_one_label_among_many_is_guessed_from(blobs):
    """Without that label, left out in one turn, there is one class only."""
    vectors, truth = blobs
    rows = [*np.flatnonzero(truth == 0)[:30], np.flatnonzero(truth == 1)[0]]
    found = guess(vectors, labels_of(truth, rows), 2)
    assert np.isfinite(found.probabilities).all()


def test_no_class_has_many_times_the_labels_of_another():
    classes = np.repeat([0, 1, 3], [300, 12, 8])
    kept = first_of_each(classes, 5)
    counts = np.bincount(classes[kept], minlength=5).tolist()
    assert counts == [IMBALANCE * 8, 12, 0, 8, 0]
    assert kept.tolist() == sorted(kept.tolist())
    few = first_of_each(np.repeat([0, 1], [300, 1]), 2)
    assert len(few) == LEAST_EACH + 1


def test_everything_may_be_labeled(blobs):
    vectors, truth = blobs
    found = guess(vectors, truth, CLASSES)
    assert found.estimate.low < np.mean(found.left_out == truth) < found.estimate.high
    assert np.all(np.isfinite(found.probabilities))


def test_a_learner_reads_no_label_but_those_it_is_given(blobs):
    vectors, truth = blobs
    rows, others = np.arange(40), np.arange(60, len(truth))
    lies = truth.copy()
    lies[40:] = (truth[40:] + 1) % CLASSES
    even = np.full(CLASSES, 1 / CLASSES)
    honest = learners(vectors, truth, rows, others, even, 0)
    misled = learners(vectors, lies, rows, others, even, 0)
    assert set(honest) == {MIXTURE, GAUSSIANS, ALONE}
    for name in honest:
        np.testing.assert_array_equal(honest[name].kernel, misled[name].kernel)
        np.testing.assert_array_equal(honest[name].bias, misled[name].bias)


def test_a_label_that_is_left_out_is_not_known(blobs):
    # Every label is wrong at random: who sees it predicts it, who does not, cannot.
    vectors, _ = blobs
    random = np.random.default_rng(5).integers(CLASSES, size=len(vectors))
    labels = labels_of(random, np.arange(80))
    found = guess(10 * vectors[:, :1] + vectors, labels, CLASSES)
    assert np.mean(found.left_out == random[:80]) < 0.45
    assert found.estimate.accuracy < 0.6


def test_labels_chosen_by_sureness_do_not_make_the_estimate_too_high():
    rng = np.random.default_rng(1)
    truth = rng.integers(2, size=600)
    vectors = rng.normal(size=(600, 6)).astype(np.float32)
    vectors[:, 0] += 1.6 * (2 * truth - 1)
    # The farther from the border the surer; near it are the mistakes.
    sure = np.argsort(-np.abs(vectors[:, 0]))
    rows = np.r_[sure[:100], rng.permutation(600)[:40]]
    found = guess(vectors, labels_of(truth, rows), 2)
    truly = np.mean(found.probabilities.argmax(axis=1) == truth)
    naive = np.mean(found.left_out == truth[np.unique(rows)])
    assert naive > truly + 0.02
    assert abs(found.estimate.accuracy - truly) < min(0.03, naive - truly)


def test_odd_images_are_surprising(blobs):
    vectors, _ = blobs
    odd = np.concatenate([vectors, [[0] * 9 + [15]]]).astype(np.float32)
    found = guess(odd, np.full(len(odd), -1), CLASSES)
    assert found.surprise.argmax() == len(vectors)


def test_the_usual_learner_stays_unless_another_is_clearly_better():
    classes = np.arange(60) % 3
    sharp = 5 * np.eye(3)[classes]
    noise = np.random.default_rng(2).normal(size=(60, 3))
    assert best({"usual": sharp + noise, "other": sharp + noise[::-1]}, classes) == (
        "usual"
    )
    assert best({"usual": noise, "other": sharp}, classes) == "other"


def test_labels_are_dealt_evenly_within_each_class():
    classes = np.repeat([0, 1, 2], [20, 10, 5])
    parts = deal(classes, 0)
    for index in range(3):
        counts = np.bincount(parts[classes == index], minlength=5)
        assert np.ptp(counts) == 0
    assert deal(np.arange(6), 0).max() == 0


def test_guesses_need_no_keras():
    # It takes seconds to start: too long when a project is opened again.
    code = (
        "import sys, numpy as np\n"
        "from ssvae.projects import atlas, features, guesses, order\n"
        "vectors = np.random.default_rng(0).normal(size=(60, 4)).astype('float32')\n"
        "labels = np.where(np.arange(60) < 30, np.arange(60) % 2, -1)\n"
        "assert guesses.guess(vectors, labels, 2).estimate\n"
        "assert 'keras' not in sys.modules\n"
    )
    assert run_python("-c", code).returncode == 0
