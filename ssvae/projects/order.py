"""Which images are shown next: one after another, or many on one screen."""

from __future__ import annotations

import numpy as np

from ssvae.projects.atlas import Atlas
from ssvae.projects.guesses import Guesses
from ssvae.training.suggesting import next_to_label

# What single images can be ordered by, and the orders that ask for what teaches most.
KINDS = "typical", "surest", "least sure", "strangest", "helpful"
ASKING = "typical", "least sure", "helpful"
# Probability of a class from which an image is shown among others of it: of a screen of
# forty, two or three are wrong then, and to take them away takes two or three clicks.
SURE_ENOUGH = 0.8
# Images of this kind from which they are a screen of their own.
LEAST = 12


def order(
    kind: str,
    atlas: Atlas,
    guesses: Guesses,
    open_rows: np.ndarray,
    count: int,
    aside: np.ndarray | None = None,
) -> np.ndarray:
    """Return the next images to label one after another.

    In the orders of `ASKING` copies come after all others, copies of labeled images
    too, and so do images that are put aside.

    Args:
        kind: One of `KINDS`.
        atlas: `Atlas` of the project.
        guesses: `Guesses` of the project.
        open_rows: int array `(m,)`, rows of the images without a label.
        count: Number of images; fewer if there are fewer.
        aside: int array, rows of the images that seem to belong to no class.

    Returns:
        int64 array `(count,)`, rows, the first to be shown first.

    Raises:
        ValueError: If there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: got {kind!r}, need one of {', '.join(KINDS)}")
    open_rows = np.asarray(open_rows, np.int64)
    if kind in ASKING:
        worth = _worth_asking(atlas, open_rows, aside)
        later = np.setdiff1d(open_rows, worth)
    else:
        worth, later = open_rows, open_rows[:0]
    known = np.setdiff1d(np.arange(len(atlas.vectors)), open_rows)
    found = _ordered(kind, atlas, guesses, known, worth, count)
    missing = min(count, len(open_rows)) - len(found)
    if missing:
        more = _ordered(kind, atlas, guesses, known, later, missing)
        found = np.concatenate([found, more])
    return found


def _worth_asking(atlas, open_rows, aside):
    """Return the open images without copies of others, and without those put aside.

    Of copies the most typical one stays, unless one of them has a label.
    """
    is_open = np.zeros(len(atlas.vectors), bool)
    is_open[open_rows] = True
    ordered = _in_order(atlas.typical, open_rows)
    ordered = ordered[~np.isin(atlas.copies[ordered], atlas.copies[~is_open])]
    _, first = np.unique(atlas.copies[ordered], return_index=True)
    return np.setdiff1d(ordered[first], [] if aside is None else aside)


def _ordered(kind, atlas, guesses, known, rows, count):
    """Return rows in the order of a kind; `known` are rows that are not open."""
    if kind == "typical":
        return _in_order(atlas.typical, rows)[:count]
    if kind == "strangest":
        return rows[np.argsort(-guesses.surprise[rows], kind="stable")][:count]
    if kind == "helpful":
        answers = guesses.probabilities
        told = atlas.vectors, known, rows, count, answers.shape[1], answers
        return next_to_label(*told)
    margins = margins_of(guesses.probabilities[rows])
    if kind == "surest":
        return rows[np.argsort(-margins, kind="stable")][:count]
    return rows[np.argsort(margins, kind="stable")][:count]


def grid_of(
    atlas: Atlas,
    guesses: Guesses,
    open_rows: np.ndarray,
    class_index: int | None,
    count: int,
) -> np.ndarray:
    """Return the images for one screen, of which most should be of one class.

    Args:
        atlas: `Atlas` of the project.
        guesses: `Guesses` of the project.
        open_rows: int array `(m,)`, rows of the images without a label. Leave out those
            that a person has refused for this class: they would come again.
        class_index: The class that the images are taken for. Of those that are surely
            of it the least sure are shown: they teach more than the surest, and hold
            few of other classes. None for images that look alike, whatever they are.
        count: Number of images; fewer if there are fewer.

    Returns:
        int64 array `(count,)`, rows, the surest first.
    """
    open_rows = np.asarray(open_rows, np.int64)
    if not len(open_rows):
        return open_rows
    if class_index is None:
        first = int(_in_order(atlas.typical, open_rows)[0])
        others = atlas.alike(first, len(atlas.vectors))
        others = others[np.isin(others, open_rows)]
        return np.concatenate([[first], others])[:count]
    sure = guesses.probabilities[open_rows, class_index]
    likeliest = guesses.probabilities[open_rows].argmax(axis=1)
    taken = np.flatnonzero(likeliest == class_index)
    taken = taken[np.argsort(-sure[taken], kind="stable")]
    enough = np.count_nonzero(sure[taken] >= SURE_ENOUGH)
    # The last of those: the surest of all teach nothing new.
    if enough >= LEAST:
        return open_rows[taken[max(0, enough - count) : enough]]
    return open_rows[taken[:count]]


def margins_of(probabilities: np.ndarray) -> np.ndarray:
    """Return how far the likeliest class is above the second, `(n,)`, 0 to 1."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities), np.float32)
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return first - second


def _in_order(ordered, wanted):
    """Return the wanted rows in the order of others."""
    return ordered[np.isin(ordered, wanted)].astype(np.int64)
