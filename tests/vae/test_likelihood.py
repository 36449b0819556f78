"""The log-likelihood's estimate against a model where it is known in closed form."""

import dataclasses
import math

import numpy as np
import pytest
from helpers import PLAIN
from scipy.stats import multivariate_normal

from ssvae.model import SSVAE
from ssvae.vae.prior import MixturePrior

SHIFT = 30.0  # keeps the ReLUs of the hidden layer in their linear part
SIGMA = 0.3


@pytest.fixture
def linear(rng):
    """A linear Gaussian model, x = W z + b + noise, and its W and b.

    The columns of W are orthogonal, so that the posterior has a diagonal covariance.
    q(z|x) is that posterior made wider and moved: the weights have to make up for it.
    """
    config = PLAIN.replace(
        labels=0,
        classifier_body="none",
        likelihood="gaussian",
        latent_dim=2,
        hidden_layers=1,
        hidden_units=2,
    )
    model = SSVAE((2, 3, 1), ("any",), config)
    weights = np.linalg.qr(rng.normal(size=(6, 2)))[0] * [0.9, 0.4]
    offset = rng.normal(size=6)
    variance = 1 / (1 + (weights**2).sum(axis=0) / SIGMA**2)
    to_mean = weights * variance / SIGMA**2
    passed = {"kernel": np.eye(2), "bias": np.full(2, SHIFT)}
    _assign(
        model.decoder,
        {(2, 2): passed["kernel"], (2,): passed["bias"], (1, 2): np.zeros((1, 2))},
        {(2, 6): weights.T, (6,): offset - SHIFT * weights.sum(axis=1)},
    )
    _assign(
        model.encoder_body,
        {(6, 2): to_mean, (2,): SHIFT - offset @ to_mean},
    )
    to_moments = np.concatenate([np.eye(2), np.zeros((2, 2))], axis=1)
    moved = np.array([0.1, -0.1]) - SHIFT
    wider = np.log(1.3 * variance)
    _assign(
        model.encoder_head,
        {(1, 2): np.zeros((1, 2)), (2, 4): to_moments},
        {(4,): np.concatenate([moved, wider])},
    )
    model.log_scale.assign(math.log(SIGMA))
    return model, weights, offset


def _assign(network, *values):
    """Give a network's variables the values of their shapes, each there once."""
    values = {shape: value for part in values for shape, value in part.items()}
    for variable in network.trainable_variables:
        variable.assign(values.pop(tuple(variable.shape)))
    assert not values


def exact_log_px(images, weights, offset, mean, covariance):
    """Return log p(x) where z is N(mean, covariance)."""
    spread = weights @ covariance @ weights.T + SIGMA**2 * np.eye(6)
    density = multivariate_normal(weights @ mean + offset, spread)
    return density.logpdf(images.reshape(len(images), 6))


def test_estimate_is_within_a_hundredth_of_a_nat(linear, rng):
    model, weights, offset = linear
    images = np.float32(rng.uniform(0, 1, (40, 2, 3, 1)))
    exact = exact_log_px(images, weights, offset, np.zeros(2), np.eye(2))
    estimate = model.log_likelihood(images, num_samples=5000)
    assert estimate.mean() == pytest.approx(exact.mean(), abs=0.01)
    assert estimate == pytest.approx(exact, abs=0.1)
    # One sample is a bound that is clearly lower: the test sees the difference.
    assert model.elbo(images).mean() < exact.mean() - 0.02


def test_estimate_with_a_fitted_prior(linear, rng):
    """The same model whose z is N(mean, covariance) instead of N(0, I)."""
    model, weights, offset = linear
    images = np.float32(rng.uniform(0, 1, (40, 2, 3, 1)))
    mean, covariance = np.array([0.4, -0.2]), np.array([[0.7, 0.2], [0.2, 1.1]])
    model.fitted = dataclasses.replace(
        model.fitted,
        prior=MixturePrior(
            np.ones((1, 1), np.float32),
            np.float32(mean)[None, None],
            np.float32(np.linalg.cholesky(covariance))[None, None],
        ),
    )
    exact = exact_log_px(images, weights, offset, mean, covariance)
    estimate = model.log_likelihood(images, num_samples=5000)
    assert estimate.mean() == pytest.approx(exact.mean(), abs=0.01)
    normal = exact_log_px(images, weights, offset, np.zeros(2), np.eye(2))
    estimate = model.log_likelihood(images, num_samples=5000, prior="normal")
    assert estimate.mean() == pytest.approx(normal.mean(), abs=0.01)
    assert abs(exact.mean() - normal.mean()) > 0.05
