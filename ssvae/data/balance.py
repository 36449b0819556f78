"""How frequent each class is, and labeled images repeated to match."""

import numpy as np

from ssvae.data.dataset import Dataset
from ssvae.errors import InputError

# Share of a class without any label; above zero, so that it has a logarithm.
ABSENT = 1e-9


def class_shares(dataset: Dataset, prior: str) -> np.ndarray:
    """Return p(y), the assumed share of each class among all images.

    A class without any label gets almost no share, unless `prior` gives it a number.

    Args:
        dataset: `Dataset` with only the labels that training may use.
        prior: "uniform" for equal shares; "labels" for the shares among the labels,
            each class counted once more (Laplace's rule of succession); or one number
            per class, separated by spaces.

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
            f"{dataset.num_classes} numbers above 0, one per class: "
            f"{', '.join(dataset.class_names)}"
        )
    return numbers / numbers.sum()


def balanced(
    labeled: np.ndarray, classes: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """Repeat labeled images until each class is as frequent as its share.

    Args:
        labeled: int array `(k,)`, indices of the labeled images.
        classes: int array `(k,)`, their classes.
        shares: Float array `(num_classes,)`, from `class_shares`.

    Returns:
        int array, every index once or more; the counts are rounded to whole images.
    """
    counts = np.bincount(classes, minlength=len(shares))
    total = (counts / shares).max(initial=0)
    sizes = np.where(counts, np.maximum(np.rint(shares * total), counts), 0).astype(int)
    if np.array_equal(sizes, counts):
        return labeled
    members = [np.resize(labeled[classes == c], size) for c, size in enumerate(sizes)]
    return np.concatenate(members)
