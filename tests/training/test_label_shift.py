"""p(y) of unlabeled images by a classifier that learned from other shares."""

import numpy as np
import pytest
from scipy.special import softmax

from ssvae.training.label_shift import Calibration, shares_by_em

EVEN = np.full(3, 1 / 3)


def drawn(rng, shares, count):
    """Images of three classes, and log p(x|y) of Gaussians on a line."""
    classes = rng.choice(3, count, p=shares)
    x = 2.5 * classes + rng.normal(size=count)
    return classes, -0.5 * (x[:, None] - 2.5 * np.arange(3)) ** 2


def test_shares_are_found_by_a_classifier_that_learned_from_others(rng):
    true = np.array([0.8, 0.15, 0.05])
    _, likelihood = drawn(rng, true, 5_000)
    learned = np.array([0.2, 0.3, 0.5])
    found = shares_by_em(likelihood + np.log(learned), learned, EVEN, 0)
    assert found == pytest.approx(true, abs=0.02)
    # What the classifier says by itself is far away.
    own = softmax(likelihood + np.log(learned), axis=1).mean(axis=0)
    assert np.abs(own - true).max() > 0.05


def test_the_prior_is_a_number_of_images():
    """Images that are told apart without doubt, so that shares are counts."""
    logits = 80.0 * np.eye(3)[[0, 0, 0, 1]]
    found = shares_by_em(logits, EVEN, EVEN, 3)
    assert found == pytest.approx(np.array([4, 2, 1]) / 7)


def test_a_class_that_was_not_learned_has_no_share(rng):
    _, likelihood = drawn(rng, EVEN, 300)
    found = shares_by_em(likelihood, np.array([0.5, 0.5, 0]), EVEN, 10)
    assert found[2] == 0 and found.sum() == pytest.approx(1)


def test_a_calibration_undoes_a_factor_and_a_bias(rng):
    classes, likelihood = drawn(rng, EVEN, 3_000)
    wrong = 0.5 * likelihood + np.array([0.4, -0.4, 0])
    wanted = softmax(likelihood, axis=1)
    assert np.abs(softmax(wrong, axis=1) - wanted).mean() > 0.05
    mended = softmax(Calibration.of(wrong, classes)(wrong), axis=1)
    assert np.abs(mended - wanted).mean() < 0.02


def test_few_labels_that_are_all_right_do_not_make_it_certain():
    logits = np.eye(3)
    calibration = Calibration.of(logits, np.arange(3))
    assert 1 < calibration.factor < 4
