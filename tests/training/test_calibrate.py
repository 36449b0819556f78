"""The temperature of a classifier, from labels that were left out."""

import numpy as np
import pytest
from scipy.special import softmax

from ssvae.training.calibrate import calibrated, suited_temperature
from ssvae.vae.temperature import fit_temperature


def answers(rng, count, temperature=4.0):
    """Logits whose calibration needs a temperature, and classes drawn from them."""
    calm = rng.normal(size=(count, 5)) * 2
    chances = softmax(calm, axis=1).cumsum(axis=1)
    classes = (rng.uniform(size=(count, 1)) > chances).sum(axis=1)
    return temperature * calm, classes


def test_few_labels_do_not_upset_the_temperature(rng):
    asked, hidden = answers(rng, 4000)
    accuracy = np.mean(asked.argmax(axis=1) == hidden)
    away = []
    for fit in (
        calibrated,
        lambda logits, classes, *_: fit_temperature(logits, classes),
    ):
        draws = [answers(np.random.default_rng(seed), 15) for seed in range(20)]
        found = [fit(*draw, asked, accuracy) for draw in draws]
        away.append(np.std(np.log(np.divide(found, 4))))
    assert away[0] < 0.2 and away[0] < away[1] / 2


def test_many_labels_overrule_what_is_expected(rng):
    logits, classes = answers(rng, 5000)
    assert calibrated(logits, classes, logits, 0.3) == pytest.approx(4, rel=0.1)


def test_labels_that_are_all_right_leave_some_doubt(rng):
    asked, _ = answers(rng, 500)
    logits = 8.0 * np.eye(5)
    assert fit_temperature(logits, np.arange(5)) < 0.2
    assert calibrated(logits, np.arange(5), asked, 0.7) > 1


def test_without_images_to_ask_the_labels_decide(rng):
    logits, classes = answers(rng, 300)
    found = calibrated(logits, classes, logits[:0], 0.5)
    assert found == fit_temperature(logits, classes)


def test_answers_get_the_mean_probability_that_is_asked_for(rng):
    logits, _ = answers(rng, 500)
    found = suited_temperature(logits, 0.8)
    assert softmax(logits / found, axis=1).max(1).mean() == pytest.approx(0.8, abs=1e-3)
    assert suited_temperature(logits, 1.0) == 0.05
    assert suited_temperature(logits, 0.0) == 50
