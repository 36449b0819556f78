"""Settings that suit a data set."""

import pytest

from ssvae.config.settings import Config
from ssvae.config.suggest import FEATURE_SETTINGS, as_lines, suggest
from ssvae.config.toml import load_config


@pytest.mark.parametrize(
    ("count", "shape", "expected"),
    [
        (60_000, (28, 28, 1), {}),
        (2_000, (8, 8, 1), {"epochs": 150, "border_steps": 20}),
        (100_001, (28, 28, 1), {}),
    ],
    ids=str,
)
def test_small_grey_images_are_learned_from_pixels(count, shape, expected):
    assert suggest(count, shape, {}) == {"recipe": "suggested", **expected}


@pytest.mark.parametrize(
    ("count", "shape", "expected"),
    [
        (
            5_000,
            (224, 224, 3),
            {
                "features": "backbone gradients color",
                "epochs": 20,
                "generated_size": 48,
            },
        ),
        (60_000, (32, 32, 3), {"features": "backbone gradients color", "epochs": 2}),
        (
            1_000,
            (200, 200, 1),
            {"features": "backbone gradients", "epochs": 100, "generated_size": 48},
        ),
    ],
    ids=str,
)
def test_photographs_are_told_apart_by_features(count, shape, expected):
    wanted = {"recipe": "suggested", **FEATURE_SETTINGS, **expected}
    assert suggest(count, shape, {}) == wanted


def test_stated_features_decide_what_suits():
    photographs = suggest(60_000, (32, 32, 3), {"features": "pixels"})
    assert photographs["augment"] == "objects" and "features" not in photographs
    writing = suggest(60_000, (28, 28, 1), {"features": "gradients"})
    assert writing["features"] == "gradients" and writing["augment"] == "none"


def test_what_is_chosen_can_be_saved_and_read(tmp_path):
    config = Config(**suggest(50, (40, 40, 3), {}))
    assert len(as_lines(config)) == 10
    path = tmp_path / "own.toml"
    path.write_text("\n".join(as_lines(config)))
    assert load_config(path) == config
