import dataclasses

import numpy as np
import pytest

import ssvae
from ssvae.data import from_arrays
from ssvae.errors import InputError
from ssvae.saving.keras_file import save_model
from ssvae.vae.fitted import Fitted, fit
from ssvae.vae.prior import MixturePrior, fit_mixture
from ssvae.vae.temperature import fit_temperature


def test_score_worked_by_hand():
    fitted = dataclasses.replace(
        Fitted(MixturePrior.normal(2, 2)),
        score_means=np.array([10.0, -4.0]),
        score_scales=np.array([5.0, 2.0]),
    )
    score = fitted.score(np.array([10.0, 25.0, 0.0]), np.array([-4.0, -90.0, 6.0]))
    expected = [np.log(2), 3.0, np.log(np.exp(-2) + np.exp(5))]
    assert score == pytest.approx(expected)


def test_the_share_asked_for_exceeds_the_threshold(rng):
    scores = np.sort(rng.normal(size=1000))
    fitted = dataclasses.replace(Fitted(MixturePrior.normal(2, 2)), usual_scores=scores)
    for share in (0.0, 0.01, 0.2, 1.0):
        above = np.mean(scores > fitted.threshold(share))
        assert above == pytest.approx(share, abs=2e-3)


def test_without_usual_scores_there_is_no_threshold():
    with pytest.raises(InputError, match="does not know what is usual"):
        Fitted(MixturePrior.normal(2, 2)).threshold(0.01)


def test_temperature_undoes_a_scale_of_the_logits(rng):
    """Classes drawn from softmax(logits); the logits then made three times as large."""
    logits = rng.normal(scale=2, size=(20_000, 4))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    classes = (rng.random((20_000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    assert fit_temperature(3 * logits, classes) == pytest.approx(3, rel=0.05)


def test_fitted_values_are_saved_with_the_model(make_model, tmp_path, rng):
    model = make_model()
    mixtures = [fit_mixture(rng.normal(size=(90, 3))) for _ in range(3)]
    model.fitted = Fitted(
        MixturePrior(*(np.stack(part) for part in zip(*mixtures, strict=True))),
        temperature=1.7,
        usual_scores=np.arange(5.0),
    )
    save_model(model, tmp_path / "a.keras")
    again = ssvae.load_model(tmp_path / "a.keras").fitted
    before, after = dataclasses.asdict(model.fitted), dataclasses.asdict(again)
    before |= before.pop("prior")
    after |= after.pop("prior")
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert np.array_equal(value, after[name]), name


def test_training_images_tell_what_is_usual_where_few_images_are_held_out(
    make_model, rng
):
    model = make_model()
    images = rng.integers(0, 256, (60, *model.image_shape), dtype=np.uint8)
    labels = np.where(np.arange(60) < 57, np.arange(60) % model.num_classes, -1)
    dataset = from_arrays(images, labels).hold_out(0.5, 0)
    assert 0 < len(dataset.held_out) < 5
    fit(model, dataset)
    assert len(model.fitted.usual_scores) == 60
    assert np.std(model.fitted.usual_scores) > 0
