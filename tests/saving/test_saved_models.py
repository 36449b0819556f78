"""The shipped models: whole, small, and as good as their cards say."""

import json

import numpy as np
import pytest

from ssvae.config.toml import load_config
from ssvae.data import open_dataset
from ssvae.data.images import binarized
from ssvae.errors import InputError
from ssvae.runs.card import model_card
from ssvae.runs.folder import CONTENTS
from ssvae.saving.find import saved_models
from ssvae.saving.keras_file import load_model

NAMES = ["density", "fashion-mnist-1000", "hand-signs-100", "mnist-100"]
# What only a model with classes has.
OF_CLASSES = {"to_label.csv", "confusion.png", "reliability.png", "coverage.png"}
# What only some runs have, by what was found in their images and labels.
OF_SOME = {"label_issues.csv", "unusual.csv", "unusual.png", "features.npy"}
OF_SOME |= {"clusters.csv", "clusters.png", "map.png", "to_label.png"}
# And what callbacks that are named write.
OF_SOME |= {"logs", "training.csv", "wandb"}


@pytest.fixture(params=NAMES)
def folder(request):
    return saved_models()[request.param]


def test_every_shipped_model_is_tested():
    assert sorted(saved_models()) == NAMES


def test_a_shipped_model_is_a_small_run_folder(folder):
    contents = CONTENTS - OF_SOME
    contents = contents - OF_CLASSES if folder.name == "density" else contents
    assert {path.name for path in folder.iterdir()} == contents
    # That of photographs contains a pretrained network.
    limit = 20_000_000 if folder.name == "hand-signs-100" else 6_000_000
    assert sum(path.stat().st_size for path in folder.iterdir()) < limit


def test_a_shipped_card_states_the_metrics_and_settings(folder):
    config = load_config(folder / "config.toml")
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card == model_card(config, metrics, folder.name)
    assert "None" not in card


def test_a_shipped_model_is_as_good_as_it_says(folder):
    model = load_model(folder)
    try:
        images, labels = open_dataset(model.config).test_part()
    except InputError as error:
        pytest.skip(str(error))
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    if model.num_classes > 1:
        # Another processor may round a few images to the other side.
        accuracy = np.mean(model.predict_proba(images).argmax(axis=1) == labels)
        assert accuracy == pytest.approx(metrics["test_accuracy"], abs=5e-4)
        assert f"| test accuracy | {metrics['test_accuracy']:.2%} |" in card
    few = images[:2000]
    few = binarized(few, 0) if model.config.pixels == "binary" else few
    assert model.elbo(few).mean() == pytest.approx(metrics["test_elbo"], rel=0.02)
    assert f"{metrics['test_elbo']:.1f} nats per image" in card


def test_the_model_of_photographs_answers_for_images_of_any_size(rng):
    model = load_model("hand-signs-100")
    assert model.config.features.split()[0] == "backbone"
    photographs = rng.integers(0, 256, (2, 130, 90, 3), dtype=np.uint8)
    assert model.predict_proba(photographs).sum(axis=1) == pytest.approx(1)
    assert model.generate([3, 7]).shape == (2, 48, 48, 3)
