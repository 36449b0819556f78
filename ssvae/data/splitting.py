"""The draw of a test part: a fraction of each class, copies of an image on one side."""

import hashlib

import numpy as np

# Seed of the draw, beside the run's: other draws of a run use other numbers.
STREAM = 6


def fingerprints(images: np.ndarray) -> np.ndarray:
    """Return one hash per image, uint64 `(n,)`; only equal images share one."""
    hashes = (
        hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images
    )
    return np.frombuffer(b"".join(hashes), np.uint64)


def draw_test_rows(
    labels: np.ndarray,
    num_classes: int,
    fraction: float,
    seed: int,
    prints: np.ndarray | None = None,
) -> np.ndarray:
    """Return the images that become the test part.

    Every class gives the same fraction of its labeled images, rounded. Copies of an
    image stay together: all of them are drawn, or none. Those that have another label,
    or none, are never drawn. Where there are no copies, they change nothing.

    Args:
        labels: int array `(n,)`, the class of each image, -1 for unlabeled.
        num_classes: Number of classes.
        fraction: Fraction of the labeled images, 0 to 1.
        seed: Seed of the draw, int ≥ 0.
        prints: One number per image, the same for copies: what `fingerprints` or
            `copy_groups` returned; None to take every image for another one.

    Returns:
        int64 array `(k,)`, ascending indices.
    """
    rng = np.random.default_rng((seed, STREAM))
    groups = _groups_of_copies(prints)
    rows = []
    for index in range(num_classes):
        members = rng.permutation(np.flatnonzero(labels == index))
        wanted = round(fraction * len(members))
        if groups is None:
            rows.append(members[:wanted])
        else:
            rows.append(_whole_groups(members, wanted, groups, labels))
    return np.sort(np.concatenate([np.zeros(0, np.int64), *rows]))


def num_copies(labels: np.ndarray, prints: np.ndarray) -> int:
    """Return how many images have a copy, one of which at least is labeled.

    Args:
        labels: int array `(n,)`, the class of each image, -1 for unlabeled.
        prints: See `draw_test_rows`.
    """
    groups = _groups_of_copies(prints) or {}
    unlike = {id(rows): rows for rows in groups.values()}
    return sum(len(rows) for rows in unlike.values() if (labels[rows] >= 0).any())


def _groups_of_copies(prints):
    """Return the rows of all copies of each image that has some, by row; or None."""
    if prints is None:
        return None
    order = np.argsort(prints, kind="stable")
    ends = np.flatnonzero(np.diff(prints[order])) + 1
    groups = [rows for rows in np.split(order, ends) if len(rows) > 1]
    return {row: rows for rows in groups for row in rows.tolist()} or None


def _whole_groups(members, wanted, groups, labels):
    """Return the first members of a class with all their copies, at most `wanted`."""
    taken, seen = [], set()
    for row in members.tolist():
        group = groups.get(row, np.array([row])).tolist()
        alike = (labels[group] == labels[row]).all()
        if row in seen or not alike or len(taken) + len(group) > wanted:
            continue
        taken += group
        seen.update(group)
    return np.array(taken, np.int64)
