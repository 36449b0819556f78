"""M2 over the latents of M1."""

import keras
import numpy as np
import pytest
from helpers import PLAIN

ops = keras.ops


@pytest.fixture
def stacked(make_model):
    """M2 over M1's latents, its weights moved from where they start."""
    model = make_model(
        PLAIN, classifier_body="mlp", m1_epochs=1, m1_latent_dim=4, latent_dim=2
    )
    rng = np.random.default_rng(0)
    for weight in model.trainable_variables:
        weight.assign(weight + 0.1 * rng.normal(size=weight.shape))
    return model


def test_m1_stays_unchanged_while_m2_is_trained(stacked, fit):
    before = stacked.m1.get_weights()
    moved = stacked.decoder.get_weights()
    fit(stacked, run_eagerly=True)
    after = stacked.m1.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert not np.array_equal(moved[0], stacked.decoder.get_weights()[0])


def test_bound_of_m1_and_m2_by_hand(stacked, images):
    """log p(x|z1) - log q(z1|x) + sum_y q(y|z1) (L(z1, y) - log q(y|z1)), in NumPy.

    The classifier looks at the mean of q(z1|x), the rest at a sample of it.
    """
    x = images.astype(np.float32) / 255
    noise = np.random.default_rng(3).standard_normal((5, 6), np.float32)
    m1, one = stacked.m1, ops.ones((5, 1))

    def arrays(tensors):
        return [ops.convert_to_numpy(tensor) for tensor in tensors]

    def log_normal(value, mean, log_var):
        square = (value - mean) ** 2 / np.exp(log_var)
        return -0.5 * (square + log_var + np.log(2 * np.pi)).sum(axis=-1)

    mean, log_var = arrays(m1.posterior(m1.encoder_body(x), one))
    z1 = mean + np.exp(0.5 * log_var) * noise[:, 2:]
    (pixels,) = arrays([m1.decoder([ops.convert_to_tensor(z1), one])])
    p = 1 / (1 + np.exp(-pixels))
    log_px = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3))
    q = stacked.predict_proba(images)
    (log_scale,) = arrays([stacked.log_scale])
    bounds = np.zeros((5, 3))
    for y in range(3):
        one_hot = ops.one_hot(np.full(5, y), 3)
        mean2, log_var2 = arrays(stacked.posterior(stacked.encoder_body(z1), one_hot))
        z2 = mean2 + np.exp(0.5 * log_var2) * noise[:, :2]
        (drawn,) = arrays([stacked.decoder([ops.convert_to_tensor(z2), one_hot])])
        kl = 0.5 * (mean2**2 + np.exp(log_var2) - log_var2 - 1).sum(axis=1)
        bounds[:, y] = log_normal(z1, drawn, 2 * log_scale) - np.log(3) - kl
    expected = log_px - log_normal(z1, mean, log_var)
    expected += (q * (bounds - np.log(q))).sum(axis=1)
    assert stacked.elbo(images, seed=3) == pytest.approx(expected, rel=1e-4)


def test_the_likelihood_does_not_depend_on_the_size_of_chunks(
    stacked, images, monkeypatch
):
    together = stacked.log_likelihood(images, 4)
    monkeypatch.setattr("ssvae.vae.by_class.SAMPLES", 1)
    monkeypatch.setattr("ssvae.vae.by_class.CHUNK_ROWS", 1)
    assert stacked.log_likelihood(images, 4) == pytest.approx(together, rel=1e-5)


def test_m1_and_m2_are_saved_and_generate(stacked, images, tmp_path):
    from ssvae.saving.keras_file import load_model, save_model

    save_model(stacked, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded.generate([0, 2]), stacked.generate([0, 2]))
    assert np.array_equal(loaded.elbo(images), stacked.elbo(images))
    assert loaded.generate([0, 2]).shape == (2, 9, 7, 1)
    assert loaded.encode(images)[0].shape == (5, 2)
    assert loaded.reconstruct(images).shape == (5, 9, 7, 1)
