"""A backbone computes in the precision of the config; the kept model in float32."""

import keras
import numpy as np
import pytest
from helpers import waves
from keras import layers

from ssvae.config.settings import Config
from ssvae.features.cache import KeptFeatures
from ssvae.features.extractor import extract
from ssvae.model import SSVAE
from ssvae.vae.average import averaged
from ssvae.vae.feature_classifier import EXTRACTOR, load_pretrained

SIDE = 32


@pytest.fixture(scope="module")
def images():
    images = waves(np.random.default_rng(0), 6, SIDE, SIDE, 3)
    return np.uint8(255 * images)


@pytest.fixture
def elsewhere(tmp_path):
    """The path of a network of Keras's own layers."""
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(8, 3, strides=2, activation="relu"),
            layers.Conv2D(8, 3, strides=2, activation="relu"),
        ]
    )
    network.save(tmp_path / "network.keras")
    return str(tmp_path / "network.keras")


def built(backbone, precision):
    """A model of features of a backbone, with its pretrained weights."""
    size = SIDE if backbone.startswith("efficientnet") else 0
    config = Config(
        features="backbone",
        backbone=backbone,
        backbone_size=size,
        precision=precision,
        hidden_units=4,
        latent_dim=2,
        generated_size=8,
        augment="none",
        top_classes=1,
    )
    model = SSVAE((SIDE, SIDE, 3), ("a", "b"), config)
    load_pretrained(model.classifier, config)
    return model


def features(model, images):
    return extract(model.classifier.get_layer(EXTRACTOR), images)


@pytest.mark.each_backend
@pytest.mark.parametrize("name", ["efficientnet-lite0", "a file"])
def test_features_are_rough_in_bfloat16_and_those_of_the_kept_model_exact(
    name, images, elsewhere, monkeypatch, tmp_path
):
    monkeypatch.setenv("SSVAE_CACHE", str(tmp_path / "cache"))
    name = elsewhere if name == "a file" else name
    exact, low = built(name, "float32"), built(name, "bfloat16")
    wanted, rough = features(exact, images), features(low, images)
    # Vectors of length one, or two of them.
    assert np.abs(rough - wanted).max() > 1e-5
    assert np.linalg.norm(rough - wanted, axis=1).max() < 0.1
    assert rough.dtype == np.float32
    assert {weight.dtype for weight in low.classifier.weights} <= {"float32", "int64"}
    # No features of one precision are taken for those of the other.
    extractors = [model.classifier.get_layer(EXTRACTOR) for model in (exact, low)]
    paths = {KeptFeatures(images, extractor).path for extractor in extractors}
    assert len(paths) == 2
    assert np.array_equal(features(averaged(low), images), wanted)
