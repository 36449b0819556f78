"""Long tails of images and how their labels are drawn, for `imbalance.py`."""

import numpy as np

# Images of the most frequent class, as multiples of those of the rarest: a hundred, or
# twenty where there are few images.
RATIOS = {"mnist": 100, "fashion-mnist": 100, "things": 100}
RATIOS |= {"signs": 20, "rubbish": 20, "aerial": 20}
GREY = ("mnist", "fashion-mnist")
# Images of the most frequent class, at most.
MOST = 2_000
LABELS_PER_CLASS = 10
# How labels are drawn: ten of each class, all but one image of a class with fewer; as
# many as they come; and ten of each class but one, which has a single label.
WAYS = ("even", "as they come", "one has one")
PRIORS = ("uniform", "true", "auto")


def tail_rows(classes, ratio, seed):
    """Return rows of a long tail, ascending; which class is rare depends on the seed.

    Args:
        classes: int array `(n,)`.
        ratio: Images of the most frequent class, as a multiple of the rarest.
        seed: Seed of the draw.
    """
    rng = np.random.default_rng((seed, 21))
    counts = np.bincount(classes)
    places = rng.permutation(len(counts)) / (len(counts) - 1)
    sizes = np.rint(min(MOST, counts.min()) * float(ratio) ** -places).astype(int)
    members = [rng.permutation(np.flatnonzero(classes == c)) for c in range(len(sizes))]
    rows = [m[: max(2, size)] for m, size in zip(members, sizes, strict=True)]
    return np.sort(np.concatenate(rows))


def drawn_labels(classes, way, seed):
    """Return the rows of the labels, ascending; see `WAYS`."""
    rng = np.random.default_rng((seed, 22))
    num_classes = classes.max() + 1
    if way == "as they come":
        return np.sort(rng.permutation(len(classes))[: LABELS_PER_CLASS * num_classes])
    rows = []
    single = rng.integers(num_classes)
    for index in range(num_classes):
        members = rng.permutation(np.flatnonzero(classes == index))
        each = 1 if way == "one has one" and index == single else LABELS_PER_CLASS
        rows.append(members[: min(each, len(members) - 1)])
    return np.sort(np.concatenate(rows))


def true_shares(classes, labels):
    """Return the shares among all images; almost none for a class without labels."""
    seen = np.bincount(labels[labels >= 0], minlength=classes.max() + 1) > 0
    shares = np.where(seen, np.bincount(classes), 1e-9 * len(classes))
    return shares / shares.sum()
