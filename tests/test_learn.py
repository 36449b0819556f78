"""Training that starts from a model, and what it suggests at its end."""

import json

import keras
import pytest
from conftest import TINY

from ssvae.config import load_config
from ssvae.errors import InputError
from ssvae.labeling import read_suggestions
from ssvae.runs import load_model
from ssvae.train import main, train


def test_a_run_starts_from_the_weights_of_another(small_run, tmp_path):
    config = load_config(small_run / "config.toml")
    still = config.replace(learning_rate=1e-8, ema_decay=0.0, epochs=1, labels=120)
    again = load_model(train(still, tmp_path / "again", init=small_run))
    first = load_model(small_run)
    for one, other in zip(
        first.trainable_weights, again.trainable_weights, strict=True
    ):
        assert keras.ops.convert_to_numpy(other) == pytest.approx(
            keras.ops.convert_to_numpy(one), abs=1e-5
        )


def test_its_settings_are_the_defaults_then(small_run, tmp_path, call):
    call(main, "--init", small_run, "--epochs", 1, "--out", tmp_path / "again")
    config = load_config(tmp_path / "again" / "config.toml")
    assert config == load_config(small_run / "config.toml").replace(epochs=1)


def test_other_networks_cannot_be_started_from(small_run, tmp_path):
    with pytest.raises(InputError, match="are not those asked for"):
        train(TINY, tmp_path / "again", init=small_run)
    assert not (tmp_path / "again").exists()


def test_suggestions_are_unlabeled_training_images(small_run):
    wanted = read_suggestions(small_run)
    assert len(set(wanted)) == 50
    labeled = json.loads((small_run / "labels.json").read_text())["indices"]
    assert not set(wanted) & set(labeled)
