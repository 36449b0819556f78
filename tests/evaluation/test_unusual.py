"""What tells that an image is none of a model's, besides the score."""

import numpy as np
import pytest

from ssvae.evaluation.unusual import EMPTY, Usual, least_contrast
from ssvae.predict import UNLIKE, predict
from ssvae.score import score


@pytest.fixture(scope="module")
def nearly_empty():
    """A black image, two with a bright dot, and a nearly black and a white one."""
    images = np.zeros((5, 28, 28, 1), np.uint8)
    images[1, 14, 14] = 255
    images[2, 5, 20] = 255
    images[3, ::2] = 1
    images[4] = 255
    return images


@pytest.fixture(scope="module")
def usual(small_model):
    return Usual.of(small_model)


def test_a_dot_is_empty(small_model, usual, nearly_empty):
    assert usual.oddities(small_model, nearly_empty) == [EMPTY] * 5


def test_few_digits_are_odd(small_model, usual, mnist):
    odd = usual.oddities(small_model, mnist.read_test()[0][:3000])
    assert EMPTY not in odd
    assert np.mean([bool(reason) for reason in odd]) < 0.01


def test_the_threshold_is_relative_to_what_the_model_draws(small_model, monkeypatch):
    drawn = np.zeros((200, 28, 28, 1), np.float32)
    drawn[:, :14] = np.linspace(0.1, 0.8, 200)[:, None, None, None]
    monkeypatch.setattr(small_model, "generate", lambda classes: drawn)
    # Half of the pixels have the value v, the others 0: the deviation is v / 2.
    assert least_contrast(small_model) == pytest.approx(0.5 * 0.05, rel=1e-5)
    drawn[0] = 0.0
    # To a model that draws black images a black image is nothing unusual.
    assert least_contrast(small_model) == 0.0


def test_a_dot_is_never_sure(small_model, usual, nearly_empty, mnist):
    # No score is unusual here: the verdict comes from what is on the image.
    answers = predict(small_model, nearly_empty, 0.0, 0.0, usual)
    assert answers.verdict == ["unusual"] * 5
    assert answers.reason == [EMPTY] * 5
    assert np.array_equal(answers.score, score(small_model, nearly_empty))
    assert predict(small_model, mnist.images[:1], 0.0, 0.0, usual).verdict == ["sure"]


def test_what_the_picture_was_is_said_first(small_model, usual, mnist):
    images = mnist.images[:3].copy()
    images[1] = 0
    answers = predict(small_model, images, 0.0, 0.0, usual, ["a rose", "a wall", ""])
    assert answers.reason == ["a rose", "a wall", ""]
    assert answers.verdict == ["unusual", "unusual", "sure"]


def test_what_only_the_score_tells_has_a_reason(small_model, mnist, rng):
    noise = rng.integers(0, 256, (3, 28, 28, 1), dtype=np.uint8)
    plain = Usual(0.0)
    assert predict(small_model, noise, usual=plain).reason == [UNLIKE] * 3
    assert predict(small_model, mnist.images[:1], 0.0, 0.0, plain).reason == [""]
