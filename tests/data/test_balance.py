"""How frequent the classes are taken to be."""

import numpy as np
import pytest
from helpers import TINY

from ssvae.data import Batches, from_arrays
from ssvae.data.balance import balanced, class_shares, label_weights
from ssvae.errors import InputError


@pytest.fixture
def dataset(rng):
    """Eight images of a, two of b and, in the labels' names alone, one class more."""
    images = rng.integers(0, 256, (30, 9, 7), dtype=np.uint8)
    labels = np.repeat(["a", "b", "c", ""], [8, 2, 1, 19])
    whole = from_arrays(images, labels)
    return whole.with_labels(np.arange(10), whole.labels[:10])


def test_class_shares_follow_the_setting(dataset):
    assert class_shares(dataset, "uniform") == pytest.approx([0.5, 0.5, 0], abs=1e-6)
    assert class_shares(dataset, "auto") == pytest.approx([0.5, 0.5, 0], abs=1e-6)
    assert class_shares(dataset, "labels") == pytest.approx([0.75, 0.25, 0], abs=1e-6)
    assert class_shares(dataset, "2 1 1") == pytest.approx([0.5, 0.25, 0.25])
    for prior in ("uniform", "labels"):
        # A class of which nothing is labeled has a share that has a logarithm.
        assert 0 < class_shares(dataset, prior)[2] < 1e-6
        assert class_shares(dataset, prior).sum() == pytest.approx(1)


@pytest.mark.parametrize("prior", ["", "1 2", "1 2 0", "1 2 x", "1 2 nan", "equal"])
def test_shares_that_do_not_fit_are_refused(dataset, prior):
    wanted = "need auto, uniform, labels, or 3 numbers above 0"
    with pytest.raises(InputError, match=wanted):
        class_shares(dataset, prior)


def test_labels_count_by_the_share_of_their_class():
    classes = np.array([0, 0, 1, 1])
    assert label_weights(classes, np.array([0.5, 0.5, 1e-9])).tolist() == [1] * 4
    weights = label_weights(classes, np.array([0.9, 0.1, 1e-9]))
    assert weights[:2].sum() / weights.sum() == pytest.approx(0.9)
    # As many labels as are worth the same: 1 / (2 * 0.45**2 + 2 * 0.05**2).
    assert weights.sum() == pytest.approx(1 / 0.41)


def test_labeled_images_are_repeated_to_reach_the_shares(dataset):
    labeled = dataset.labeled
    classes = dataset.labels[labeled]
    equal = balanced(labeled, classes, class_shares(dataset, "uniform"))
    assert np.bincount(dataset.labels[equal]).tolist() == [8, 8]
    assert np.bincount(equal).tolist() == [1] * 8 + [4, 4]
    rare = balanced(labeled, classes, np.array([0.9, 0.1, 1e-9]))
    # No image is left out: eight of ten is what the labels have of the first.
    assert np.bincount(dataset.labels[rare]).tolist() == [18, 2]
    same = balanced(labeled, classes, np.array([0.8, 0.2, 1e-9]))
    assert same is labeled


def test_batches_have_the_class_shares(dataset):
    shares = class_shares(dataset, "uniform")
    batches = Batches(dataset, 4, 5, seed=0, shares=shares)
    shown = np.concatenate([batches.batch(step)["labels"] for step in range(40)])
    assert np.bincount(shown).tolist() == [80, 80]


def test_the_model_has_the_prior_of_the_setting(dataset, tmp_path):
    from ssvae.saving.keras_file import load_model, save_model
    from ssvae.training.learn import learn

    config = TINY.replace(class_prior="3 1 1", classifier_body="mlp")
    model = learn(dataset.hold_out(0.2, 0), config, tmp_path).model
    expected = np.log([0.6, 0.2, 0.2])
    assert np.asarray(model.log_prior) == pytest.approx(expected)
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert np.asarray(loaded.log_prior) == pytest.approx(expected)
