"""The terms against float64 NumPy, plain loops and literals worked by hand."""

import math

import keras
import numpy as np
import pytest
from helpers import gradient, slow_unlabeled_bound

from ssvae.vae import losses

ops = keras.ops


def call(function, *arrays, **kwargs):
    arrays = (keras.ops.convert_to_tensor(a, "float32") for a in arrays)
    return keras.ops.convert_to_numpy(function(*arrays, **kwargs))


def test_bernoulli_by_hand():
    # log sigma(0) = -log 2 for x = 0 and 1; log sigma(2) = -0.126928 for x = 1.
    value = call(losses.bernoulli_log_likelihood, [[0, 1, 1]], [[0, 0, 2]])
    assert value == pytest.approx([-2 * 0.693147 - 0.126928], abs=1e-5)


def test_bernoulli_of_extreme_logits_is_finite_and_exact():
    x, logits = [[1, 0], [0, 1]], [[80, -80], [80, -80]]
    value = call(losses.bernoulli_log_likelihood, x, logits)
    assert value == pytest.approx([0, -160], abs=1e-4)


def test_bernoulli_matches_numpy_on_images(rng):
    x = rng.random((4, 5, 3, 2))
    logits = rng.normal(0, 3, x.shape)
    p = 1 / (1 + np.exp(-logits))
    slow = (x * np.log(p) + (1 - x) * np.log1p(-p)).sum(axis=(1, 2, 3))
    assert call(losses.bernoulli_log_likelihood, x, logits) == pytest.approx(
        slow, rel=1e-5
    )


@pytest.mark.parametrize("size", [1, 127, 131, 3 * 127, 784])
def test_bernoulli_is_exact_and_finite_for_any_number_of_pixels(size, rng):
    """The worst for a product are logits of 0, whose factors are 2."""
    x = rng.random((3, size))
    for logits in (np.zeros((3, size)), rng.normal(0, 5, (3, size))):
        slow = (x * logits - np.logaddexp(0, logits)).sum(axis=1)
        assert call(losses.bernoulli_log_likelihood, x, logits) == pytest.approx(
            slow, rel=1e-5
        )


def test_gradient_of_bernoulli_is_what_the_logits_miss(rng):
    """d log p / d l = x - sigma(l)."""
    x = rng.random((4, 5, 3, 2)).astype("float32")
    logits = rng.normal(0, 3, x.shape).astype("float32")

    def total(logits):
        return ops.sum(losses.bernoulli_log_likelihood(ops.array(x), logits))

    expected = x - 1 / (1 + np.exp(-logits))
    assert gradient(total, logits) == pytest.approx(expected, abs=1e-5)


def test_gaussian_by_hand():
    # log N(1; 0, 1) = -0.5 - 0.918939; with sigma = 2: -0.125 - 0.693147 - 0.918939.
    unit = call(losses.gaussian_log_likelihood, [[1]], [[0]], 0)
    wide = call(losses.gaussian_log_likelihood, [[1]], [[0]], math.log(2))
    assert unit == pytest.approx([-1.418939], abs=1e-5)
    assert wide == pytest.approx([-1.737086], abs=1e-5)


def test_logistic_by_hand():
    # s = h = 1/510: F(1) - F(-1) in the middle, F(1) for black where the mean is.
    value = call(
        losses.logistic_log_likelihood,
        [[0.2], [0], [1], [1]],
        [[0.2], [0], [1], [-1]],
        math.log(1 / 510),
    )
    assert value[:3] == pytest.approx(np.log([0.462117, 0.731059, 0.731059]), abs=1e-5)
    assert value[3] == pytest.approx(-1019, rel=1e-4)


@pytest.mark.parametrize("log_scale", [-7.0, -3.0, 0.0, 2.0])
def test_logistic_is_a_distribution_over_bytes(log_scale):
    x = np.arange(256)[:, None] / 255
    for mean in (-0.3, 0.0, 0.41, 1.2):
        value = call(
            losses.logistic_log_likelihood, x, np.full_like(x, mean), log_scale
        )
        assert np.all(value <= 1e-6)
        assert np.exp(np.float64(value)).sum() == pytest.approx(1, abs=2e-4)


def test_kl_by_hand():
    # mean 1, variance 1: 1/2. Mean 0, variance e: (e - 2) / 2.
    value = call(losses.gaussian_kl, [[1, 0], [0, 0]], [[0, 0], [1, 0]])
    assert value == pytest.approx([0.5, (math.e - 2) / 2], abs=1e-6)


def test_kl_is_never_negative_and_zero_at_the_prior(rng):
    mean, log_var = rng.normal(0, 2, (2, 100, 5))
    assert np.all(call(losses.gaussian_kl, mean, log_var) >= 0)
    assert call(losses.gaussian_kl, np.zeros((1, 5)), np.zeros((1, 5))) == 0


def test_kl_matches_monte_carlo(rng):
    mean, log_var = np.array([[0.7, -1.2]]), np.array([[-0.5, 0.8]])
    noise = rng.normal(size=(200_000, 2))
    z = mean + np.exp(log_var / 2) * noise
    log_ratio = (-(noise**2) - log_var + z**2) / 2
    value = call(losses.gaussian_kl, mean, log_var)
    assert value == pytest.approx(log_ratio.sum(axis=1).mean(), abs=0.02)


def test_free_bits_apply_only_to_small_dimensions():
    mean = np.array([[0.1, 2.0], [0.1, 2.0]])
    value = call(losses.gaussian_kl, mean, np.zeros((2, 2)), free_bits=0.3)
    assert value == pytest.approx([0.3 + 2.0, 0.3 + 2.0], abs=1e-6)


def test_labeled_bound_by_hand():
    assert call(losses.labeled_bound, [-100], math.log(0.1), [20]) == pytest.approx(
        [-122.302585], abs=1e-4
    )


def exact_unlabeled_bound(logits, bounds):
    log_q = keras.ops.log_softmax(logits, axis=-1)
    return losses.unlabeled_bound(log_q, bounds, keras.ops.exp(log_q))


def test_unlabeled_bound_by_hand():
    # q = (1/2, 1/2): mean of the bounds plus log 2. q = (3/4, 1/4): -13 + 0.562335.
    logits = [[0, 0], [math.log(3), 0]]
    value = call(exact_unlabeled_bound, logits, [[-10, -20], [-12, -16]])
    assert value == pytest.approx([-15 + 0.693147, -13 + 0.562335], abs=1e-5)


@pytest.mark.parametrize("images", [1, 7])
@pytest.mark.parametrize("classes", [1, 2, 10])
def test_unlabeled_bound_matches_the_loop(rng, images, classes):
    logits = rng.normal(0, 3, (images, classes))
    bounds = rng.normal(-100, 20, (images, classes))
    value = call(exact_unlabeled_bound, logits, bounds)
    assert value.shape == (images,)
    assert value == pytest.approx(slow_unlabeled_bound(logits, bounds), rel=1e-5)


def test_unlabeled_bound_of_a_certain_class_is_its_labeled_bound():
    logits, bounds = [[80, -80, -80]], [[-90, -300, 5]]
    assert call(exact_unlabeled_bound, logits, bounds) == pytest.approx([-90])


def test_unlabeled_bound_is_tight_exactly_at_the_posterior(rng):
    bounds = rng.normal(-5, 2, (50, 4))
    limit = np.logaddexp.reduce(bounds, axis=1)
    others = call(exact_unlabeled_bound, rng.normal(0, 2, (50, 4)), bounds)
    assert np.all(others < limit - 1e-3)
    # Any constant may be added to the logits.
    assert call(exact_unlabeled_bound, bounds + 3, bounds) == pytest.approx(
        limit, abs=1e-4
    )


def test_cross_entropy_by_hand():
    value = call(losses.cross_entropy, [[0, 0], [80, -80]], [[1, 0], [0, 1]])
    assert value == pytest.approx([0.693147, 160], abs=1e-5)


def test_cross_entropy_is_least_where_the_classifier_agrees(rng):
    targets = rng.dirichlet(np.ones(4), 20)
    least = call(losses.cross_entropy, np.log(targets), targets)
    other = call(losses.cross_entropy, rng.normal(size=(20, 4)), targets)
    assert np.all(other > least)


def test_entropy_is_the_least_that_bernoulli_pixels_cost(rng):
    x = rng.uniform(size=(4, 3, 3, 1)).astype(np.float32)
    x[0] = x[0] > 0.5
    least = call(losses.bernoulli_entropy, x)
    assert least[0] == 0.0
    known = np.log(x[1:]) - np.log1p(-x[1:])
    cost = -call(losses.bernoulli_log_likelihood, x[1:], known)
    assert least[1:] == pytest.approx(cost, rel=1e-4)
    for shift in (-0.1, 0.1):
        other = -call(losses.bernoulli_log_likelihood, x[1:], known + shift)
        assert np.all(other > least[1:])


def test_group_cross_entropy_by_hand():
    # q = (1/2, 1/4, 1/4) and groups of 2, 1 and all classes.
    logits = [[math.log(2), 0, 0]] * 3
    allowed = np.array([[1, 1, 0], [0, 0, 1], [1, 1, 1]], bool)
    value = call(losses.group_cross_entropy, logits, allowed)
    assert value == pytest.approx([-math.log(3 / 4), -math.log(1 / 4), 0], abs=1e-6)
    sure = call(losses.group_cross_entropy, [[80, -80, -80]], [[False, True, True]])
    assert sure == pytest.approx([160 - math.log(2)], rel=1e-5)


def test_the_bound_of_a_group_is_the_sum_over_its_classes(rng):
    """U(x) over y in g is below log sum_{y in g} exp L(x, y), and equal at its best."""
    bounds = rng.normal(-5, 2, (50, 4))
    allowed = rng.random((50, 4)) < 0.5
    allowed[:, 0] = True
    limit = np.logaddexp.reduce(np.where(allowed, bounds, -np.inf), axis=1)

    def within(logits):
        kept = losses.kept_to_group(logits, keras.ops.array(allowed))
        return exact_unlabeled_bound(kept, bounds.astype("float32"))

    best = keras.ops.convert_to_numpy(within(keras.ops.array(bounds, "float32")))
    assert best == pytest.approx(limit, abs=1e-4)
    other = within(keras.ops.array(rng.normal(0, 2, (50, 4)), "float32"))
    assert np.all(keras.ops.convert_to_numpy(other) <= limit + 1e-4)
