"""How frequent the classes are taken to be, and labeled images shown as often."""

import numpy as np

from ssvae.errors import InputError

# The share of a class of which nothing is labeled.
ABSENT = 1e-9


def class_shares(dataset, prior) -> np.ndarray:
    """Return p(y), the share of the images that each class is taken to have.

    A class of which nothing is labeled is taken to be there as good as never, unless a
    number says otherwise.

    Args:
        dataset: `Dataset` with the labels of the budget.
        prior: "uniform"; "labels" for the labels' shares, with one more of each class
            (Laplace's rule of succession); or a number a class, separated by spaces.

    Returns:
        float64 array `(num_classes,)` that sums to one.

    Raises:
        InputError: If the numbers do not fit the classes.
    """
    labels = dataset.labels[dataset.labeled]
    counts = np.bincount(labels, minlength=dataset.num_classes)
    if prior in ("uniform", "labels") and counts.any():
        weights = np.ones(len(counts)) if prior == "uniform" else counts + 1.0
        weights[counts == 0] = ABSENT * weights.sum()
        return weights / weights.sum()
    if prior in ("uniform", "labels"):
        return np.full(len(counts), 1 / len(counts))
    try:
        numbers = np.array([float(word) for word in prior.split()])
    except ValueError:
        numbers = np.zeros(0)
    if len(numbers) != dataset.num_classes or not np.all(
        np.isfinite(numbers) & (numbers > 0)
    ):
        raise InputError(
            f"class_prior: got {prior!r}, need uniform, labels, or "
            f"{dataset.num_classes} numbers above 0, one each for "
            f"{', '.join(dataset.class_names)}"
        )
    return numbers / numbers.sum()


def balanced(labeled, classes, shares) -> np.ndarray:
    """Repeat labeled images until their classes are as frequent as the shares say.

    Args:
        labeled: int array `(k,)`, indices of the labeled images.
        classes: int array `(k,)`, their classes.
        shares: Float array `(num_classes,)`, from `class_shares`.

    Returns:
        int array: every index once or more, rounded to whole images.
    """
    counts = np.bincount(classes, minlength=len(shares))
    total = (counts / shares).max(initial=0)
    sizes = np.where(counts, np.maximum(np.rint(shares * total), counts), 0).astype(int)
    if np.array_equal(sizes, counts):
        return labeled
    members = [np.resize(labeled[classes == c], size) for c, size in enumerate(sizes)]
    return np.concatenate(members)
