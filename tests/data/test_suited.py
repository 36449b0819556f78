"""Settings that suit a data set, and a note where a config does not suit it."""

import numpy as np
import pytest

import ssvae
from ssvae.data import from_arrays
from ssvae.data.suited import unsuited
from ssvae.training.plan import plan


@pytest.fixture
def photographs():
    images = np.random.default_rng(0).integers(0, 255, (12, 48, 64, 3), np.uint8)
    return from_arrays(images, [0, 1] * 6, name="mine")


@pytest.fixture
def drawings():
    images = np.random.default_rng(0).integers(0, 255, (12, 28, 28), np.uint8)
    return from_arrays(images, [0, 1] * 6, name="mine")


def test_what_is_stated_comes_before_what_suits(photographs):
    config = ssvae.suited_config(photographs, labels=4, features="color", seed=3)
    assert (config.labels, config.features, config.seed) == (4, "color", 3)
    assert "backbone" in ssvae.suited_config(photographs).features


def test_without_a_config_one_that_suits_the_images_is_taken(photographs, drawings):
    assert "backbone" in plan(dataset=photographs).config.features
    assert plan(dataset=drawings).config.features == "pixels"


def test_a_config_that_learns_photographs_from_pixels_is_noted(photographs, drawings):
    notes = plan(ssvae.Config(labels=4), dataset=photographs).notes
    (note,) = (line for line in notes if "ssvae.suited_config" in line)
    assert "few labels do not teach" in note
    assert unsuited(ssvae.suited_config(photographs), photographs) == ""
    assert unsuited(ssvae.Config(), drawings) == ""
    assert unsuited(ssvae.Config(classifier_body="none"), photographs) == ""
