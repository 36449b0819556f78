"""Which images to label first: typical ones, that stand for many like them."""

import numpy as np

# Images among which typical ones are looked for, at most: all pairs are compared.
MOST_COMPARED = 3_000
# Fraction of the images that count as like one: the kernel is as wide as the median
# distance within which so many lie, and at least so many images.
ALIKE, LEAST_ALIKE = 0.02, 10


def typical_images(
    vectors: np.ndarray, labeled: np.ndarray, candidates: np.ndarray, count: int
) -> np.ndarray:
    """Choose images so that every image has a labeled one that is like it.

    Images are alike by a Gaussian kernel of their distance. An image is covered as well
    as the labeled image most like it covers it. The image is chosen that adds most to
    the mean over all images, as if those chosen before it were labeled already:
    MaxHerding (Bae, Oh and Sutherland 2024, arXiv:2407.12212). With few labels typical
    images teach most (Hacohen, Dekel and Weinshall 2022, arXiv:2202.02794).

    Args:
        vectors: float32 array `(n, d)`, what images are compared by.
        labeled: int array `(k,)`, indices of the labeled images.
        candidates: int array `(m,)`, indices of the images that may be chosen. Of more
            than `MOST_COMPARED` some are drawn.
        count: Number of images to choose; fewer if there are fewer.

    Returns:
        int64 array `(count,)`, best first.
    """
    drawn = np.random.default_rng(15).permutation(np.setdiff1d(candidates, labeled))
    rows = np.sort(drawn[: max(MOST_COMPARED, count)])
    if not len(rows):
        return rows.astype(np.int64)
    squares = _squares(vectors[rows], vectors[rows])
    near = min(len(rows) - 1, max(LEAST_ALIKE, round(ALIKE * len(rows))))
    width = max(float(np.median(np.partition(squares, near, axis=1)[:, near])), 1e-12)
    alike = np.exp(-squares / width)
    covered = np.zeros(len(rows), np.float32)
    for start in range(0, len(labeled), MOST_COMPARED):
        some = vectors[labeled[start : start + MOST_COMPARED]]
        nearest = _squares(vectors[rows], some).min(axis=1)
        covered = np.maximum(covered, np.exp(-nearest / width))
    chosen: list[int] = []
    is_open = np.ones(len(rows), bool)
    for _ in range(min(count, len(rows))):
        gains = np.maximum(alike - covered, 0).mean(axis=1)
        best = int(np.where(is_open, gains, -1).argmax())
        chosen.append(best)
        is_open[best] = False
        covered = np.maximum(covered, alike[best])
    return rows[chosen].astype(np.int64)


def _squares(vectors, others):
    """Return the squared distances of vectors to others, float32 `(n, m)`."""
    squares = (
        np.sum(vectors**2, axis=1)[:, None]
        - 2 * vectors @ others.T
        + np.sum(others**2, axis=1)
    )
    return np.maximum(squares, 0)
