"""Labels that name groups of classes teach, and are kept with a run."""

import dataclasses
import json

import numpy as np
import pytest
from helpers import PHOTO
from sklearn.datasets import load_digits

from ssvae.data import load_dataset
from ssvae.data.coarse import Coarse
from ssvae.training.learners import BOTH, GROUPED
from ssvae.training.left_out import believe
from ssvae.training.run import train
from ssvae.training.spread import _as_told


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    vectors = (data.data - data.data.mean(axis=0)).astype("float32")
    return vectors[:900], data.target[:900]


def told_of(classes, each):
    """Return labels, and of 300 other images whether they are below five or not."""
    labels, rng = np.full(900, -1), np.random.default_rng(1)
    for index in range(10):
        labels[rng.permutation(np.flatnonzero(classes == index))[:each]] = index
    allowed = np.ones((900, 10), bool)
    rows = rng.permutation(np.flatnonzero(labels < 0))[:300]
    allowed[rows] = (np.arange(10) < 5) == (classes[rows] < 5)[:, None]
    return labels, allowed, rows


def test_labels_of_groups_are_believed(digits):
    """Hundreds of images are told to be below five or not: fewer errors between."""
    vectors, classes = digits
    labels, allowed, rows = told_of(classes, 2)
    even = np.full(10, 0.1)
    wrong = []
    for told in (None, allowed):
        belief = believe(vectors, labels, even, 0, allowed=told)
        guesses = belief.linear(vectors).argmax(axis=1)
        others = np.setdiff1d(np.flatnonzero(labels < 0), rows)
        wrong.append(np.mean((guesses < 5)[others] != (classes < 5)[others]))
    assert wrong[1] < 0.8 * wrong[0]


def test_labels_of_groups_that_other_labels_contradict_teach_nothing(digits):
    vectors, classes = digits
    labels, allowed, rows = told_of(classes, 2)
    allowed[rows] = np.roll(allowed[rows], 3, axis=1)
    belief = believe(vectors, labels, np.full(10, 0.1), 0, allowed=allowed)
    assert belief.name == BOTH
    right = belief.linear(vectors).argmax(axis=1) == classes
    misled = belief.learned[GROUPED](vectors).argmax(axis=1) == classes
    assert right.mean() > misled.mean() + 0.1


def test_with_one_label_per_class_nothing_contradicts_labels_of_groups(digits):
    labels, allowed, _ = told_of(digits[1], 1)
    belief = believe(digits[0], labels, np.full(10, 0.1), 0, allowed=allowed)
    assert belief.name == GROUPED


def test_a_pseudo_label_outside_the_group_is_none(tiny_dataset):
    coarse = Coarse(np.array([20, 30]), np.array([[1, 1, 0], [0, 1, 1]], bool))
    told = dataclasses.replace(tiny_dataset, coarse=coarse)
    guesses = np.zeros(40, int)
    kept = _as_told(guesses, told)
    assert kept[20] == 0 and kept[30] == -1 and np.array_equal(kept[:20], guesses[:20])
    assert np.array_equal(_as_told(guesses, tiny_dataset), guesses)


@pytest.mark.slow
def test_a_run_keeps_labels_of_groups_and_of_no_class(photographs, tmp_path):
    dataset = load_dataset(str(photographs), image_size=24)
    labels = np.where(np.arange(90) % 3 == 0, dataset.labels, -1)
    rows = np.flatnonzero(labels < 0)[:12]
    allowed = np.ones((12, 3), bool)
    allowed[np.arange(12), (dataset.labels[rows] + 1) % 3] = False
    told = dataclasses.replace(
        dataset.with_labels(np.flatnonzero(labels >= 0), labels[labels >= 0]),
        coarse=Coarse(rows, allowed),
        outside=np.flatnonzero(labels < 0)[-3:],
    )
    config = PHOTO.replace(dataset=str(photographs), labels=12)
    out = train(config, tmp_path / "run", dataset=told)
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["num_group_labels"], metrics["num_none_labels"]) == (12, 3)
    kept = json.loads((out / "labels.json").read_text())
    assert kept["coarse"]["indices"] == rows.tolist()
    assert kept["outside"] == told.outside.tolist()
    history = (out / "history.csv").read_text()
    assert "group_cross_entropy" in history.splitlines()[0]
