"""What is known of a model's ink: kept by training, or found out for older runs."""

import dataclasses

import numpy as np
import pytest

from ssvae.data.ink_data import InkData
from ssvae.runs.ink import ink_of
from ssvae.saving.keras_file import load_model, save_model


@pytest.fixture
def older(small_model):
    """The small model as an older version saved it: nothing is known of its ink."""
    kept = small_model.fitted
    small_model.fitted = dataclasses.replace(kept, ink=None)
    yield small_model
    small_model.fitted = kept


def test_training_keeps_what_is_known(small_model, small_run, tmp_path):
    ink = ink_of(small_model, small_run)
    assert ink is small_model.fitted.ink
    assert ink.layout.extent == pytest.approx(20 / 28, abs=0.04)
    save_model(small_model, tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras").fitted.ink
    assert again.layout == ink.layout
    np.testing.assert_array_equal(again.limits, ink.limits)


def test_an_older_run_tells_by_the_images_that_it_shows(older, small_run):
    ink = ink_of(older, small_run)
    assert ink.is_lines and ink.layout.by_mass
    # It is found out once.
    assert ink_of(older) is ink


def test_an_older_model_alone_tells_by_what_it_draws(older, mnist):
    ink = ink_of(older)
    assert ink.layout.extent == pytest.approx(20 / 28, abs=0.08)
    assert ink.layout.ground == 0
    # Its drawings are too plain to tell which lines are unusual.
    assert not any(ink.oddities(mnist.images[:1000]))


def test_color_has_no_ink(photo_model, photo_run):
    assert ink_of(photo_model, photo_run) is None


def test_what_is_known_is_written_into_no_file_of_another_version(older, tmp_path):
    save_model(older, tmp_path / "model.keras")
    assert load_model(tmp_path / "model.keras").fitted.ink is None
    assert isinstance(ink_of(older), InkData)
