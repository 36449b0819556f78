import keras
import numpy as np
import pytest

from ssvae.evaluation.judge import (
    classification_accuracy_score,
    judge_samples,
    judged,
    train_judge,
)


class Painter:
    """A model of two classes, dark and light; under N(0, I) it paints all dark."""

    num_classes = 2

    def generate(self, classes, seed=0, prior="fitted"):
        rng = np.random.default_rng(seed)
        light = np.asarray(classes) * (prior == "fitted")
        noise = rng.uniform(-0.1, 0.1, (len(light), 8, 8, 1))
        return np.float32(noise + 0.2 + 0.6 * light[:, None, None, None])


@pytest.fixture(scope="module")
def real():
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    images = rng.integers(0, 100, (400, 8, 8, 1)) + 120 * labels[:, None, None, None]
    return images.astype(np.uint8), labels


@pytest.fixture(scope="module")
def judge(real):
    return train_judge(*real, 2, epochs=15)


def test_judge_learns(judge, real):
    assert np.mean(judged(judge, real[0]) == real[1]) > 0.99


def test_samples_are_judged_by_the_class_asked_for(judge):
    figures = judge_samples(Painter(), judge, num_samples=100)
    assert figures["judged_accuracy"] > 0.95
    assert figures["judged_accuracy_normal_prior"] == pytest.approx(0.5, abs=0.05)


def test_score_is_the_accuracy_of_a_classifier_of_samples(real):
    score = classification_accuracy_score(Painter(), *real, num_samples=400, epochs=15)
    assert score > 0.95


def test_judge_is_the_same_for_the_same_seed(real):
    few = [part[:50] for part in real]
    one, other = (train_judge(*few, 2, epochs=1, seed=3) for _ in range(2))
    for a, b in zip(one.weights, other.weights, strict=True):
        assert np.array_equal(
            keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b)
        )
