"""How frequent each class is, and labeled images repeated to match."""

import numpy as np

from ssvae.data.dataset import Dataset
from ssvae.errors import InputError

# Share of a class without any label; above zero, so that it has a logarithm.
ABSENT = 1e-9
# Words that stand for shares.
WORDS = "auto", "uniform", "labels"


def class_shares(dataset: Dataset, prior: str) -> np.ndarray:
    """Return p(y), the assumed share of each class among all images.

    A class without any label gets almost no share, unless `prior` gives it a number.

    Args:
        dataset: `Dataset` with only the labels that training may use.
        prior: "uniform" for equal shares; "auto" for the same, to begin with; "labels"
            for the shares among the labels, each class counted once more (Laplace's
            rule of succession); or one number per class, separated by spaces.

    Returns:
        float64 array `(num_classes,)` that sums to one.

    Raises:
        InputError: If the numbers do not fit the classes.
    """
    labels = dataset.labels[dataset.labeled]
    counts = np.bincount(labels, minlength=dataset.num_classes)
    if prior in WORDS and counts.any():
        weights = counts + 1.0 if prior == "labels" else np.ones(len(counts))
        weights[counts == 0] = ABSENT * weights.sum()
        return weights / weights.sum()
    if prior in WORDS:
        return np.full(len(counts), 1 / len(counts))
    try:
        numbers = np.array([float(word) for word in prior.split()])
    except ValueError:
        numbers = np.zeros(0)
    if len(numbers) != dataset.num_classes or not np.all(
        np.isfinite(numbers) & (numbers > 0)
    ):
        raise InputError(
            f"class_prior: got {prior!r}, need {', '.join(WORDS)}, or "
            f"{dataset.num_classes} numbers above 0, one per class: "
            f"{', '.join(dataset.class_names)}"
        )
    return numbers / numbers.sum()


def are_equal(shares: np.ndarray) -> bool:
    """Return whether all classes that have a share have the same."""
    present = shares[shares > ABSENT]
    return bool(np.ptp(present) < ABSENT)


def label_weights(classes: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the weights with which labels count, so that classes have their shares.

    Where shares are equal, each label counts as one. Otherwise labels of a class that
    has few for its share count more. The sum of the weights is the number of labels
    that are worth as much when they count alike (Kish 1965).

    Args:
        classes: int array `(k,)`, labels.
        shares: Float array `(num_classes,)`, from `class_shares` or estimated.

    Returns:
        float64 array `(k,)`.
    """
    if are_equal(shares):
        return np.ones(len(classes))
    counts = np.bincount(classes, minlength=len(shares))
    weights = shares[classes] / counts[classes]
    return weights * weights.sum() / np.sum(weights**2)


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
