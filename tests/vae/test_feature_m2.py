"""M2 over features with a deeper decoder: it starts as the mixture of Gaussians."""

import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax
from scipy.stats import multivariate_normal

from ssvae.training.deep_learner import deep_config
from ssvae.vae import bounds
from ssvae.vae.feature_m2 import FeatureM2
from ssvae.vae.mixture import GaussianMixture

pytestmark = pytest.mark.each_backend


@pytest.fixture
def mixture(rng):
    factor = rng.normal(size=(6, 6))
    return GaussianMixture(
        rng.normal(size=(3, 6)).astype("float32"),
        (factor @ factor.T + np.eye(6)).astype("float32"),
        np.log([0.5, 0.3, 0.2]).astype("float32"),
    )


@pytest.fixture
def model(mixture):
    config = deep_config(6, seed=1).replace(hidden_units=7, latent_dim=4)
    return FeatureM2(mixture, config)


@pytest.fixture
def vectors(rng):
    return rng.normal(size=(20, 6)).astype("float32")


def test_its_bound_is_the_density_of_the_mixture(mixture, model, vectors, rng):
    """log p(f|y,z) p(y) p(z) / q(z|f,y) is log p(f, y), whatever z is drawn."""
    x = ops.convert_to_tensor(model.described(vectors))
    volume = np.linalg.slogdet(model.white)[1]
    for label in range(3):
        one_hot = ops.convert_to_tensor(np.tile(np.eye(3, dtype="f4")[label], (20, 1)))
        noise = ops.convert_to_tensor(rng.normal(size=(20, 4)).astype("float32"))
        features = model.encoder_body(x)
        weights = bounds.log_weight(model, one_hot, x, features, noise)
        gaussian = multivariate_normal(mixture.means[label], mixture.covariance)
        wanted = mixture.log_shares[label] + gaussian.logpdf(vectors) - volume
        assert ops.convert_to_numpy(weights) == pytest.approx(wanted, abs=1e-3)


def test_its_classifier_is_that_of_the_mixture(mixture, model, vectors):
    wanted = log_softmax(mixture.classifier()(vectors), axis=1)
    result = log_softmax(model.learned()(vectors), axis=1)
    assert result == pytest.approx(wanted, abs=1e-3)


def test_what_it_learned_answers_as_the_model_does(model, vectors, rng):
    values = [rng.normal(size=v.shape) for v in model.classifier.get_weights()]
    model.classifier.set_weights(values)
    logits = model.classifier(ops.convert_to_tensor(model.described(vectors)))
    wanted = ops.convert_to_numpy(logits)
    assert np.ptp(wanted) > 1
    assert model.learned()(vectors) == pytest.approx(wanted, abs=1e-4)
