"""Wrong labels are found by what the others say; right ones stay trusted."""

import csv

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.data import from_arrays
from ssvae.graph.construction import neighbor_graph
from ssvae.runs.folder import ISSUES_FILE
from ssvae.training.label_issues import LabelIssues, find_label_issues
from ssvae.training.label_noise import fit_noise
from ssvae.training.trusting import by_graph, by_vectors, save_list, trusted

COUNT, CLASSES, EACH = 400, 4, 10
SHARES = np.full(CLASSES, 1 / CLASSES)


def clusters(rng):
    """Return vectors of four clusters, and their classes."""
    classes = np.arange(COUNT) % CLASSES
    vectors = rng.normal(size=(COUNT, 12)) * 0.6
    vectors[:, :CLASSES] += 3 * np.eye(CLASSES)[classes]
    return vectors.astype("float32"), classes


def some_wrong(classes, num_wrong):
    """Return ten labels per class, the first ones wrong, -1 elsewhere."""
    labels = np.where(np.arange(COUNT) < EACH * CLASSES, classes, -1)
    labels[:num_wrong] = (labels[:num_wrong] + 1 + np.arange(num_wrong) % 3) % CLASSES
    return labels


def predict_by(way, vectors, labels):
    if way == "graph":
        return by_graph(neighbor_graph(vectors), CLASSES)
    return by_vectors(vectors, labels, SHARES, seed=0)


@pytest.mark.parametrize("way", ["graph", "vectors"])
def test_wrong_labels_are_found_and_right_ones_are_not(rng, way):
    vectors, classes = clusters(rng)
    labels = some_wrong(classes, 8)
    issues = find_label_issues(predict_by(way, vectors, labels), labels, seed=0)
    assert np.flatnonzero(issues.distrusted).tolist() == list(range(8))
    assert np.array_equal(issues.likely[:8], classes[:8])
    assert issues.wrong[8:].max() < 0.5 < issues.wrong[:8].min()


@pytest.mark.parametrize("way", ["graph", "vectors"])
def test_right_labels_are_all_trusted(rng, way):
    vectors, classes = clusters(rng)
    labels = some_wrong(classes, 0)
    issues = find_label_issues(predict_by(way, vectors, labels), labels, seed=0)
    assert not issues.distrusted.any() and not issues.suspected.any()


def test_labels_of_classes_that_cannot_be_told_apart_are_not_distrusted(rng):
    """Half of the predictions are wrong: that is the classifier's fault."""
    vectors, classes = clusters(rng)
    classes = np.where(classes < 2, rng.integers(0, 2, COUNT), classes)
    labels = some_wrong(classes, 0)
    predict = by_vectors(vectors, labels, SHARES, seed=0)
    assert not find_label_issues(predict, labels, seed=0).distrusted.any()


def test_labels_are_predicted_as_if_images_of_no_class_were_not_there(rng):
    vectors, classes = clusters(rng)
    labels = some_wrong(classes, 8)
    # Between two classes, and so many that these would move.
    others = rng.normal(size=(COUNT, 12)).astype("float32")
    others[:, :2] += 2
    rows = np.arange(COUNT, 2 * COUNT)
    every = np.concatenate([vectors, others]), np.r_[labels, np.full(COUNT, -1)]
    predict = by_vectors(*every, SHARES, 0, outside=rows)
    alone = by_vectors(vectors, labels, SHARES, 0)(labels)
    np.testing.assert_allclose(predict(every[1])[:COUNT], alone, atol=1e-2)
    among = by_vectors(*every, SHARES, 0)(every[1])[:COUNT]
    assert np.abs(among - alone).max() > 1


def test_a_class_of_two_labels_is_not_judged(rng):
    vectors, classes = clusters(rng)
    labels = some_wrong(classes, 0)
    labels[np.flatnonzero(labels == 3)[2:]] = -1
    issues = find_label_issues(by_vectors(vectors, labels, SHARES, 0), labels, 0)
    few = issues.given == 3
    assert np.isnan(issues.wrong[few]).all() and not np.isnan(issues.wrong[~few]).any()
    assert (issues.likely[few] == -1).all()
    assert find_label_issues(None, np.r_[0, 1, -1, -1], 0) is None


def test_the_probability_is_that_of_bayes_by_hand():
    """One sure contradiction among sure agreements; T is nearly its prior."""
    given = np.repeat([0, 1], 10)
    logits = 8.0 * np.eye(2)[given]
    logits[0] = [0, 8]
    noise = fit_noise(logits, given, np.zeros((1, 0, 2)))
    assert noise.wrong[0] > 0.9 and noise.wrong[1:].max() < 0.01
    assert noise.likely.tolist() == (1 - given).tolist()
    assert noise.rate == pytest.approx(0.05, abs=0.01)


def test_turns_that_contradict_each_other_take_the_blame(rng):
    """The same contradicted labels accuse a classifier that errs everywhere."""
    given = np.repeat([0, 1], 20)
    logits = 3.0 * np.eye(2)[given]
    logits[::5] = logits[::5, ::-1]
    agreed = np.repeat(4.0 * np.eye(2)[rng.integers(0, 2, 300)][None], 5, axis=0)
    torn = 4.0 * np.eye(2)[rng.integers(0, 2, (5, 300))]
    sure, unsure = (fit_noise(logits, given, each) for each in (agreed, torn))
    assert sure.wrong[::5].min() > 0.5 > unsure.wrong[::5].max()


def dataset_of(labels):
    return from_arrays(np.zeros((len(labels), 8, 8, 1), np.uint8), labels)


@pytest.mark.parametrize("trust", ["auto", "all"])
def test_a_run_keeps_what_it_found_and_learns_from_the_rest(rng, tmp_path, trust):
    vectors, classes = clusters(rng)
    labels = some_wrong(classes, 8)
    dataset, said = dataset_of(labels), []
    predict = by_vectors(vectors, labels, SHARES, 0)
    told = Config(trust_labels=trust), said.append
    found = trusted(dataset, predict, tmp_path, *told)
    left = 8 if trust == "auto" else 0
    assert len(found.labeled) == len(dataset.labeled) - left
    assert "8 of 40 may be wrong" in said[0]
    # A resumed run does not look again.
    again = trusted(dataset, None, tmp_path, *told)
    assert np.array_equal(again.labels, found.labels) and len(said) == 1
    issues = LabelIssues.load(tmp_path / ISSUES_FILE)
    assert issues.figures()["num_labels_suspected"] == 8
    assert issues.figures()["num_labels_distrusted"] == left


def test_findings_of_a_part_are_of_the_rows_of_all_images(rng, tmp_path):
    vectors, classes = clusters(rng)
    labels = some_wrong(classes, 8)
    rows = np.arange(COUNT) + 5
    dataset = dataset_of(np.r_[np.full(5, -1), labels])
    predict = by_vectors(vectors, labels, SHARES, 0)
    found = trusted(dataset, predict, tmp_path, Config(), print, rows)
    gone = np.setdiff1d(dataset.labeled, found.labeled)
    assert gone.tolist() == list(range(5, 13))


def test_the_list_begins_with_what_is_likeliest_wrong(rng, tmp_path):
    known = np.array([0, 4, 7]), np.array([0, 1, 0]), np.array([1, 0, -1])
    issues = LabelIssues(*known, np.array([0.2, 0.9, np.nan]), np.array([0, 1, 0]) > 0)
    path = tmp_path / "label_issues.csv"
    save_list(issues, path, ["cat", "dog"], [f"{row}.png" for row in range(8)])
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["index"] for row in rows] == ["4", "0", "7"]
    assert rows[0] == {
        "index": "4",
        "label": "dog",
        "rather": "cat",
        "wrong": "0.9000",
        "learned from": "no",
        "file": "4.png",
    }
    assert rows[2]["wrong"] == rows[2]["rather"] == ""


def found_by(against):
    """Return what is found if the first of 40 labels are contradicted by some nats."""
    given = np.arange(40) % 2
    logits = 8.0 * np.eye(2)[np.arange(COUNT) % 2]
    logits[: len(against)] = (
        np.array(against)[:, None] * (1 - np.eye(2)[given])[: len(against)]
    )
    labels = np.r_[given, np.full(COUNT - 40, -1)]
    return find_label_issues(lambda known: logits, labels, seed=0)


def test_a_label_that_is_perhaps_wrong_is_listed_and_learned_from():
    issues = found_by([8, 8, 8, 8, 8, 3])
    assert issues.suspected[:6].all() and not issues.suspected[6:].any()
    assert np.flatnonzero(issues.distrusted).tolist() == [0, 1, 2, 3, 4]


def test_where_contradicted_labels_are_rather_right_all_are_learned_from():
    issues = found_by([8, 8, 1, 1, 1, 1, 1, 1])
    assert issues.suspected[:2].all() and not issues.distrusted.any()


def test_one_label_that_looks_wrong_is_listed_and_learned_from():
    issues = found_by([8])
    assert issues.suspected.sum() == 1 and not issues.distrusted.any()


def test_where_half_of_the_labels_are_contradicted_all_are_learned_from():
    assert found_by([8] * 14).distrusted.any()
    assert not found_by([8] * 18).distrusted.any()


def test_with_few_labels_per_class_wrong_ones_are_told_and_learned_from(rng):
    vectors, classes = clusters(rng)
    labels = some_wrong(classes, 4)
    labels[6 * CLASSES :] = -1
    predict = predict_by("vectors", vectors, labels)
    issues = find_label_issues(predict, labels, seed=0)
    assert issues.suspected[:4].all()
    assert not issues.distrusted.any()
