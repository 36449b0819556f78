"""Which images to label first: typical ones, that stand for many like them."""

import numpy as np

from ssvae.graph.herding import (
    covering_images,
    drawn_candidates,
    of_unit_length,
    squared_distances,
)

# Labels per class below which the densest images of clusters are asked for. With more,
# what counts is what no label covers.
FEW = 2
# Where nobody knows how many classes there are: how many are supposed, and clusters
# that are looked for first, so that few images stand for all.
SUPPOSED, FIRST = 10, 4
# Images of a cluster below which it is asked about last: it may be a few odd images.
LEAST = 5
# Nearest images whose mean distance tells how typical an image is.
NUM_NEAREST = 20
# Starts of k-means, of which the best is taken, and the seed of its draws.
NUM_STARTS, SEED = 3, 16


def typical_images(
    vectors: np.ndarray,
    labeled: np.ndarray,
    candidates: np.ndarray,
    count: int,
    num_classes: int = 0,
) -> np.ndarray:
    """Choose images that stand for many; any number of the first is a good choice.

    Up to `FEW` labels per class these are the densest images of clusters, see
    `dense_images`: as many clusters as classes, and then twice as many as labels. After
    that come the images that cover most of what no label is like, see
    `covering_images`. With few labels typical images teach most (Hacohen, Dekel and
    Weinshall 2022, arXiv:2202.02794).

    Args:
        vectors: float32 array `(n, d)`, what images are compared by.
        labeled: int array `(k,)`, indices of the labeled images.
        candidates: int array `(m,)`, indices of the images that may be chosen.
        count: Number of images to choose; fewer if there are fewer.
        num_classes: Number of classes; below 2 it is not known.

    Returns:
        int64 array `(count,)`, best first.
    """
    is_known = num_classes > 1
    first = num_classes if is_known else FIRST
    few = FEW * (num_classes if is_known else SUPPOSED)
    chosen, labeled = np.zeros(0, np.int64), np.asarray(labeled, np.int64)
    known, found = labeled, 1
    while found and (missing := min(count - len(chosen), few - len(known))) > 0:
        size = min(missing, max(first, len(known)))
        more = dense_images(vectors, known, candidates, size)
        found, chosen = len(more), np.concatenate([chosen, more])
        known = np.concatenate([labeled, chosen])
    rest = covering_images(vectors, known, candidates, count - len(chosen))
    return np.concatenate([chosen, rest])


def dense_images(
    vectors: np.ndarray, labeled: np.ndarray, candidates: np.ndarray, count: int
) -> np.ndarray:
    """Choose the densest image of each of the largest clusters without a label.

    This is TypiClust (Hacohen, Dekel and Weinshall 2022): k-means finds as many
    clusters as there will be labels, of vectors of unit length. An image is the more
    typical, the nearer the `NUM_NEAREST` images next to it are.

    Args:
        vectors: float32 array `(n, d)`, what images are compared by.
        labeled: int array `(k,)`, indices of the labeled images; few, see `FEW`.
        candidates: int array `(m,)`, indices of the images that may be chosen. Of many
            some are drawn, see `drawn_candidates`.
        count: Number of images to choose; fewer if there are fewer.

    Returns:
        int64 array `(count,)`, best first.
    """
    rows, _ = drawn_candidates(labeled, candidates)
    count = min(count, len(rows))
    if not count:
        return rows[:0]
    own = of_unit_length(vectors[rows])
    clusters, of_labeled = _clusters(
        own, of_unit_length(vectors[labeled]), min(len(labeled) + count, len(rows))
    )
    sizes = np.bincount(clusters)
    labels = np.bincount(of_labeled, minlength=len(sizes))
    # The images of each cluster, the most typical first.
    order = np.argsort(_spacing(own), kind="stable")
    waiting = [list(order[clusters[order] == each]) for each in range(len(sizes))]
    chosen: list[int] = []
    while len(chosen) < count:
        left = [each for each in range(len(sizes)) if waiting[each]]
        best = min(left, key=lambda i: (sizes[i] < LEAST, labels[i], -sizes[i]))
        chosen.append(waiting[best].pop(0))
        labels[best] += 1
    return rows[chosen]


def _clusters(vectors, labeled, count):
    """Return the clusters of vectors, and those whose centers labeled ones are near."""
    # Imported here, because it takes a second.
    from sklearn.cluster import KMeans

    distinct = len(np.unique(vectors, axis=0))
    means = KMeans(min(count, distinct), n_init=NUM_STARTS, random_state=SEED)
    clusters = means.fit_predict(vectors)
    return clusters, means.predict(labeled) if len(labeled) else np.zeros(0, int)


def _spacing(vectors):
    """Return the mean distance of each vector to those next to it."""
    squares = squared_distances(vectors, vectors)
    near = min(NUM_NEAREST, len(vectors) - 1)
    nearest = np.partition(squares, near, axis=1)[:, : near + 1]
    # Its distance to itself is 0, but for rounding.
    return np.sqrt(nearest).sum(axis=1) / max(near, 1)
