"""log p(f) of a model's mixture of Gaussians, and the score that stands on it."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import logsumexp

from ssvae.saving.keras_file import load_model, save_model
from ssvae.vae.feature_density import FeatureDensity
from ssvae.vae.mixture import GaussianMixture


@pytest.fixture
def mixture(rng):
    factor = rng.normal(size=(5, 5))
    return GaussianMixture(
        rng.normal(size=(3, 5)).astype("float32"),
        (factor @ factor.T + np.eye(5)).astype("float32"),
        np.log([0.6, 0.3, 0.1]).astype("float32"),
    )


@pytest.mark.each_backend
def test_surprise_is_minus_the_log_density(mixture, rng):
    vectors = rng.normal(size=(20, 5)).astype("float32")
    density = FeatureDensity.of(mixture)
    wanted = -mixture.log_density(vectors)
    result = density.surprise(vectors, np, logsumexp)
    assert result == pytest.approx(wanted, abs=1e-3)
    result = density.surprise(ops.convert_to_tensor(vectors), ops, ops.logsumexp)
    assert ops.convert_to_numpy(result) == pytest.approx(wanted, abs=1e-3)


def test_the_score_of_a_model_of_features_is_of_its_features(photo_model, rng):
    images = rng.integers(0, 256, (20, 24, 24, 3), dtype=np.uint8)
    surprise, energy = photo_model.score_parts(images)
    classifier, fitted = photo_model.classifier, photo_model.fitted
    layer = classifier.get_layer("projected").output
    pixels = ops.convert_to_tensor(np.float32(images) / 255)
    vectors = ops.convert_to_numpy(keras.Model(classifier.input, layer)(pixels))
    wanted = fitted.density.surprise(vectors, np, logsumexp)
    assert surprise == pytest.approx(wanted, rel=1e-3)
    logits = ops.convert_to_numpy(classifier(pixels))
    assert energy == pytest.approx(-logsumexp(logits, axis=1), rel=1e-3)
    # What `predict` and `score` say is made of both.
    scores = fitted.score(surprise, energy)
    assert photo_model.score(images) == pytest.approx(scores, rel=1e-3)
    assert photo_model.assess(images)[1] == pytest.approx(scores, rel=1e-3)


def test_a_model_without_a_density_scores_pixels(photo_model, tmp_path, rng):
    """Models that were saved before have none."""
    save_model(photo_model, tmp_path / "a.keras")
    again = load_model(tmp_path / "a.keras")
    density = again.fitted.density
    assert np.array_equal(density.white, photo_model.fitted.density.white)
    again.fitted = dataclasses.replace(again.fitted, density=None)
    save_model(again, tmp_path / "b.keras")
    older = load_model(tmp_path / "b.keras")
    assert older.fitted.density is None
    images = rng.integers(0, 256, (4, 24, 24, 3), dtype=np.uint8)
    deviance, _ = older.score_parts(images)
    surprise, _ = photo_model.score_parts(images)
    assert not np.allclose(deviance, surprise)
