"""How good a classifier is, told without a test set."""

import numpy as np
import pytest
from scipy.special import expit, logit

from ssvae.training.estimate import Estimate, disagreement_of, estimate_accuracy


def test_the_interval_covers_what_is_measured_in_nine_of_ten_cases(rng):
    """Draws of what the estimate assumes: data set, labels, gain, and a small test."""
    held, errors = [], []
    for _ in range(600):
        disagreement = rng.uniform(0.02, 0.3)
        odds = logit(1 - disagreement) - 0.9 * 3 / 4 + 0.5 * rng.normal()
        count = rng.integers(20, 200)
        right = rng.uniform(size=count) < expit(odds)
        estimate = estimate_accuracy(right, 5, disagreement)
        gain = 0.32 * disagreement / np.sqrt(5)
        accuracy = min(expit(odds) + gain * (1 + 0.5 * rng.normal()), 1)
        measured = rng.binomial(625, accuracy) / 625
        held.append(estimate.low <= measured <= estimate.high)
        errors.append(estimate.accuracy - measured)
    assert 0.86 < np.mean(held) < 0.94
    assert abs(np.mean(errors)) < 0.01


def test_few_labels_give_a_wide_interval_and_many_a_narrow_one():
    few, many = (
        estimate_accuracy(np.arange(count) % 5 > 0, 5, 0.15) for count in (10, 1000)
    )
    assert few.high - few.low > 2 * (many.high - many.low)
    assert many.accuracy == pytest.approx(0.82, abs=0.01)
    assert few.num_labels == 10


def test_all_labels_predicted_right_do_not_mean_no_errors():
    right = np.ones(60, bool)
    sure, doubtful, unasked = (
        estimate_accuracy(right, 5, disagreement) for disagreement in (0.002, 0.1, None)
    )
    assert sure.accuracy > doubtful.accuracy and doubtful.low < 0.95
    assert sure.high == pytest.approx(1, abs=2e-3)
    assert 0.9 < unasked.accuracy < 1


def test_more_labels_bring_the_more_the_more_the_turns_contradict_each_other():
    right = np.arange(50) % 5 > 0
    little, much = (estimate_accuracy(right, 5, part) for part in (0.02, 0.2))
    gains = [one.with_more(50) - one.accuracy for one in (little, much)]
    assert 0 < gains[0] < gains[1] < 0.2
    assert much.with_more(0) == much.accuracy < much.with_more(10)
    assert much.with_more(10**9) <= 1
    figures = much.figures()
    curve = [point["accuracy"] for point in figures["expected_with_more_labels"]]
    assert curve == sorted(curve)
    assert figures["expected_with_more_labels"][1]["labels"] == 100
    unasked = estimate_accuracy(right, 5)
    assert unasked.figures()["expected_with_more_labels"] is None


def test_disagreement_is_the_mean_over_pairs_and_never_none():
    guesses = np.array([[0, 1, 1, 0], [0, 1, 0, 0], [0, 1, 1, 1]])
    assert disagreement_of(guesses) == pytest.approx((1 + 1 + 2) / 12)
    assert disagreement_of(guesses[:1].repeat(3, 0)) == pytest.approx(0.1)
    assert disagreement_of(np.zeros((3, 0), int)) is None


def test_an_estimate_survives_a_round_trip_through_an_array():
    estimate = estimate_accuracy(np.arange(20) % 3 > 0, 3, 0.2)
    values = np.array(list(vars(estimate).values()))
    assert Estimate.of(values) == estimate
    assert isinstance(Estimate.of(values).num_labels, int)
