"""Training that starts from a model, and what it suggests at its end."""

import json

import keras
import numpy as np
import pytest
from helpers import PLAIN, TINY, same

from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.model import SSVAE
from ssvae.runs.folder import SPREAD_FILE
from ssvae.runs.labeling import read_suggestions
from ssvae.saving.keras_file import load_model
from ssvae.train import main
from ssvae.training.initial_weights import copy_weights
from ssvae.training.learn import learn
from ssvae.training.run import train
from ssvae.training.spread import Spread


def test_a_run_starts_from_the_weights_and_settings_of_another(
    small_run, small_model, tmp_path, call
):
    stated = {"learning_rate": 1e-8, "ema_decay": 0.0, "epochs": 1, "labels": 120}
    out = tmp_path / "again"
    flags = [
        word
        for name, value in stated.items()
        for word in (f"--{name.replace('_', '-')}", value)
    ]
    call(main, "--init", small_run, *flags, "--out", out)
    config = load_config(small_run / "config.toml")
    assert load_config(out / "config.toml") == config.replace(**stated)
    again = load_model(out)
    for one, other in zip(
        small_model.trainable_weights, again.trainable_weights, strict=True
    ):
        assert keras.ops.convert_to_numpy(other) == pytest.approx(
            keras.ops.convert_to_numpy(one), abs=1e-5
        )


def test_other_networks_cannot_be_started_from(small_run, digits, tmp_path):
    with pytest.raises(InputError, match="are not those asked for"):
        train(TINY.replace(dataset=str(digits)), tmp_path / "again", init=small_run)
    assert not (tmp_path / "again").exists()


def test_classes_of_the_same_name_keep_their_weights(small_run, tiny_dataset):
    """The weights of a class follow its name; a new class keeps its own."""
    trained = load_model(small_run)
    names = ("7", "new", "2")
    model = SSVAE(trained.image_shape, names, trained.config.replace(seed=3))
    fresh = [keras.ops.convert_to_numpy(weight) for weight in model.weights]
    copy_weights(model, small_run)
    seen = 0
    for before, source, target in zip(
        fresh, trained.weights, model.weights, strict=True
    ):
        if target is model.log_prior:
            # p(y) is of the new classes.
            assert np.exp(target.numpy()) == pytest.approx(np.full(3, 1 / 3))
            continue
        source = keras.ops.convert_to_numpy(source)
        target = keras.ops.convert_to_numpy(target)
        if source.ndim == 0:
            # The count of steps.
            assert target == 0
            continue
        if source.shape == target.shape:
            assert np.array_equal(source, target)
            continue
        axis = source.shape.index(10)
        source, target, before = (
            np.moveaxis(values, axis, 0) for values in (source, target, before)
        )
        assert np.array_equal(target[0], source[7])
        assert np.array_equal(target[1], before[1])
        assert np.array_equal(target[2], source[2])
        seen += 1
    # The logits' kernel and bias, and a kernel each in encoder and decoder.
    assert seen == 4


def test_suggestions_are_unlabeled_training_images(small_run):
    wanted = read_suggestions(small_run)
    assert len(set(wanted)) == 50
    labeled = json.loads((small_run / "labels.json").read_text())["indices"]
    assert not set(wanted) & set(labeled)


def test_images_outside_the_graph_are_not_asked_for(
    tiny_dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr("ssvae.graph.construction.MAX_IMAGES", 15)
    config = TINY.replace(propagation="original")
    learned = learn(tiny_dataset, config, tmp_path)
    spread = np.load(tmp_path / SPREAD_FILE)
    has_one = np.flatnonzero(spread["pseudo_labels"] != -1)
    # A run that goes on from what is kept asks for the same images.
    assert np.array_equal(
        Spread.load(tmp_path / SPREAD_FILE).to_label(tiny_dataset), learned.to_label
    )
    assert len(has_one) >= 15 and set(spread["rows"]) <= set(has_one)
    assert set(learned.to_label) <= set(spread["rows"]) - set(tiny_dataset.labeled)
    assert np.isfinite(learned.history[-1]["loss"])


@pytest.mark.slow
def test_labels_outside_the_budget_change_nothing_that_is_learned(
    tiny_dataset, tmp_path
):
    """Neither the weights, by graph and loss, nor what is fitted and suggested."""
    config = PLAIN.replace(
        classifier_body="mlp",
        propagation="original",
        pseudo_label_weight=1.0,
        epochs=1,
    )
    results = []
    for factor in (1, 2):
        classes = factor * np.arange(40) % 3
        full = tiny_dataset.with_labels(np.arange(40), classes)
        budget = full.with_labels(np.arange(9), np.arange(9) % 3).hold_out(0.2, 0)
        folder = tmp_path / str(factor)
        folder.mkdir()
        learned = learn(budget, config, folder)
        fitted = learned.model.fitted
        results.append(
            [
                *learned.model.get_weights(),
                fitted.prior.means,
                fitted.temperature,
                fitted.usual_scores,
                learned.to_label,
            ]
        )
    assert all(same(*results))
