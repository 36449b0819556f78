"""Which images are shown next: one after another, or many on one screen."""

from __future__ import annotations

import numpy as np

from ssvae.graph.acquisition import reach, reached, surroundings
from ssvae.projects.atlas import Atlas
from ssvae.projects.guesses import Guesses

# What single images can be ordered by.
KINDS = "typical", "surest", "least sure", "strangest", "helpful"
# Probability of a class from which an image is shown among others of it: of a screen of
# forty, two or three are wrong then, and to take them away takes two or three clicks.
SURE_ENOUGH = 0.8
# Images of this kind from which they are a screen of their own.
LEAST = 12


def order(
    kind: str, atlas: Atlas, guesses: Guesses, open_rows: np.ndarray, count: int
) -> np.ndarray:
    """Return the next images to label one after another.

    Args:
        kind: One of `KINDS`.
        atlas: `Atlas` of the project.
        guesses: `Guesses` of the project.
        open_rows: int array `(m,)`, rows of the images without a label.
        count: Number of images; fewer if there are fewer.

    Returns:
        int64 array `(count,)`, rows, the first to be shown first.

    Raises:
        ValueError: If there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: got {kind!r}, need one of {', '.join(KINDS)}")
    open_rows = np.asarray(open_rows, np.int64)
    if kind == "typical":
        return _in_order(atlas.typical, open_rows)[:count]
    if kind == "strangest":
        return open_rows[np.argsort(-guesses.surprise[open_rows], kind="stable")][
            :count
        ]
    margins = margins_of(guesses.probabilities[open_rows])
    if kind == "helpful":
        return _helpful(atlas, 1 - margins, open_rows, count)
    if kind == "surest":
        return open_rows[np.argsort(-margins, kind="stable")][:count]
    return open_rows[np.argsort(margins, kind="stable")][:count]


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


def _helpful(atlas, doubts, open_rows, count):
    """Return open images with many doubtful images around them that no label reaches.

    See `ssvae.graph.acquisition.suggest`; images that are not open count as labeled.
    """
    if not atlas.neighbors.size:
        return open_rows[:count]
    step = atlas.step
    backwards = step.T.tocsr()
    open_ones = np.zeros(len(atlas.vectors), bool)
    open_ones[open_rows] = True
    weights = np.zeros(len(open_ones), np.float32)
    weights[open_rows] = doubts
    unreached = 1 - reached(step, ~open_ones)
    chosen: list[int] = []
    for _ in range(min(count, len(open_rows))):
        wanted = surroundings(step, unreached * weights)
        wanted[~open_ones] = -1
        index = int(wanted.argmax())
        chosen.append(index)
        open_ones[index] = False
        reach(unreached, backwards, index)
    return np.array(chosen, np.int64)


def margins_of(probabilities: np.ndarray) -> np.ndarray:
    """Return how far the likeliest class is above the second, `(n,)`, 0 to 1."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities), np.float32)
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return first - second


def _in_order(ordered, wanted):
    """Return the wanted rows in the order of others."""
    return ordered[np.isin(ordered, wanted)].astype(np.int64)
