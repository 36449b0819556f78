"""Signs of any number of classes: each a few strokes of its own, drawn by seed."""

import numpy as np

from ssvae.data import Dataset

SIDE, STROKES, POINTS = 28, 4, 60


def glyphs(num_classes, count, num_labels, seed=0):
    """Return a data set of signs, 28 by 28, grey, whose places and strokes vary a bit.

    Args:
        num_classes: Number of classes, all as frequent.
        count: Training images; half as many again to test by.
        num_labels: Training images that are labeled, the first.
        seed: Seed of signs and images.
    """
    rng = np.random.default_rng(seed)
    ends = rng.uniform(0.2, 0.8, (num_classes, STROKES, 2, 2))
    total = count + count // 2
    classes = np.arange(total) % num_classes
    images = np.zeros((total, SIDE, SIDE, 1), np.uint8)
    ways = np.linspace([1, 0], [0, 1], POINTS)
    for row, index in enumerate(classes):
        moved = ends[index] + 0.02 * rng.normal(size=ends[index].shape)
        points = (ways @ (moved + 0.03 * rng.normal(size=2))).reshape(-1, 2)
        across, down = np.clip(SIDE * points, 0, SIDE - 2).astype(int).T
        for step in (0, 1):
            images[row, down + step, across] = 255
            images[row, down, across + step] = 255
    names = tuple(f"sign {index}" for index in range(num_classes))
    labels = np.where(np.arange(count) < num_labels, classes[:count], -1)
    test = images[count:], classes[count:]
    return Dataset("glyphs", images[:count], labels, names, lambda: test)
