"""Labels that are left out in turn, and predicted from the others."""

from collections.abc import Callable

import numpy as np

from ssvae.data import UNLABELED

# Labels of a class that are needed to judge one of them: two predict it.
LEAST_LABELS = 3
# Parts that labels are dealt into, to be left out in turn.
NUM_PARTS = 5

# Function of labels, int array `(n,)`, that returns logits, `(n, num_classes)`.
Predict = Callable[[np.ndarray], np.ndarray]


def dealt(given: np.ndarray, seed: int) -> np.ndarray:
    """Deal labels into `NUM_PARTS` parts, those of each class evenly.

    Args:
        given: int array `(k,)`, labels.
        seed: Seed of the deal.

    Returns:
        int array `(k,)`, numbers of parts from 0; -1 for the labels of a class that has
        fewer than `LEAST_LABELS`.
    """
    rng = np.random.default_rng((seed, 18))
    parts = np.full(len(given), -1)
    for index in np.unique(given):
        members = rng.permutation(np.flatnonzero(given == index))
        if len(members) >= LEAST_LABELS:
            first = rng.integers(NUM_PARTS)
            parts[members] = (np.arange(len(members)) + first) % NUM_PARTS
    return parts


def in_turn(
    predict: Predict,
    labels: np.ndarray,
    rows: np.ndarray,
    parts: np.ndarray,
    kept: np.ndarray,
    asked: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return logits of labels while they are left out, and of the images asked about.

    The left-out images stay as unlabeled ones, as those asked about are.

    Args:
        predict: What learns from labels and unlabeled images, and predicts all images.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        rows: int array `(k,)`, the labeled images.
        parts: int array `(k,)`, the part of each label; see `dealt`.
        kept: bool array `(k,)`, labels that others are predicted from.
        asked: int array `(m,)`, unlabeled images.

    Returns:
        Float arrays `(k, num_classes)` and `(num_turns, m, num_classes)`; the logits of
        labels without a part are 0.
    """
    logits = np.zeros((0, 0))
    answers: list[np.ndarray] = []
    for part in np.unique(parts[parts >= 0]):
        known = np.full(len(labels), UNLABELED)
        seen = kept & (parts != part)
        known[rows[seen]] = labels[rows[seen]]
        values = predict(known)
        if not answers:
            logits = np.zeros((len(rows), values.shape[1]))
        logits[parts == part] = values[rows[parts == part]]
        answers.append(values[asked])
    return logits, np.array(answers)
