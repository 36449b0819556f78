import numpy as np
import pytest

from ssvae.evaluation.measures import (
    accuracy_by_coverage,
    calibration,
    confusion,
    cross_entropy,
    precision_and_recall,
)


@pytest.fixture
def predictions(rng):
    """Probabilities of 400 images over three classes, and labels they do not know."""
    return rng.dirichlet([0.4] * 3, 400), rng.integers(0, 3, 400)


def test_calibration_error_worked_by_hand():
    """Two bins: in one 0.6 sure and half right, in the other 0.9 sure and all right."""
    probabilities = np.array([[0.6, 0.4], [0.6, 0.4], [0.9, 0.1], [0.1, 0.9]])
    result = calibration(probabilities, np.array([0, 1, 0, 1]), num_bins=4)
    assert result.error == pytest.approx(0.5 * 0.1 + 0.5 * 0.1)
    assert result.count.tolist() == [0, 0, 2, 2]
    assert result.confidence[2:] == pytest.approx([0.6, 0.9])
    assert result.accuracy[2:] == pytest.approx([0.5, 1.0])
    assert np.isnan(result.accuracy[:2]).all()


def test_calibration_error_by_a_loop(predictions):
    probabilities, labels = predictions
    confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    error = 0.0
    for low in np.arange(15) / 15:
        inside = (confidence > low) & (confidence <= low + 1 / 15)
        if inside.any():
            gap = confidence[inside].mean() - np.mean((predicted == labels)[inside])
            error += inside.mean() * abs(gap)
    assert calibration(probabilities, labels).error == pytest.approx(error)


def test_certain_and_right_answers_have_no_calibration_error():
    certain = np.eye(3)[[0, 1, 2, 0]]
    assert calibration(certain, np.array([0, 1, 2, 0])).error == 0
    assert calibration(certain, np.array([1, 2, 0, 1])).error == 1


def test_accuracy_by_coverage_by_a_loop(predictions):
    probabilities, labels = predictions
    coverage, accuracy = accuracy_by_coverage(probabilities, labels)
    order = sorted(range(400), key=lambda i: -probabilities[i].max())
    for answered in (1, 17, 400):
        hits = [probabilities[i].argmax() == labels[i] for i in order[:answered]]
        assert coverage[answered - 1] == answered / 400
        assert accuracy[answered - 1] == pytest.approx(np.mean(hits))


def test_cross_entropy_stays_finite():
    probabilities = np.array([[0.25, 0.75], [0.0, 1.0]], np.float32)
    assert cross_entropy(probabilities[:1], np.array([0])) == pytest.approx(np.log(4))
    assert 80 < cross_entropy(probabilities[1:], np.array([0])) < 90


def test_confusion_precision_and_recall_by_hand():
    counts = confusion(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 3)
    assert counts.tolist() == [[1, 0, 0], [1, 2, 0], [0, 0, 0]]
    precision, recall = precision_and_recall(counts)
    assert precision[:2].tolist() == [0.5, 1.0]
    assert recall[:2] == pytest.approx([1.0, 2 / 3])
    assert np.isnan([precision[2], recall[2]]).all()
