"""The bounds and scores of the model against slow references."""

from functools import partial

import keras
import numpy as np
import pytest
from helpers import PLAIN, arrays, slow_unlabeled_bound

from ssvae.model import SSVAE
from ssvae.vae import bounds
from ssvae.vae.inference import draw_noise

ops = keras.ops


def per_class(model, bound, x, noise):
    """Return a bound of every class, `(batch, num_classes)`."""
    one_hot, rows, _ = bounds._rows(model, x, noise)
    return ops.reshape(bound(one_hot, *rows), (-1, model.num_classes))


@pytest.mark.each_backend
def test_bounds_match_a_loop_over_classes(model, images):
    """U(x) and L(x, y) of the model against float64 NumPy over its own outputs."""
    noise = draw_noise(5, model.noise_size, seed=3)
    prior = np.array([0.5, 0.3, 0.2])
    model.log_prior.assign(np.log(prior))
    x = ops.convert_to_tensor(np.float32(images) / 255)
    features = model.encoder_body(x)
    fast = ops.convert_to_numpy(
        per_class(model, partial(bounds.bound, model), x, noise)
    )
    for y in range(3):
        one_hot = ops.convert_to_tensor(np.eye(3, dtype=np.float32)[[y] * 5])
        mean, log_var = (
            np.float64(ops.convert_to_numpy(part))
            for part in model.posterior(features, one_hot)
        )
        z = mean + np.exp(log_var / 2) * noise
        outputs = np.float64(
            ops.convert_to_numpy(
                model.decoder([ops.convert_to_tensor(np.float32(z)), one_hot])
            )
        )
        pixels = np.float64(images) / 255
        if model.config.likelihood == "bernoulli":
            p = 1 / (1 + np.exp(-outputs))
            log_px = pixels * np.log(p) + (1 - pixels) * np.log(1 - p)
        elif model.config.likelihood == "logistic":
            # In float64 the difference of the two ends says enough.
            scale = np.exp(float(model.log_scale.numpy()))
            upper, lower = (
                1 / (1 + np.exp(-(pixels + side / 510 - outputs) / scale))
                for side in (1, -1)
            )
            upper, lower = np.where(pixels == 1, 1, upper), lower * (pixels > 0)
            log_px = np.log(upper - lower)
        else:
            log_px = -((pixels - outputs) ** 2) / 2 - np.log(2 * np.pi) / 2
        kl = (mean**2 + np.exp(log_var) - log_var - 1).sum(axis=1) / 2
        slow = log_px.sum(axis=(1, 2, 3)) + np.log(prior[y]) - kl
        assert fast[:, y] == pytest.approx(slow, rel=1e-4)
    logits = ops.convert_to_numpy(model.classify(x))
    assert model.elbo(images, seed=3) == pytest.approx(
        slow_unlabeled_bound(logits, fast), rel=1e-4
    )


def test_importance_weights_average_to_the_bound(model, images):
    """E[log w] = L(x, y): the mean of 200 draws is within five standard errors."""
    count = 200
    x = np.repeat(np.float32(images) / 255, count, axis=0)
    noise = np.random.default_rng(1).standard_normal((len(x), 3)).astype(np.float32)
    weights, terms = (
        arrays([per_class(model, partial(function, model), x, noise)])[0]
        for function in (bounds.log_weight, bounds.bound)
    )
    excess = (weights - terms).reshape(len(images), count, -1)
    error = excess.std(axis=1) / count**0.5
    assert np.all(np.abs(excess.mean(axis=1)) < 5 * error + 1e-4)


def test_log_likelihood_matches_the_importance_sum(model, images):
    """log sum_y mean_s w, in float64 over the weights one by one; above mean log w."""
    x = ops.convert_to_tensor(np.float32(images) / 255)
    log_weight = partial(bounds.log_weight, model)
    log_w = np.array(
        [
            ops.convert_to_numpy(per_class(model, log_weight, x, noise))
            for noise in (draw_noise(5, model.noise_size, (4, s)) for s in range(6))
        ],
        np.float64,
    )
    slow = np.log(np.exp(log_w + 60).mean(axis=0).sum(axis=1)) - 60
    value = model.log_likelihood(images, 6, seed=4)
    assert value == pytest.approx(slow, rel=1e-5)
    assert np.all(value > np.log(np.exp(log_w.mean(axis=0) + 60).sum(axis=1)) - 60)


def test_log_likelihood_of_a_model_known_in_closed_form(make_model, images):
    """With a decoder that ignores z, p(x) is the mean over y of p(x|y).

    q(z|x,y) = N(0.3, e^-0.2), so that the weights have to make up for it.
    """
    model = make_model(hidden_layers=1)
    kernel, bias = model.encoder_head.trainable_variables[-2:]
    kernel.assign(np.zeros(kernel.shape))
    bias.assign([0.3] * 3 + [-0.2] * 3)
    from_z = [
        w
        for w in model.decoder.trainable_variables
        if w.shape[0] == 3 and "bias" not in w.path
    ]
    from_z[0].assign(np.zeros(from_z[0].shape))
    z = np.zeros((1, 3), np.float32)
    log_p = []
    for y in range(3):
        p = np.float64(model.decode(z, [y])[0])
        pixels = np.float64(images) / 255
        log_p.append(
            (pixels * np.log(p) + (1 - pixels) * np.log(1 - p)).sum(axis=(1, 2, 3))
        )
    exact = np.logaddexp.reduce(np.array(log_p), axis=0) - np.log(3)
    assert model.log_likelihood(images, 200) == pytest.approx(exact, abs=0.15)


def test_one_class_is_the_plain_vae(tiny_dataset):
    config = PLAIN.replace(labels=0, classifier_body="none")
    model = SSVAE(tiny_dataset.image_shape, ("any",), config)
    images = tiny_dataset.images[:4]
    x = ops.convert_to_tensor(np.float32(images) / 255)
    noise = draw_noise(4, model.noise_size, 0)
    bound = per_class(model, partial(bounds.bound, model), x, noise)
    # No class to choose, no entropy of the choice: U(x) is the ELBO.
    assert model.elbo(images, 0) == pytest.approx(ops.convert_to_numpy(bound)[:, 0])


def test_the_score_does_not_depend_on_the_order_of_images(model, images):
    scores = model.score(images, num_samples=3)
    logits = model.logits(images)
    assert np.array_equal(model.score(images, num_samples=3, logits=logits), scores)
    turned = model.score(images[::-1], num_samples=3)[::-1]
    assert scores == pytest.approx(turned, rel=1e-5)
    assert scores[2:3] == pytest.approx(model.score(images[2:3], 3), rel=1e-5)


def test_deviance_matches_its_definition(model, images):
    """Against the definition, with the log-likelihood of one class by hand."""
    deviance, energy = model.score_parts(images, num_samples=4, seed=2)
    x = ops.convert_to_tensor(np.float32(images) / 255)
    logits = ops.convert_to_numpy(model.classify(x))
    best = ops.convert_to_numpy(model.best_log_px(x))
    one_hot = ops.one_hot(logits.argmax(axis=1), 3)
    features = model.encoder_body(x)
    weights = []
    for sample in range(4):
        noise = ops.tile(draw_noise(1, model.noise_size, (2, sample)), (5, 1))
        weight = bounds.log_weight(model, one_hot, x, features, noise)
        weights.append(ops.convert_to_numpy(weight))
    weights = np.array(weights, np.float64)
    log_pxy = np.log(np.exp(weights + 60).mean(axis=0)) - 60
    assert deviance == pytest.approx(best - log_pxy, rel=1e-4)
    assert energy == pytest.approx(-np.log(np.exp(logits).sum(axis=1)), rel=1e-4)
