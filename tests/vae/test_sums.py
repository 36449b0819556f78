"""The sum over y: of all classes, of few in the gradient, of some alone."""

import keras
import numpy as np
import pytest
from helpers import PLAIN, arrays, remove_noise

from ssvae.vae import bounds, losses, sums
from ssvae.vae.objective import loss_terms
from ssvae.vae.sums import some_classes

ops = keras.ops


def test_training_sums_over_the_likeliest_classes(make_model, tiny_dataset):
    """U(x) of q(y|x) cut to its two likeliest classes, by a loop."""
    # Without batch normalisation, whose statistics would be those of the batch.
    model = make_model(PLAIN, top_classes=2, classifier_body="mlp")
    remove_noise(model)
    images = ops.cast(ops.array(tiny_dataset.images[:8]), "float32") / 255
    logits = ops.convert_to_numpy(model.classify(images))
    features, noise = model.encoder_body(images), ops.zeros((8, 3))
    each = [
        ops.convert_to_numpy(
            bounds.bound(model, ops.one_hot(np.full(8, y), 3), images, features, noise)
        )
        for y in range(3)
    ]
    expected = []
    for row, bound in zip(logits, np.stack(each, axis=1), strict=True):
        kept = np.argsort(row)[1:]
        q = np.exp(row[kept]) / np.exp(row[kept]).sum()
        expected.append((q * (bound[kept] - np.log(q))).sum())
    unlabeled = {"unlabeled": tiny_dataset.images[:8]}
    terms = arrays(loss_terms(model, unlabeled, training=True))
    assert terms["unlabeled_elbo"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "the 2 likeliest of 3 classes"),
        ({"top_classes": 1}, "the likeliest of 3 classes"),
        ({"top_classes": 0}, "all 3 classes"),
        ({"top_classes": 7}, "all 3 classes"),
        (
            {"top_classes": 1, "sampled_classes": 1},
            "the likeliest and 1 drawn of 3 classes",
        ),
    ],
)
def test_the_classes_that_are_summed_over_are_named(make_model, settings, words):
    assert sums.which_summed(make_model(PLAIN, **settings)) == words


def test_drawn_classes_estimate_the_rest_of_the_sum(make_model):
    """On average a drawn sum is the whole one, in value and in gradient."""
    model = make_model(top_classes=1, sampled_classes=1)
    logits = np.float32([[2.0, 1.0, 0.5]])
    log_q = logits[0] - np.logaddexp.reduce(logits[0])
    q, value = np.exp(log_q), np.array([-30.0, -10.0, -50.0])

    def sums(logits):
        classes, log_q, weights = some_classes(model, logits)
        each = ops.take(ops.array(value, "float32"), classes)
        return ops.mean(losses.unlabeled_bound(log_q, each, weights))

    many = np.repeat(logits, 20_000, axis=0)
    classes, some, weights = map(ops.convert_to_numpy, some_classes(model, many))
    assert np.all(classes[:, 0] == 0)
    assert set(classes[:, 1]) == {1, 2}
    assert some == pytest.approx(log_q[classes], rel=1e-5)
    shares = [np.where(classes == y, weights, 0).sum() / len(many) for y in range(3)]
    assert shares == pytest.approx(q, rel=0.03)
    exact = (q * (value - log_q)).sum()
    assert float(sums(ops.array(many))) == pytest.approx(exact, rel=0.02)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        variable = tf.Variable(logits)
        with tf.GradientTape() as tape:
            mean = sums(tf.repeat(variable, len(many), axis=0))
        slope = q * (value - log_q - exact)
        assert tape.gradient(mean, variable).numpy()[0] == pytest.approx(
            slope, rel=0.05
        )


def bound_and_gradient(model, sharpness, images):
    """Return U(x) and the gradient of its mean, by learning from few and from all."""
    import tensorflow as tf

    x = ops.cast(images, "float32") / 255.0
    noise = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(len(x), 3)))
    outcomes = []
    for over in (sums.over_all_learning_from_few, sums.over_all):
        with tf.GradientTape() as tape:
            logits = sharpness * model.classify(x)
            rows = x, model.encoder_body(x), ops.cast(noise, "float32")
            values = over(model, logits, rows, lambda *rows: bounds.bound(model, *rows))
            loss = ops.mean(values)
        gradients = tape.gradient(loss, model.trainable_variables)
        flat = [ops.convert_to_numpy(part).ravel() for part in gradients]
        outcomes.append((ops.convert_to_numpy(values), np.concatenate(flat)))
    return outcomes


@pytest.mark.needs_backend("tensorflow")
@pytest.mark.parametrize("sharpness", [1, 10, 30, 100, 1000])
def test_learning_from_few_classes_changes_next_to_nothing(
    make_model, tiny_dataset, sharpness
):
    """Where the classifier is not sure it learns from all; else from few."""
    model = make_model(PLAIN, classifier_body="mlp", top_classes=0)
    assert change_of_gradient(model, sharpness, tiny_dataset) < 1e-4
    always = make_model(PLAIN, classifier_body="mlp", top_classes=0, spared_weight=1.0)
    if sharpness == 1:
        assert change_of_gradient(always, sharpness, tiny_dataset) > 0.01


def change_of_gradient(model, sharpness, dataset):
    few, every = bound_and_gradient(model, sharpness, dataset.images[:32])
    assert few[0] == pytest.approx(every[0], rel=1e-6)
    return np.linalg.norm(few[1] - every[1]) / np.linalg.norm(every[1])


@pytest.mark.parametrize("sharpness", [1, 1000])
def test_learning_from_few_classes_has_the_value_of_all(
    make_model, tiny_dataset, sharpness
):
    model = make_model(PLAIN, classifier_body="mlp", top_classes=0)
    x = ops.cast(ops.array(tiny_dataset.images[:8]), "float32") / 255.0
    logits = sharpness * model.classify(x)
    rows = x, model.encoder_body(x), ops.ones((8, 3))
    few, every = (
        over(model, logits, rows, lambda *rows: bounds.bound(model, *rows))
        for over in (sums.over_all_learning_from_few, sums.over_all)
    )
    assert ops.convert_to_numpy(few) == pytest.approx(
        ops.convert_to_numpy(every), rel=1e-6
    )
