"""The moving average of the weights, which is what a run keeps."""

import keras
import numpy as np
import pytest

from ssvae.vae.average import WeightAverage, averaged


def test_average_follows_the_weights():
    variable = keras.Variable([0.0])
    average = WeightAverage([variable], 0.9)
    expected = 0.0
    for step in range(1, 200):
        variable.assign([float(step)])
        average.update([variable], step)
        decay = min(0.9, step / (step + 9))
        expected = decay * expected + (1 - decay) * step
    (value,) = average.of([variable])
    assert float(value.numpy()[0]) == pytest.approx(expected, rel=1e-5)


def test_the_kept_model_has_the_averaged_weights(make_model, fit):
    model = make_model(epochs=1)
    fit(model, run_eagerly=True)
    kept = averaged(model)
    for weight, average, trained in zip(
        kept.trainable_variables,
        model.average.averages,
        model.trainable_variables,
        strict=True,
    ):
        assert np.array_equal(weight.numpy(), average.numpy())
        assert not np.array_equal(weight.numpy(), trained.numpy())
    statistics = zip(
        kept.classifier.non_trainable_variables,
        model.classifier.non_trainable_variables,
        strict=True,
    )
    assert all(np.array_equal(a.numpy(), b.numpy()) for a, b in statistics)


def test_average_finds_the_weights_of_the_classifier(make_model):
    """Though the scale of the pixels is a variable that stands before its own."""
    model = make_model(likelihood="gaussian")
    model.prepare_training(4)
    weights = model.classifier.trainable_variables
    for average, weight in zip(model.average.of(weights), weights, strict=True):
        assert np.array_equal(average.numpy(), weight.numpy())
