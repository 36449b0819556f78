"""Which images to label next: those that stand for many that no label is like."""

import numpy as np

# Images among which typical ones are looked for, at most: all pairs are compared.
MOST_COMPARED = 3_000
# Fraction of the images that count as like one: the kernel is as wide as the median
# distance within which so many lie, and at least so many images.
ALIKE, LEAST_ALIKE = 0.02, 10


def covering_images(
    vectors: np.ndarray, labeled: np.ndarray, candidates: np.ndarray, count: int
) -> np.ndarray:
    """Choose images so that every image has a labeled one that is like it.

    Images are alike by a Gaussian kernel of the distance of their vectors, which are
    scaled to unit length. An image is covered as well as the labeled image most like it
    covers it. The image is chosen that adds most to the mean over all images, as if
    those chosen before it were labeled already: MaxHerding (Bae, Oh and Sutherland
    2024, arXiv:2407.12212).

    Args:
        vectors: float32 array `(n, d)`, what images are compared by.
        labeled: int array `(k,)`, indices of the labeled images.
        candidates: int array `(m,)`, indices of the images that may be chosen. Of more
            than `MOST_COMPARED` some are drawn; the others come last.
        count: Number of images to choose; fewer if there are fewer.

    Returns:
        int64 array `(count,)`, best first.
    """
    rows, rest = drawn_candidates(labeled, candidates)
    if not len(rows):
        return rows
    own = of_unit_length(vectors[rows])
    squares = squared_distances(own, own)
    near = min(len(rows) - 1, max(LEAST_ALIKE, round(ALIKE * len(rows))))
    width = max(float(np.median(np.partition(squares, near, axis=1)[:, near])), 1e-12)
    alike = np.exp(-squares / width)
    covered = np.zeros(len(rows), np.float32)
    for start in range(0, len(labeled), MOST_COMPARED):
        some = of_unit_length(vectors[labeled[start : start + MOST_COMPARED]])
        nearest = squared_distances(own, some).min(axis=1)
        covered = np.maximum(covered, np.exp(-nearest / width))
    chosen: list[int] = []
    # What an image adds becomes less with each that is chosen, never more. So only the
    # best is computed again, until it stays the best (Minoux 1978).
    gains = np.maximum(alike - covered, 0).mean(axis=1)
    while len(chosen) < min(count, len(rows)):
        best = int(gains.argmax())
        gains[best] = np.maximum(alike[best] - covered, 0).mean()
        if gains.argmax() == best:
            chosen.append(best)
            gains[best] = -1
            covered = np.maximum(covered, alike[best])
    return np.concatenate([rows[chosen], rest[: count - len(chosen)]])


def drawn_candidates(
    labeled: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return `MOST_COMPARED` candidates, ascending, and the others, in random order.

    Args:
        labeled: int array `(k,)`, indices of the labeled images: none is returned.
        candidates: int array `(m,)`, indices of the images that may be chosen.

    Returns:
        Two int64 arrays of indices.
    """
    open_ones = np.setdiff1d(candidates, labeled).astype(np.int64)
    drawn = np.random.default_rng(15).permutation(open_ones)
    return np.sort(drawn[:MOST_COMPARED]), drawn[MOST_COMPARED:]


def of_unit_length(vectors: np.ndarray) -> np.ndarray:
    """Return vectors scaled to the length 1; a vector of zeros stays one.

    The length of features tells contrast and how much there is to see, more than what
    it is: measured, images chosen by directions alone teach more.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def squared_distances(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the squared distances of vectors to others, float32 `(n, m)`."""
    squares = (
        np.sum(vectors**2, axis=1)[:, None]
        - 2 * vectors @ others.T
        + np.sum(others**2, axis=1)
    )
    return np.maximum(squares, 0)
