"""How good guesses are: an estimate that knows that labels were not drawn at random.

People label what is shown to them, which is often what is guessed surely. Of such
labels more are guessed right than of all images. So each left-out label counts as often
as there are images that are guessed as surely.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.special import expit, logit

from ssvae.projects.learning import Learned
from ssvae.training.calibrate import calibrated
from ssvae.training.estimate import (
    OVERAGREEMENT,
    Estimate,
    accuracy_of_a_turn,
    disagreement_of,
    estimate_accuracy,
)

# Groups of images by how surely they are guessed; labels that a group has at least.
NUM_GROUPS, LEAST_LABELS = 10, 5
# Accuracy that all labels bring over those of a turn, in the units of `estimate.GAIN`:
# the mixture learns so much from unlabeled images that a fifth of the labels matters
# little.
GAIN = 0.1
# Log-odds by which labels that were shown by guesses are guessed right more often than
# unlabeled images that are guessed as surely, if hardly any of them counts. Images
# like theirs were labeled with them. Measured on signs and photographs of things.
CHOSEN = 0.3
# Unlabeled images that are asked about, at most.
NUM_ASKED = 2_000


def judged(
    learned: Learned, classes: np.ndarray, seed: int
) -> tuple[float, Estimate | None]:
    """Return a temperature that calibrates logits, and the accuracy to expect.

    Args:
        learned: What was learned.
        classes: int array `(k,)`, the labels, in the order of `learned.known`.
        seed: Seed of the draws.

    Returns:
        The divisor of the logits, and the estimate; 1 and None if no label could be
        left out.
    """
    left_out, answers = learned.left_out, learned.answers
    if left_out is None or answers is None:
        return 1.0, None
    rng = np.random.default_rng((seed, 15))
    asked = answers[:, rng.permutation(answers.shape[1])[:NUM_ASKED]]
    share = answers.shape[1] / (answers.shape[1] + len(classes))
    weights = _weights(left_out, answers)
    right = left_out.argmax(axis=1) == classes
    # Labels that count alike, and say as much as these do.
    count = max(1, round(1 / np.sum(weights**2)))
    accuracy = _corrected(float(weights @ right), count / len(classes))
    seen = np.full(count, accuracy), len(answers), _disagreement(asked, accuracy, share)
    estimate = estimate_accuracy(*seen, gain=GAIN)
    estimate = dataclasses.replace(estimate, num_labels=len(classes))
    drawn = rng.choice(len(classes), count, p=weights)
    temperature = calibrated(
        left_out[drawn],
        classes[drawn],
        asked.reshape(-1, asked.shape[-1]),
        accuracy_of_a_turn(*seen),
    )
    return temperature, estimate


def _corrected(accuracy, share):
    """Return the accuracy of images like all, from labels of which a share counts."""
    if not 0 < accuracy < 1:
        return accuracy
    return float(expit(logit(accuracy) - CHOSEN * (1 - share)))


def _disagreement(asked, accuracy, share):
    """Return how often two classifiers of the turns contradict each other.

    Of the labeled images only one of them did not learn. There it is what goes with
    their accuracy.
    """
    found = disagreement_of(asked.argmax(axis=2))
    if found is None:
        return None
    turns = len(asked)
    odds = logit(np.clip(accuracy, 1e-3, 1 - 1e-3))
    shared = OVERAGREEMENT * (turns - 2) / (turns - 1)
    return share * found + (1 - share) * (1 - expit(odds + shared))


def _weights(left_out, answers):
    """Return the weight of each label, `(k,)`, sum 1; see the module."""
    turns, others = answers.shape[:2]
    sure = _sureness(left_out)
    each = answers[np.arange(others) % turns, np.arange(others)]
    everyone = np.concatenate([sure, _sureness(each)])
    edges = np.quantile(everyone, np.arange(1, NUM_GROUPS) / NUM_GROUPS)
    group = np.searchsorted(edges, sure)
    wanted = np.bincount(np.searchsorted(edges, everyone), minlength=NUM_GROUPS)
    have = np.bincount(group, minlength=NUM_GROUPS)
    # Groups of few labels are joined with the next one, from the least sure on.
    names = np.zeros(NUM_GROUPS, int)
    name = held = 0
    for index in range(NUM_GROUPS):
        names[index] = name
        held += have[index]
        if held >= LEAST_LABELS:
            name, held = name + 1, 0
    if held < LEAST_LABELS:
        names[names == name] = max(0, name - 1)
    wanted = np.bincount(names, wanted)
    have = np.bincount(names, have)
    weights = (wanted / np.maximum(have, 1))[names[group]]
    return weights / weights.sum()


def _sureness(logits):
    """Return how far the likeliest class is above the second, logits, `(n,)`."""
    second, first = np.partition(logits, -2, axis=1)[:, -2:].T
    return first - second
