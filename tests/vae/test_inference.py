"""The rules of answering: on arrays and on tensors alike, and worked by hand."""

import keras
import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from ssvae.vae import inference
from ssvae.vae.prior import MixturePrior

ops = keras.ops


def both(function, *inputs):
    """Return what a function gives for arrays, checked against tensors."""
    array = function(*inputs, np)
    tensor = function(*map(ops.convert_to_tensor, inputs), ops)
    assert ops.convert_to_numpy(tensor) == pytest.approx(array, rel=1e-5, abs=1e-6)
    return array


@pytest.fixture
def logits(rng):
    """Logits of which some rows are sure and some hold the same value thrice."""
    rows = rng.normal(scale=5, size=(200, 3)).astype(np.float32)
    return np.concatenate([rows, np.zeros((1, 3), np.float32), 80 * np.eye(3)[:2]])


def test_an_image_is_doubtful_below_the_probability_that_counts_as_sure(logits):
    expected = softmax(logits, axis=1).max(axis=1) < inference.SURE
    assert 0.1 < expected.mean() < 0.9
    assert np.array_equal(both(inference.is_doubtful, logits), expected)


@pytest.mark.parametrize("temperature", [1.0, 0.3, 4.0])
def test_probabilities_are_the_softmax_of_the_cooled_logits(logits, temperature):
    """Bit for bit on arrays: the shipped models' answers stay the same."""

    def probabilities(logits, xp):
        return inference.probabilities(logits, temperature, xp)

    logits = logits.astype(np.float32)
    expected = softmax(logits / np.float32(temperature), axis=1)
    assert np.array_equal(both(probabilities, logits), expected)


def test_codes_come_from_the_gaussian_that_was_chosen(rng):
    """Two classes with the weights 0.25, 0.75 and 1, 0; worked by hand."""
    weights = np.array([[0.25, 0.75], [1, 0]], np.float32)
    means = np.array([[[1], [2]], [[3], [4]]], np.float32)
    factors = np.array([[[[10]], [[20]]], [[[30]], [[40]]]], np.float32)
    prior = MixturePrior(weights, means, factors)
    classes = np.array([0, 0, 1, 1], np.int32)
    noise = np.array([[1], [-1], [0.5], [0]], np.float32)
    choice = np.array([0.2, 0.3, 0.0, 0.999], np.float32)

    def codes(classes, noise, choice, xp):
        return inference.draw_codes(prior, classes, noise, choice, xp)

    z = both(codes, classes, noise, choice)
    assert z[:, 0].tolist() == [1 + 10, 2 - 20, 3 + 15, 3]


def test_score_worked_by_hand():
    logits = np.array([[0.0, 0.0], [3.0, 0.0]])
    deviance, energy = inference.score_parts(
        np.array([-1.0, -2.0]), np.array([-11.0, -4.0]), logits, logsumexp
    )
    assert deviance.tolist() == [10.0, 2.0]
    assert energy == pytest.approx([-np.log(2), -np.log(np.e**3 + 1)])
    score = inference.score(deviance, energy, [4.0, -1.0], [3.0, 0.5], np.logaddexp)
    energy = (energy + 1) / 0.5
    assert score == pytest.approx(np.log(np.exp([2.0, -2 / 3]) + np.exp(energy)))


def test_bytes_become_floats_and_floats_stay():
    levels = np.array([0, 51, 255], np.uint8)
    floats = inference.as_floats(ops.convert_to_tensor(levels))
    assert ops.convert_to_numpy(floats) == pytest.approx([0, 0.2, 1])
    assert inference.as_floats(floats) is floats


def test_draws_follow_the_seed_alone():
    noise = inference.draw_noise(4, 3, (7, 1))
    assert noise.dtype == np.float32
    assert np.array_equal(noise, inference.draw_noise(4, 3, (7, 1)))
    assert not np.array_equal(noise, inference.draw_noise(4, 3, (7, 2)))
    # More images leave those before them as they were.
    choice = inference.draw_choice(5, seed=7)
    assert np.array_equal(choice[:3], inference.draw_choice(3, seed=7))
    assert 0 <= choice.min() <= choice.max() < 1
