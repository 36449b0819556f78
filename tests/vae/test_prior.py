import numpy as np
import pytest
from keras import ops
from scipy.stats import multivariate_normal

from ssvae.vae.prior import MixturePrior, fit_mixture, usual_covariance


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


def test_no_codes_leave_the_standard_normal():
    weights, means, factors = fit_mixture(np.zeros((0, 2)))
    assert weights[0] == 1 and not means.any()
    assert np.array_equal(factors[0], np.eye(2))


def test_a_single_code_gets_the_usual_covariance():
    usual = np.array([[4, 1], [1, 2]])
    weights, means, factors = fit_mixture(np.full((1, 2), 7.0), usual=usual)
    assert weights[0] == 1
    assert np.array_equal(means[0], [7, 7])
    assert factors[0] @ factors[0].T == pytest.approx(usual)


def test_few_codes_share_a_gaussian_with_the_other_classes(rng):
    """Twelve dimensions: 40 codes a class, 90 would be needed for one Gaussian.

    The fitted density of new codes of the class is higher than that of N(0, I), that of
    the class's own covariance and that of the usual one.
    """
    size, count = 12, 40
    spread = np.linspace(0.2, 2, size)
    scales = np.stack([spread, np.where(np.arange(size) % 2, spread, 4 * spread)])
    classes = np.repeat([0, 1], count)
    codes = (rng.normal(size=(2 * count, size)) + 3) * scales[classes]
    usual = usual_covariance(codes, classes)
    weights, means, factors = fit_mixture(codes[classes == 1], usual=usual)
    assert weights[0] == 1
    new = (rng.normal(size=(2000, size)) + 3) * scales[1]

    def log_density(mean, covariance):
        return multivariate_normal(mean, covariance).logpdf(new).mean()

    own = codes[classes == 1]
    fitted = log_density(means[0], factors[0] @ factors[0].T)
    assert fitted > log_density(np.zeros(size), np.eye(size))
    assert fitted > log_density(own.mean(axis=0), np.cov(own.T))
    assert fitted > log_density(own.mean(axis=0), usual)


def test_the_usual_covariance_is_around_each_class(rng):
    classes = rng.integers(3, size=6000)
    rest = rng.multivariate_normal([0, 0], [[2, 0.5], [0.5, 1]], len(classes))
    codes = rest + 50 * np.eye(3)[classes][:, :2]
    expected = np.array([[2, 0.5], [0.5, 1]])
    assert usual_covariance(codes, classes) == pytest.approx(expected, abs=0.15)


def test_the_usual_covariance_of_few_codes_is_near_the_identity():
    """As many codes as dimensions, all alike, and one class of a single code."""
    codes = np.repeat([[1.0, 2.0], [3.0, 4.0]], [3, 1], axis=0)
    covariance = usual_covariance(codes, np.array([0, 0, 0, 1]))
    assert covariance == pytest.approx(0.5 * np.eye(2))
