"""The pieces of work of `by_hand.py`: ways to do each, and what is told of its result.

A case is a function of the folder of data sets. It returns the ways by their names,
functions without arguments, and a function from what a way returns to words.
"""

import numpy as np
from by_hand_digits import IMAGES, NEIGHBORS, OURS, maps, neighbors, spreading
from by_hand_images import COPIES, PHOTOGRAPHS, copies, gradients, texture

from ssvae.benchmark.script import say

# Locks that are taken.
LOCKS = 1_000


def mixture(folder):
    """A classifier of features with few labels."""
    from scipy.special import softmax

    from ssvae.benchmark.field_draw import Split
    from ssvae.benchmark.field_sets import labels_per_class, with_features
    from ssvae.benchmark.labels import with_labels
    from ssvae.vae.labels_alone import fit_labels_alone
    from ssvae.vae.mixture import fit_em

    draws = []
    for name in ("aerial", "signs"):
        field_set, features = with_features(folder / name, say)
        for seed in range(3):
            split = Split.of(field_set, features, seed)
            vectors, classes = split.train
            count = len(field_set.class_names)
            drawn = labels_per_class(classes, 10, count, seed)
            labels = with_labels(len(classes), *drawn)
            draws.append((vectors, labels, count, *split.test))

    def ours(vectors, labels, count):
        known = labels >= 0
        alone = fit_labels_alone(vectors[known], labels[known], count)
        start = softmax(alone(vectors), axis=1)
        fitted = fit_em(vectors, labels, start, np.full(count, 1 / count)).classifier()
        return lambda asked: fitted(asked).argmax(axis=1)

    def by_scikit_learn(vectors, labels, count):
        from sklearn.mixture import GaussianMixture

        means = [vectors[labels == index].mean(axis=0) for index in range(count)]
        variance = float(vectors.var(axis=0).mean())
        return (
            GaussianMixture(
                count,
                covariance_type="tied",
                means_init=means,
                weights_init=np.full(count, 1 / count),
                precisions_init=np.eye(vectors.shape[1]) / variance,
                reg_covar=0.1 * variance,
                max_iter=30,
                tol=0,
            )
            .fit(vectors)
            .predict
        )

    def run(fit):
        return [100 * np.mean(fit(*draw[:3])(draw[3]) != draw[4]) for draw in draws]

    return {
        OURS: lambda: run(ours),
        "scikit-learn (`GaussianMixture`, tied)": lambda: run(by_scikit_learn),
    }, lambda wrong: f"{np.mean(wrong):.1f} % of the test images wrong"


def measures(folder):
    """Calibration error, confusion and cross-entropy."""
    from sklearn import metrics
    from sklearn.calibration import calibration_curve

    from ssvae.evaluation import measures as own

    rng = np.random.default_rng(0)
    logits = rng.normal(size=(10_000, 10)) * 3
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(10, p=row) for row in chances])
    guessed = chances.argmax(axis=1)

    def ours():
        bins = own.calibration(chances, labels)
        counts = own.confusion(guessed, labels, 10)
        filled = bins.count > 0
        return np.concatenate(
            [
                bins.accuracy[filled],
                bins.confidence[filled],
                counts.ravel(),
                *own.precision_and_recall(counts),
                [own.cross_entropy(chances, labels)],
            ]
        )

    def by_scikit_learn():
        curve = calibration_curve(guessed == labels, chances.max(axis=1), n_bins=15)
        counts = metrics.confusion_matrix(labels, guessed)
        both = metrics.precision_recall_fscore_support(labels, guessed)[:2]
        loss = metrics.log_loss(labels, chances)
        return np.concatenate([*curve, counts.ravel(), *both, [loss]])

    exact = ours()

    def told(found):
        return f"largest difference from ours {np.abs(found - exact).max():.0e}"

    return {OURS: ours, "scikit-learn": by_scikit_learn}, told


def locks(folder):
    """Locks between processes."""
    import fcntl
    import tempfile
    from pathlib import Path

    from ssvae.files.waiting import waited_for

    place = Path(tempfile.mkdtemp()) / "lock"

    def ours():
        for _ in range(LOCKS):
            with waited_for(place):
                pass
        return "on Windows too, and where a disk knows no locks"

    def alone():
        for _ in range(LOCKS):
            with open(place, "w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
        return "on Linux and macOS"

    return {OURS: ours, "`fcntl.flock`, as it was": alone}, lambda where: where


CASES = {
    "neighbors": neighbors,
    "spreading labels": spreading,
    "near copies": copies,
    "mixture": mixture,
    "measures": measures,
    "gradients": gradients,
    "texture": texture,
    "maps": maps,
    "locks": locks,
}
DATA = {
    "neighbors": f"{IMAGES:,} images of MNIST, {NEIGHBORS} neighbors",
    "spreading labels": "the same images, one label per class",
    "near copies": f"twice {PHOTOGRAPHS:,} photographs, {3 * COPIES} copies of some",
    "mixture": "features of two sets of photographs, ten labels per class",
    "measures": "10,000 answers",
    "gradients": "4,000 images of MNIST",
    "texture": "600 aerial photographs",
    "maps": "4,000 images of MNIST",
    "locks": f"{LOCKS:,} of filelock, taken and left",
}
