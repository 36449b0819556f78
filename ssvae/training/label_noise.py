"""How likely each label is wrong, by what is predicted of it while it is left out.

A given label is taken for a draw that depends on the true class alone: p(given | true)
is a matrix T, as in confident learning (Northcutt, Jiang and Chuang 2021) and in the
robust EM of Dawid and Skene 1979 with a classifier as second voice. What is predicted
from other labels is p(true). Then p(true | given) is proportional to p(true)
p(given | true), and T is found by EM.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit

from ssvae.training.calibrate import SPREAD, suited_temperature
from ssvae.training.estimate import OVERAGREEMENT, disagreement_of
from ssvae.vae.temperature import TEMPERATURES

# Rounds of EM. The probabilities do not change any more after about ten.
NUM_ROUNDS = 12
# Labels that the prior of a row of T counts as; it has one rate of wrong labels, and
# all wrong classes alike. So one wrong label of ten says little of a pair of classes.
PRIOR_LABELS = 10.0
# Labels that the prior of that rate counts as, right and wrong: few labels are wrong.
PRIOR_RIGHT, PRIOR_WRONG = 9.0, 1.0
# Least entry of T: its logarithm is finite.
LEAST = 1e-300


@dataclass(frozen=True)
class Noise:
    """What is known of wrong labels.

    Attributes:
        wrong: float64 array `(k,)`, the probability that each label is wrong.
        likely: int64 array `(k,)`, the likeliest class besides the given one.
        rate: Fraction of the labels that is expected to be wrong.
    """

    wrong: np.ndarray
    likely: np.ndarray
    rate: float


def fit_noise(left_out: np.ndarray, given: np.ndarray, answers: np.ndarray) -> Noise:
    """Return how likely each label is wrong.

    Labels are contradicted where they are wrong, and where the classifier is. How often
    it errs is seen where classifiers of several turns contradict each other, without a
    look at any label. The temperature of the logits is held near the one that suits
    this, and fitted together with T.

    Args:
        left_out: Float array `(k, num_classes)`, logits of the labeled images, each
            predicted without its own label.
        given: int array `(k,)`, these labels.
        answers: Float array `(num_turns, m, num_classes)`, logits of unlabeled images
            by the classifiers of the turns; m may be 0.
    """
    count, num_classes = left_out.shape
    expected = _expected_temperature(answers)
    rate = PRIOR_WRONG / (PRIOR_RIGHT + PRIOR_WRONG)
    matrix = _even(rate, num_classes)
    for _ in range(NUM_ROUNDS):
        temperature = _best_temperature(left_out, given, matrix, expected)
        posterior = _posterior(left_out / temperature, given, matrix)
        counts = np.zeros((num_classes, num_classes))
        np.add.at(counts.T, given, posterior)
        wrong = 1 - posterior[np.arange(count), given]
        rate = (wrong.sum() + PRIOR_WRONG) / (count + PRIOR_RIGHT + PRIOR_WRONG)
        counts += PRIOR_LABELS * _even(rate, num_classes)
        matrix = counts / counts.sum(axis=1, keepdims=True)
    others = posterior.copy()
    others[np.arange(count), given] = -1
    return Noise(wrong, others.argmax(axis=1), float(wrong.mean()))


def _even(rate, num_classes):
    """Return T where every wrong class is given alike, at one rate."""
    off = rate / max(1, num_classes - 1)
    return np.full((num_classes, num_classes), off) + (1 - rate - off) * np.eye(
        num_classes
    )


def _log_joint(logits, given, matrix):
    """Return log p(true) p(given | true), float array `(k, num_classes)`."""
    return log_softmax(logits, axis=1) + np.log(np.maximum(matrix.T[given], LEAST))


def _posterior(logits, given, matrix):
    """Return p(true | given), float array `(k, num_classes)`."""
    return np.exp(log_softmax(_log_joint(logits, given, matrix), axis=1))


def _expected_temperature(answers):
    """Return the temperature that suits how often turns agree; None if nobody knows."""
    disagreement = disagreement_of(answers.argmax(axis=2))
    turns = len(answers)
    if disagreement is None or turns < 2:
        return None
    shared = OVERAGREEMENT * (turns - 2) / (turns - 1)
    accuracy = float(expit(logit(1 - disagreement) - shared))
    return suited_temperature(answers.reshape(-1, answers.shape[-1]), accuracy)


def _best_temperature(left_out, given, matrix, expected):
    """Return the temperature with which the labels are likeliest."""

    def loss(log_temperature):
        joint = _log_joint(left_out / np.exp(log_temperature), given, matrix)
        away = 0.0
        if expected is not None:
            away = (log_temperature - np.log(expected)) / SPREAD
        return 0.5 * away**2 - np.logaddexp.reduce(joint, axis=1).sum()

    best = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(best.x))
