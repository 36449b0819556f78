import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.fft import idctn

import ssvae
from ssvae.data import from_arrays
from ssvae.saving.keras_file import save_model
from ssvae.vae import texture
from ssvae.vae.fitted import Fitted, fit
from ssvae.vae.prior import MixturePrior

SHAPE = 8, 6, 3


def sharpness(images):
    """Return the root mean square of differences between neighbors."""
    return np.sqrt(np.mean(np.diff(images, axis=1) ** 2))


@pytest.fixture
def stds(rng):
    """Standard deviations of two classes at each frequency, up to 0.03."""
    return rng.uniform(0.003, 0.03, size=(2, *SHAPE)).astype(np.float32)


class Plain:
    """A model that draws each class as a grey area, brighter for the second class."""

    num_classes = 2
    pixel_shape = SHAPE

    def __init__(self, gains=True):
        self.fitted = Fitted(MixturePrior.normal(2, 3))
        self.gains = gains

    def encode(self, images, classes):
        zeros = np.zeros((len(images), 3), np.float32)
        return zeros, zeros

    def decode(self, z, classes):
        grey = np.float32(0.4) + np.float32(0.2) * np.asarray(classes)
        return np.tile(grey.reshape(-1, 1, 1, 1), (1, *SHAPE))

    def as_drawn(self, images):
        return images

    def generate(self, classes, seed=0, texture=True):
        return SimpleNamespace(classes=classes, textured=texture)

    def predict_proba(self, images, temperature=None):
        sure = np.full(len(images.classes), 0.6)
        if images.textured:
            # Every image gains, or half of them gain as much as the others lose.
            sure[::2], sure[1::2] = 0.9, 0.9 if self.gains else 0.301
        return np.where(np.eye(2)[images.classes] > 0, sure[:, None], 1 - sure[:, None])


def textured(stds, classes, rng):
    """Return images of `Plain` with noise of known powers."""
    noise = stds[classes] * rng.standard_normal((len(classes), *SHAPE), np.float32)
    return Plain().decode(None, classes) + idctn(noise, axes=(1, 2, 3), norm="ortho")


def test_the_powers_of_known_noise_are_found(stds, rng):
    classes = np.arange(6_000) % 2
    images = textured(stds, classes, rng)
    found = texture.fit_texture(Plain(), images, classes, rng)
    assert found.dtype == np.float32
    # The standard deviation from 3,000 draws is off by 1.3 %.
    assert found == pytest.approx(stds, rel=0.08, abs=4e-4)


def test_a_class_of_few_images_has_the_power_of_all_classes(stds, rng):
    classes = np.zeros(3_000, int)
    classes[:10] = 1
    found = texture.fit_texture(Plain(), textured(stds, classes, rng), classes, rng)
    few = np.abs(np.log(found[1] / found[0])).mean()
    assert few < 0.7 * np.abs(np.log(stds[1] / stds[0])).mean()
    powers = np.zeros((2, *SHAPE))
    powers[0] = 5 * 4.0
    alone = texture.scales(powers, np.array([5, 0]))
    assert alone == pytest.approx(2.0)


def test_images_with_noise_have_the_power_of_their_class_and_stay_in_range(stds, rng):
    classes = np.arange(4_000) % 2
    means = Plain().decode(None, classes)
    one_hot = np.eye(2, dtype=np.float32)[classes]
    images = texture.add_noise(means, one_hot, stds, seed=5)
    again = texture.fit_texture(Plain(), images, classes, rng)
    assert again == pytest.approx(stds, rel=0.08, abs=4e-4)
    wild = texture.add_noise(means[:4], one_hot[:4], 50 * stds, seed=5)
    assert wild.min() == 0
    assert wild.max() == 1
    assert np.array_equal(texture.add_noise(means, one_hot, stds, 5, 0.0), means)


@pytest.mark.parametrize("gains", [True, False])
def test_texture_is_kept_only_if_classes_are_told_better(stds, rng, gains):
    model, classes = Plain(gains), np.arange(100) % 2
    texture.add_texture(model, textured(stds, classes, rng), classes, rng)
    assert (model.fitted.texture is not None) == gains


@pytest.fixture
def textured_model(make_model, rng):
    model = make_model()
    shape = model.num_classes, *model.pixel_shape
    scales = rng.uniform(0.05, 0.1, size=shape).astype(np.float32)
    model.fitted = dataclasses.replace(model.fitted, texture=scales)
    return model


def test_generated_images_have_the_texture_that_is_asked_for(textured_model):
    classes = [0, 1, 2] * 4
    images = textured_model.generate(classes, seed=3)
    means = textured_model.generate(classes, seed=3, texture=False)
    assert sharpness(images) > 1.5 * sharpness(means)
    assert np.array_equal(images, textured_model.generate(classes, seed=3))
    cool = textured_model.generate(classes, 3, temperature=0.0)
    plain = textured_model.generate(classes, 3, temperature=0.0, texture=False)
    assert np.array_equal(cool, plain)
    textured_model.fitted = dataclasses.replace(textured_model.fitted, texture=None)
    assert np.array_equal(textured_model.generate(classes, seed=3), means)


def test_texture_is_saved_with_the_model(textured_model, tmp_path):
    save_model(textured_model, tmp_path / "a.keras")
    again = ssvae.load_model(tmp_path / "a.keras")
    assert np.array_equal(again.fitted.texture, textured_model.fitted.texture)
    assert again.generate([0, 2]) == pytest.approx(textured_model.generate([0, 2]))


def test_a_texture_of_another_size_is_refused(textured_model):
    store = {}
    textured_model.fitted.save(store)
    latent_dim = textured_model.config.latent_dim
    with pytest.raises(ValueError, match="the texture does not fit"):
        Fitted.load(store, textured_model.num_classes, latent_dim, 0, (5, 5, 1))


@pytest.mark.parametrize("name", ["small_model", "photo_model"])
def test_only_models_of_features_are_given_texture(name, request, monkeypatch, rng):
    model = request.getfixturevalue(name)
    monkeypatch.setattr(model, "fitted", model.fitted)
    monkeypatch.setattr(texture, "SURE", -np.inf)
    images = np.uint8(rng.integers(0, 256, size=(40, *model.image_shape)))
    dataset = from_arrays(images, np.arange(40) % model.num_classes)
    fit(model, dataset)
    if not model.has_features:
        assert model.fitted.texture is None
        return
    assert model.fitted.texture.shape == (model.num_classes, *model.pixel_shape)
    assert model.fitted.usual_scores.size == 40
