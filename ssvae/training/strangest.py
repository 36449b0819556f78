"""Single images that are unlike all others, found after training by the score."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from ssvae.data import Dataset
from ssvae.model import SSVAE
from ssvae.runs.unusual import Unusual
from ssvae.training.feature_learning import Classified
from ssvae.training.outside import Outside

# Images that are listed, at most: people look at each. And the part of usual images
# that score as high by chance.
MOST_LISTED, FALSE_ALARMS = 24, 0.01
# Images that are scored by more than one sample of z, at most. All others are usual.
MOST_SCORED = 10 * MOST_LISTED
# Images that are scored at once: they need not fit into memory together.
CHUNK = 10_000


def unusual_images(
    model: SSVAE,
    dataset: Dataset,
    found: Outside,
    classified: Classified | None,
) -> Unusual:
    """Return the images in groups of no class, and the strangest ones beside them.

    Args:
        model: The trained `SSVAE`, with its scores fitted.
        dataset: The `Dataset` that it was trained on, with the labels of the budget.
        found: What was found among its images.
        classified: `Classified` of a model of features; None for others.
    """
    groups = found.groups.copy()
    groups[dataset.outside] = -1
    grouped = np.flatnonzero(groups >= 0)
    alone, scores = strangest(model, dataset, grouped, classified)
    rows = np.concatenate([grouped, alone])
    numbers = np.concatenate([groups[grouped] + 1, np.zeros(len(alone), int)])
    return Unusual(
        rows,
        numbers,
        np.isin(rows, found.rows),
        np.concatenate([found.strangeness[grouped], scores]),
    )


def strangest(
    model: SSVAE,
    dataset: Dataset,
    grouped: np.ndarray,
    classified: Classified | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the single images with the highest scores, and the scores.

    Images with a label, or of which anything else is known, are not among them.

    Args:
        model: See `unusual_images`.
        dataset: See `unusual_images`.
        grouped: int array, the images in groups.
        classified: See `unusual_images`.

    Returns:
        int64 array `(k,)`, the strangest first, k at most `MOST_LISTED`; and float64
        array `(k,)`, standard deviations, see `SSVAE.score`.
    """
    known = [dataset.labeled, dataset.outside, grouped]
    if dataset.coarse is not None:
        known.append(dataset.coarse.rows)
    rows = np.setdiff1d(np.arange(len(dataset.images)), np.concatenate(known))
    if classified is not None:
        logits = classified.logits[rows].astype(np.float64)
        energy = -logsumexp(logits, axis=1)
        scores = model.fitted.score(classified.surprise[rows], energy)
    else:
        scores = _scores(model, dataset, rows, num_samples=1)
        rows = rows[np.argsort(-scores, kind="stable")[:MOST_SCORED]]
        scores = _scores(model, dataset, rows, num_samples=10)
    order = np.argsort(-scores, kind="stable")[:MOST_LISTED]
    order = order[scores[order] > model.fitted.threshold(FALSE_ALARMS)]
    return rows[order], scores[order]


def _scores(model, dataset, rows, num_samples):
    """Return the scores of some images, float64 `(k,)`."""
    parts = [
        model.score(dataset.images[rows[start : start + CHUNK]], num_samples)
        for start in range(0, len(rows), CHUNK)
    ]
    return np.concatenate([np.zeros(0), *parts])
