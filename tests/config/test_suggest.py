"""Settings that suit a data set."""

import math

import pytest

from ssvae.config.settings import Config
from ssvae.config.suggest import DRAWING_GRAPH, FEATURE_SETTINGS, in_words, suggest
from ssvae.config.toml import load_config


@pytest.mark.parametrize(
    ("count", "shape", "expected"),
    [
        (60_000, (28, 28, 1), {}),
        (2_000, (8, 8, 1), {"epochs": 150}),
        (100_001, (28, 28, 1), {}),
    ],
    ids=str,
)
def test_small_grey_images_are_learned_from_pixels(count, shape, expected):
    graph = DRAWING_GRAPH if count < 20_000 else {}
    assert suggest(count, shape, {}) == {"recipe": "suggested", **graph, **expected}
    for without in ({"propagation": "none"}, {"classifier_body": "none"}):
        assert suggest(count, shape, without) == {"recipe": "suggested", **expected}


@pytest.mark.parametrize(
    ("count", "shape", "expected"),
    [
        (
            5_000,
            (224, 224, 3),
            {
                "features": "backbone gradients color",
                "epochs": 20,
                "epoch_steps": 50,
                "generated_size": 48,
            },
        ),
        (
            60_000,
            (32, 32, 3),
            {"features": "backbone gradients color", "epochs": 2, "epoch_steps": 600},
        ),
        (
            1_000,
            (200, 200, 1),
            {
                "features": "backbone gradients",
                "epochs": 100,
                "epoch_steps": 10,
                "generated_size": 48,
            },
        ),
    ],
    ids=str,
)
def test_photographs_are_told_apart_by_features(count, shape, expected):
    wanted = {"recipe": "suggested", **FEATURE_SETTINGS, **expected}
    assert suggest(count, shape, {}) == wanted


@pytest.mark.parametrize(
    ("num_labeled", "labels", "known"),
    [
        (100, "auto", 100),
        (2_500, "auto", 2_500),
        (4_900, "auto", 4_900),
        # Without an unlabeled image ten per class are drawn.
        (5_000, "auto", 70),
        (5_000, "all", 5_000),
        (5_000, 4_000, 4_000),
    ],
)
def test_training_takes_a_thousand_steps_however_many_labels_there_are(
    num_labeled, labels, known
):
    suited = suggest(5_000, (64, 64, 3), {"labels": labels}, num_labeled)
    config = Config(**suited)
    steps = max(
        math.ceil(known / config.labeled_batch_size),
        math.ceil((5_000 - known) / config.unlabeled_batch_size),
    )
    assert 900 <= config.epochs * steps <= 1_100
    assert 20 <= config.labeled_batch_size <= 120


def test_stated_features_decide_what_suits():
    photographs = suggest(60_000, (32, 32, 3), {"features": "pixels"})
    assert photographs["augment"] == "objects" and "features" not in photographs
    writing = suggest(60_000, (28, 28, 1), {"features": "gradients"})
    assert writing["features"] == "gradients" and writing["augment"] == "none"


def test_no_graph_is_stated_where_features_tell_classes_apart():
    config = Config(**suggest(5_000, (224, 224, 3), {}))
    assert config.propagation == "none"
    assert config.replace(features="pixels").propagation == "original"


def test_what_is_chosen_can_be_saved_and_read(tmp_path):
    config = Config(**suggest(50, (40, 40, 3), {}))
    path = tmp_path / "own.toml"
    path.write_text(config.to_toml())
    assert load_config(path) == config


@pytest.mark.parametrize(
    ("count", "shape", "stated", "words"),
    [
        (
            5_000,
            (200, 224, 3),
            {},
            [
                "taken for photographs. Classes are told apart by a pretrained "
                "network, outlines and colors.",
                "drawn, of up to 48 pixels a side.",
                "takes 20 epochs, about 3 minutes on two idle cores.",
            ],
        ),
        (
            2_000,
            (8, 9, 1),
            {},
            [
                "taken for writing or drawings. Classes are told apart by a network "
                "that learns from the images themselves, and labels spread to similar "
                "images.",
                "up to 9 pixels",
                "takes 150 epochs, about 1 minute on two idle cores.",
            ],
        ),
        (
            2_000,
            (30, 30, 1),
            {"features": "gradients", "epochs": 1},
            ["apart by outlines.", "up to 30", "1 epoch, about 1 minute on two"],
        ),
        (
            5_000,
            (224, 224, 3),
            {"backbone": "efficientnet-lite2"},
            ["a pretrained network", "up to 48", "takes 20 epochs."],
        ),
        (
            5_000,
            (224, 224, 3),
            {"classifier_body": "none"},
            [
                "photographs. They have no classes.",
                "New images will be",
                "7 epochs, about 29 minutes on two idle cores. That is short, 175",
            ],
        ),
    ],
    ids=str,
)
def test_three_lines_say_what_will_be_trained(count, shape, stated, words):
    config = Config(**suggest(count, shape, stated) | stated)
    lines = in_words(config, shape, count)
    assert all(part in line for part, line in zip(words, lines, strict=True)), lines
