import numpy as np
import pytest
from keras import ops
from scipy.stats import multivariate_normal

from ssvae.vae.prior import MixturePrior, fit_mixture


def prior_of(*mixtures):
    """Return the prior of one mixture per class: weights, means, factors."""
    return MixturePrior(*(np.stack(part) for part in zip(*mixtures, strict=True)))


def test_draws_of_the_normal_prior_are_the_noise(rng):
    noise = rng.normal(size=(50, 3)).astype(np.float32)
    drawn = MixturePrior.normal(4, 3).draw(np.arange(50) % 4, noise, seed=0)
    assert np.array_equal(drawn, noise)


def test_a_fitted_mixture_has_the_moments_of_the_codes(rng):
    """Codes of two correlated clouds, one of them three times as large."""
    left = rng.multivariate_normal([-4, 0], [[1, 0.8], [0.8, 1]], 3000)
    right = rng.multivariate_normal([5, 1], [[0.5, 0], [0, 2]], 1000)
    prior = prior_of(fit_mixture(np.concatenate([left, right])))
    drawn = prior.draw(np.zeros(40_000, int), rng.normal(size=(40_000, 2)), seed=1)
    for codes, part in (
        (left, drawn[drawn[:, 0] < 1]),
        (right, drawn[drawn[:, 0] > 1]),
    ):
        assert len(part) / 40_000 == pytest.approx(len(codes) / 4000, abs=0.02)
        assert part.mean(axis=0) == pytest.approx(codes.mean(axis=0), abs=0.1)
        assert np.cov(part.T) == pytest.approx(np.cov(codes.T), abs=0.15)


def test_each_class_is_drawn_from_its_own_mixture(rng):
    far = [fit_mixture(rng.normal(center, 1, (500, 2))) for center in (-9, 9)]
    classes = np.arange(400) % 2
    drawn = prior_of(*far).draw(classes, rng.normal(size=(400, 2)), seed=0)
    assert np.array_equal(drawn[:, 0] > 0, classes == 1)


def test_without_noise_every_draw_is_the_mean_of_a_gaussian(rng):
    prior = prior_of(fit_mixture(rng.normal(size=(500, 2))))
    drawn = prior.draw(np.zeros(100, int), np.zeros((100, 2)), seed=0)
    middles = prior.means[0]
    assert all(np.isclose(middles, z).all(axis=1).any() for z in drawn)


def test_log_density_is_the_density_that_is_drawn_from(rng):
    """Against SciPy, Gaussian by Gaussian, in float64."""
    clouds = [rng.normal(center, 1.5, (600, 3)) for center in (-2, 0, 3)]
    prior = prior_of(*map(fit_mixture, clouds))
    z = rng.normal(scale=2, size=(20, 3)).astype(np.float32)
    for y in range(3):
        one_hot = np.eye(3, dtype=np.float32)[[y] * 20]
        fast = ops.convert_to_numpy(
            prior.log_density(*map(ops.convert_to_tensor, (z, one_hot)))
        )
        density = sum(
            weight * multivariate_normal(mean, factor @ factor.T).pdf(z)
            for weight, mean, factor in zip(
                np.float64(prior.weights[y]),
                np.float64(prior.means[y]),
                np.float64(prior.factors[y]),
                strict=True,
            )
        )
        assert fast == pytest.approx(np.log(density), rel=1e-3, abs=1e-3)


def test_log_density_of_the_normal_prior(rng):
    z = rng.normal(size=(20, 3)).astype(np.float32)
    one_hot = np.eye(2, dtype=np.float32)[np.arange(20) % 2]
    tensors = map(ops.convert_to_tensor, (z, one_hot))
    fast = MixturePrior.normal(2, 3).log_density(*tensors)
    slow = multivariate_normal(np.zeros(3)).logpdf(z)
    assert ops.convert_to_numpy(fast) == pytest.approx(slow, abs=1e-4)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_codes_leave_the_standard_normal(rng, count):
    weights, means, factors = fit_mixture(rng.normal(size=(count, 2)) + 7)
    assert weights[0] == 1 and not means.any()
    assert np.array_equal(factors[0], np.eye(2))
