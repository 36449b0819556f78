import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pytest
from conftest import PLAIN, TINY
from test_losses import slow_unlabeled_bound

from ssvae import bounds
from ssvae.model import SSVAE

ops = keras.ops


@pytest.fixture(params=[("mlp", "bernoulli"), ("conv", "gaussian")], ids="-".join)
def model(request, make_model):
    body, likelihood = request.param
    return make_model(vae_body=body, classifier_body=body, likelihood=likelihood)


@pytest.fixture
def images(tiny_dataset):
    return tiny_dataset.images[:5]


def per_class(model, bound, x, noise):
    """Return a bound of every class, `(batch, num_classes)`."""
    one_hot, rows, _ = bounds._rows(model, x, noise)
    return ops.reshape(bound(one_hot, *rows), (-1, model.num_classes))


def test_shapes_types_and_ranges(model, images):
    probabilities = model.predict_proba(images)
    assert probabilities.shape == (5, 3)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    mean, log_var = model.encode(images)
    assert mean.shape == log_var.shape == (5, 3)
    for pixels in (
        model.generate([2, 0, 0, 1, 2]),
        model.reconstruct(images),
        model.decode(mean, [0] * 5),
    ):
        assert pixels.shape == (5, 9, 7, 1)
        assert pixels.dtype == np.float32
        assert 0 <= pixels.min() <= pixels.max() <= 1
    for value in (model.elbo(images), model.score(images, num_samples=2)):
        assert value.shape == (5,)
        assert np.all(np.isfinite(value))


@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 8, 3), (5, 13, 1), (33, 30, 3)])
@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_networks_fit_every_size(shape, body):
    config = TINY.replace(vae_body=body, classifier_body=body)
    model = SSVAE(shape, ("a", "b"), config)
    images = np.zeros((2, *shape), np.uint8)
    assert model.reconstruct(images).shape == (2, *shape)
    assert model.predict_proba(images).shape == (2, 2)


def test_a_prediction_is_the_mean_over_shifted_views(make_model, images):
    model = make_model(view_shift=0.2)
    seen = []
    classify = model.classify

    def watched(x):
        seen.append(ops.convert_to_numpy(x))
        return classify(x)

    model.classify = watched
    probabilities = model.predict_proba(images)
    # Once alone, since it is in doubt; then with four others, none of them twice.
    alone, *views = seen
    assert len(views) == 5
    assert len({view.tobytes() for view in views}) == 5
    assert np.array_equal(alone, views[0])
    logs = [ops.convert_to_numpy(ops.log_softmax(classify(view))) for view in views]
    product = np.exp(np.mean(logs, axis=0))
    product /= product.sum(axis=1, keepdims=True)
    assert probabilities == pytest.approx(product, rel=1e-4)


def test_a_sure_prediction_needs_no_more_views(make_model, images):
    model = make_model()
    doubtful = np.array([False, True, False, False, True])
    logits = np.where(doubtful[:, None], [2.0, 0, 1], [9.0, 0, 0]).astype(np.float32)
    shifted = np.full((2, 3), np.log(1 / 3), np.float32)
    model.classify = lambda x: ops.convert_to_tensor(logits)
    model.classify_views = lambda x: ops.convert_to_tensor(shifted[: len(x)])
    probabilities = model.predict_proba(images)
    assert probabilities[doubtful] == pytest.approx(1 / 3)
    assert np.all(probabilities[~doubtful, 0] > 0.999)


@pytest.mark.parametrize("changes", [{"view_shift": 0.0}, {"augment": "none"}])
def test_without_warps_or_shift_a_prediction_is_of_the_image(
    make_model, images, changes
):
    model = make_model(**changes)
    logits = model.classify(ops.convert_to_tensor(images.astype(np.float32) / 255))
    expected = ops.convert_to_numpy(ops.softmax(logits))
    assert model.predict_proba(images) == pytest.approx(expected, rel=1e-4)


def test_one_image_and_no_image(model, images):
    assert model.predict_proba(images[:1]).shape == (1, 3)
    assert model.predict_proba(images[:0]).shape == (0, 3)
    assert model.generate([]).shape == (0, 9, 7, 1)
    assert model.log_likelihood(images[:0], 2).shape == (0,)


def test_answers_do_not_depend_on_the_chunk(model, images, monkeypatch):
    whole = model.elbo(images), model.predict_proba(images)
    monkeypatch.setattr("ssvae.arrays.CHUNK_ROWS", 6)
    parts = model.elbo(images), model.predict_proba(images)
    for one, other in zip(whole, parts, strict=True):
        assert one == pytest.approx(other, rel=1e-5)


@pytest.mark.parametrize("classes", [[3], [-1], [0.0], ["a"], 2, [[1]]])
def test_unknown_class_is_refused(make_model, classes):
    with pytest.raises(ValueError, match="whole numbers from 0 to 2"):
        make_model().generate(classes)


def test_generation_follows_seed_and_class(model):
    first = model.generate([0, 0, 1], seed=5)
    assert np.array_equal(first, model.generate([0, 0, 1], seed=5))
    assert not np.allclose(first, model.generate([0, 0, 1], seed=6))
    assert not np.allclose(first[0], first[1])
    # The same z under another class gives another image.
    assert not np.allclose(first[2], model.generate([0, 0, 0], seed=5)[2])


def test_bounds_match_a_loop_over_classes(model, images, rng):
    """U(x) and L(x, y) of the model against float64 NumPy over its own outputs."""
    noise = rng.standard_normal((5, 3)).astype(np.float32)
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
        else:
            log_px = -((pixels - outputs) ** 2) / 2 - np.log(2 * np.pi) / 2
        kl = (mean**2 + np.exp(log_var) - log_var - 1).sum(axis=1) / 2
        slow = log_px.sum(axis=(1, 2, 3)) + np.log(1 / 3) - kl
        assert fast[:, y] == pytest.approx(slow, rel=1e-4)
    logits = ops.convert_to_numpy(model.classify(x))
    model._noise = lambda count, seed: noise
    assert model.elbo(images) == pytest.approx(
        slow_unlabeled_bound(logits, fast), rel=1e-4
    )


def test_importance_weights_average_to_the_bound(model, images):
    """E[log w] = L(x, y), and the log of the mean weight is never below it."""
    x = ops.convert_to_tensor(np.float32(images) / 255)
    draws = np.random.default_rng(1).standard_normal((200, 5, 3)).astype(np.float32)
    weights, terms = (
        np.array([ops.convert_to_numpy(per_class(model, f, x, e)) for e in draws])
        for f in (partial(bounds.log_weight, model), partial(bounds.bound, model))
    )
    spread = (weights - terms).std(axis=0) / 200**0.5
    assert np.all(np.abs((weights - terms).mean(axis=0)) < 5 * spread + 1e-4)


def test_log_likelihood_matches_the_importance_sum(model, images):
    """log sum_y mean_s w, in float64 over the weights one by one; above mean log w."""
    x = ops.convert_to_tensor(np.float32(images) / 255)
    log_weight = partial(bounds.log_weight, model)
    log_w = np.array(
        [
            ops.convert_to_numpy(
                per_class(model, log_weight, x, model._noise(5, (4, sample)))
            )
            for sample in range(6)
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
    noise = model._noise(4, 0)
    bound = per_class(model, partial(bounds.bound, model), x, noise)
    # No class to choose, no entropy of the choice: U(x) is the ELBO.
    assert model.elbo(images, 0) == pytest.approx(ops.convert_to_numpy(bound)[:, 0])


def test_weights_are_a_function_of_the_seed(make_model):
    first, again, other = (
        make_model(seed=seed).decoder.get_weights() for seed in (0, 0, 1)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_saved_model_answers_alike_in_a_new_process(model, images, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    np.save(tmp_path / "images.npy", images)
    script = (
        "import sys, numpy as np, ssvae\n"
        "model = ssvae.load_model(sys.argv[1])\n"
        "np.savez(sys.argv[3], p=model.predict_proba(np.load(sys.argv[2])),\n"
        "         g=model.generate([2, 0], seed=3), names=model.class_names)\n"
    )
    out = tmp_path / "out.npz"
    subprocess.run(
        [sys.executable, "-c", script, path, tmp_path / "images.npy", out], check=True
    )
    answers = np.load(out)
    assert answers["p"] == pytest.approx(model.predict_proba(images), abs=1e-6)
    assert answers["g"] == pytest.approx(model.generate([2, 0], seed=3), abs=1e-6)
    assert answers["names"].tolist() == ["a", "b", "c"]


def test_saved_model_keeps_the_state_of_its_noise(make_model, tmp_path):
    model = make_model()
    keras.random.normal((2,), seed=model.seed_generator)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    drawn, again = (
        ops.convert_to_numpy(keras.random.normal((4,), seed=m.seed_generator))
        for m in (model, loaded)
    )
    assert np.array_equal(drawn, again)


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


def test_m1_never_learns(stacked, fit):
    before = stacked.m1.get_weights()
    moved = stacked.decoder.get_weights()
    fit(stacked)
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
    stacked._noise = lambda count, seed: noise
    assert stacked.elbo(images) == pytest.approx(expected, rel=1e-4)


def test_m1_and_m2_save_and_draw(stacked, images, tmp_path):
    from ssvae.saving import load_model, save_model

    save_model(stacked, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded.generate([0, 2]), stacked.generate([0, 2]))
    assert np.array_equal(loaded.elbo(images), stacked.elbo(images))
    assert loaded.generate([0, 2]).shape == (2, 9, 7, 1)
    assert loaded.encode(images)[0].shape == (5, 2)
    assert loaded.reconstruct(images).shape == (5, 9, 7, 1)


def test_score_does_not_depend_on_an_images_place(model, images):
    scores = model.score(images, num_samples=3)
    turned = model.score(images[::-1], num_samples=3)[::-1]
    assert scores == pytest.approx(turned, rel=1e-5)
    assert scores[2:3] == pytest.approx(model.score(images[2:3], 3), rel=1e-5)


def test_deviance_is_what_the_likeliest_class_lacks(model, images):
    """Against the definition, with the log-likelihood of one class by hand."""
    deviance, energy = model.score_parts(images, num_samples=4, seed=2)
    logits = ops.convert_to_numpy(model.classify(np.float32(images) / 255))
    best = ops.convert_to_numpy(model.best_log_px(np.float32(images) / 255))
    noise = [model._noise(1, (2, sample)) for sample in range(4)]
    tensors = (
        ops.convert_to_tensor(np.float32(images) / 255),
        ops.convert_to_tensor(np.eye(3, dtype=np.float32)[logits.argmax(axis=1)]),
    )
    weights = [
        bounds.summed_log_weight(model, np.repeat(e, 5, axis=0), *tensors)
        for e in noise
    ]
    weights = np.array([ops.convert_to_numpy(w) for w in weights], np.float64)
    log_pxy = np.log(np.exp(weights + 60).mean(axis=0)) - 60
    assert deviance == pytest.approx(best - log_pxy, rel=1e-4)
    assert energy == pytest.approx(-np.log(np.exp(logits).sum(axis=1)), rel=1e-4)
