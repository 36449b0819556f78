"""Images with next to nothing on them."""

import numpy as np
import pytest

from ssvae.evaluation.emptiness import are_empty, least_contrast
from ssvae.predict import predict
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


def test_digits_are_not_empty_and_a_dot_is(small_model, mnist, nearly_empty):
    least = least_contrast(small_model)
    assert not are_empty(small_model, mnist.images[:3000], least).any()
    assert are_empty(small_model, nearly_empty, least).all()


def test_the_threshold_is_relative_to_what_the_model_draws(small_model, monkeypatch):
    drawn = np.zeros((200, 28, 28, 1), np.float32)
    drawn[:, :14] = np.linspace(0.1, 0.8, 200)[:, None, None, None]
    monkeypatch.setattr(small_model, "generate", lambda classes: drawn)
    # Half of the pixels have the value v, the others 0: the deviation is v / 2.
    assert least_contrast(small_model) == pytest.approx(0.5 * 0.05, rel=1e-5)
    drawn[0] = 0.0
    # To a model that draws black images a black image is nothing unusual.
    assert least_contrast(small_model) == 0.0


def test_a_dot_is_never_sure(small_model, nearly_empty, mnist):
    # No score is unusual here: the verdict comes from what is on the image.
    answers = predict(small_model, nearly_empty, 0.0, false_alarms=0.0)
    assert answers.verdict == ["unusual"] * 5
    assert np.array_equal(answers.score, score(small_model, nearly_empty))
    assert predict(small_model, mnist.images[:1], 0.0, 0.0).verdict == ["sure"]
