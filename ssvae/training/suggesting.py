"""Which images to label next, after training: those whose labels would help most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ssvae.data import Dataset
from ssvae.data.copies import copy_groups
from ssvae.data.store import take
from ssvae.graph.acquisition import least_sure
from ssvae.graph.typical import typical_images

if TYPE_CHECKING:
    from ssvae.model import SSVAE
    from ssvae.training.spread import Spread

# Images that are compared to choose from them, labeled ones among them: more would take
# longer than the rest of the end of a training.
POOL = 10_000
# Images that are chosen first, as a multiple of those wanted: copies are left out then.
SPARE = 2
# Labels per class from which on every other image is one at a border. Then all groups
# are reached; with five, measured, typical images still teach more.
BORDERS = 10
# Labeled images that those are compared with, at most: of more it takes long.
MOST_LABELED = 5_000


def by_features(
    vectors: np.ndarray,
    dataset: Dataset,
    count: int,
    answers: np.ndarray | None = None,
) -> np.ndarray:
    """Return the images to label next by features, copies of images among them.

    See `next_to_label`; the images are not read.

    Args:
        vectors: float32 array `(n, d)`, features; the first components matter most.
        dataset: `Dataset` of n images with the labels so far.
        count: Number of images; fewer if fewer are unlabeled.
        answers: Float array `(n, num_classes)`, the probability of each class.
    """
    known = dataset.labeled, dataset.unlabeled
    return next_to_label(vectors, *known, count, dataset.num_classes, answers)


def next_to_label(
    vectors: np.ndarray,
    labeled: np.ndarray,
    candidates: np.ndarray,
    count: int,
    num_classes: int = 0,
    answers: np.ndarray | None = None,
) -> np.ndarray:
    """Return the images to label next, int64 array `(count,)`, best first.

    With few labels these are typical images; with more, those that cover most of what
    no label is like, see `typical_images`. From `BORDERS` labels per class on, every
    other image is one at a border between classes.

    Args:
        vectors: float32 array `(n, d)`, features; the first components matter most.
        labeled: int array `(k,)`, indices of the labeled images.
        candidates: int array `(m,)`, indices of the images that may be chosen.
        count: Number of images; fewer if there are fewer candidates.
        num_classes: Number of classes; below 2 it is not known.
        answers: Float array `(n, num_classes)`, the probability of each class that a
            classifier gives; None if there is none.
    """
    typical = typical_images(vectors, labeled, candidates, count, num_classes)
    if answers is None or len(labeled) < BORDERS * max(2, num_classes):
        return typical
    open_ones = np.setdiff1d(candidates, labeled)
    doubted = open_ones[least_sure(answers[open_ones], len(typical))]
    both = np.stack([typical, doubted], axis=1).ravel()
    _, first = np.unique(both, return_index=True)
    return both[np.sort(first)][:count]


def by_graph(spread: Spread, dataset: Dataset, count: int) -> np.ndarray:
    """Return the images to label next by the graph over which labels were spread.

    Args:
        spread: `Spread` of the labels.
        dataset: `Dataset` with the labels so far.
        count: Number of images; fewer if fewer are unlabeled.
    """
    return without_copies(dataset, spread.to_label(dataset, SPARE * count))[:count]


def by_model(
    model: SSVAE, dataset: Dataset, count: int, logits: np.ndarray | None = None
) -> np.ndarray:
    """Return the images whose class a model doubts most: it compares no images.

    Args:
        model: An `SSVAE`.
        dataset: `Dataset` with the labels so far.
        count: Number of images; fewer if fewer are unlabeled.
        logits: Float array `(n, num_classes)`, those of the images if they are known.
    """
    rng = np.random.default_rng((model.config.seed, 4))
    some = rng.permutation(dataset.unlabeled)[: POOL // 2]
    if model.num_classes == 1 or not len(some):
        return some[:0]
    known = None if logits is None else logits[some]
    answers = model.predict_proba(dataset.images[some], logits=known)
    doubted = least_sure(answers, SPARE * count)
    return without_copies(dataset, some[doubted])[:count]


def without_copies(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return images in their order, of copies of one image only the first.

    Copies of labeled images are left out too.

    Args:
        dataset: `Dataset` with the labels so far.
        rows: int array `(k,)`, images.
    """
    labeled = dataset.labeled[:MOST_LABELED]
    images = [take(dataset.images, some) for some in (labeled, rows)]
    _, first = np.unique(copy_groups(*images), return_index=True)
    kept = np.sort(first) - len(labeled)
    return rows[kept[kept >= 0]]
