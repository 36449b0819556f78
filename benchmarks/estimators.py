"""scikit-learn's estimators beside ours: `python benchmarks/estimators.py FOLDER`.

FOLDER holds one folder of class folders per data set. Each estimator learns from ten
labels per class and the unlabeled rest of the training part, and is measured on the
test part. All get the same vectors. What scikit-learn's estimators need is chosen by
labels that are left out in turn. What is measured already is not measured again.
"""

import itertools
import statistics
import time

import numpy as np

from ssvae.benchmark.script import Script, seeds_of

SCRIPT = Script(__file__)
DIGITS, FIELD = "digits", ("aerial", "rubbish", "signs")
SETS, DRAWS, EACH = (DIGITS, *FIELD), 3, 10
# Images of the data sets whose images are learned from too.
WITH_IMAGES = (DIGITS,)
OURS, IMAGES = "SSVAEClassifier", "SSVAEClassifier, images"
ALONE, SELF, SPREADING = (
    "LogisticRegression, the labels alone",
    "SelfTrainingClassifier(LogisticRegression)",
    "LabelSpreading",
)
ESTIMATORS = OURS, IMAGES, SELF, SPREADING, ALONE
# What scikit-learn's estimators choose from: the inverse strength of the penalty; the
# probability from which a guess is learned from; neighbors; and gamma, in units of one
# over the median squared distance. scikit-learn's defaults come first: of equally good
# choices the first is taken.
STRENGTHS, THRESHOLDS = (1.0, 0.1, 10.0, 0.01, 0.001), (0.75, 0.9, 0.95)
NEIGHBORS, GAMMAS = (7, 10, 5, 15, 20), (20.0, 10.0, 50.0, 5.0, 2.0)
# Parts that the labels are left out in.
PARTS = 5


def main():
    """Measure what is missing, and put the table into the page."""
    flags = SCRIPT.parser(__doc__, SETS, DRAWS).parse_args()
    done = SCRIPT.done("dataset", "recipe", "seed")
    for name in flags.sets:
        names = [n for n in ESTIMATORS if n != IMAGES or name in WITH_IMAGES]
        missing = [
            (seed, estimator)
            for seed, estimator in itertools.product(seeds_of(flags), names)
            if (name, estimator, seed) not in done
        ]
        if not missing:
            continue
        draw = draws_of(name, flags.folder)
        for seed, estimator in missing:
            SCRIPT.add(measured(name, estimator, seed, draw(seed)))
    SCRIPT.finish(table)


def draws_of(name, folder):
    """Return a function of the seed: parts of a set, its vectors, and its images."""
    from ssvae.benchmark.field_draw import Split
    from ssvae.benchmark.field_sets import with_features
    from ssvae.benchmark.grey_sets import open_grey
    from ssvae.benchmark.script import say

    if name != DIGITS:
        field_set, features = with_features(folder / name, say)

        def split(seed):
            parts = Split.of(field_set, features, seed)
            return *parts.train, *parts.test, None, None

        return split
    digits = open_grey(DIGITS)

    def part(seed):
        from sklearn.model_selection import train_test_split

        rows = np.arange(len(digits.images))
        train, test = train_test_split(
            rows, test_size=0.25, random_state=seed, stratify=digits.labels
        )
        vectors = digits.images.reshape(len(rows), -1).astype(np.float32)
        images, labels = digits.images, digits.labels
        return (
            *(vectors[train], labels[train], vectors[test], labels[test]),
            *(images[train], images[test]),
        )

    return part


def measured(name, estimator, seed, parts):
    """Return the result of an estimator on a draw.

    Args:
        name: Name of the data set.
        estimator: One of `ESTIMATORS`.
        seed: Seed of the draw.
        parts: Vectors and classes of the training part, then of the test part, and the
            images of both.
    """
    from ssvae.benchmark.field_sets import labels_per_class
    from ssvae.benchmark.labels import with_labels

    x, classes, x_test, test_classes, images, test_images = parts
    count = classes.max() + 1
    rows, given = labels_per_class(classes, EACH, count, seed)
    labels = with_labels(len(classes), rows, given)
    # One scale for all: the strengths of penalties are relative to it.
    center, scale = x.mean(axis=0), x.std()
    x, x_test = (x - center) / scale, (x_test - center) / scale
    if estimator == IMAGES:
        x, x_test = images, test_images
    began = time.perf_counter()
    fitted, chosen = fit(estimator, x, labels, seed)
    seconds = time.perf_counter() - began
    wrong = fitted.predict(x_test) != test_classes
    return {
        "dataset": name,
        "recipe": estimator,
        "seed": seed,
        "num_labels": len(rows),
        "num_train": len(x),
        "num_test": len(x_test),
        "error": float(wrong.mean()),
        "expected_error": getattr(fitted, "estimated_accuracy_", None)
        and 1 - fitted.estimated_accuracy_,
        "chosen": chosen,
        "seconds": round(seconds, 1),
    }


def fit(name, x, labels, seed):
    """Return a fitted estimator, and what was chosen for it by left-out labels."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier

    from ssvae import SSVAEClassifier

    if name in (OURS, IMAGES):
        return SSVAEClassifier(random_state=seed).fit(x, labels), {}
    known = labels >= 0
    if name == SPREADING:
        usual = 1 / np.median(squared_distances(x))
        choices = [{"kernel": "knn", "n_neighbors": k} for k in NEIGHBORS]
        choices += [{"kernel": "rbf", "gamma": float(g * usual)} for g in GAMMAS]
        return chosen_by_labels(
            lambda **stated: LabelSpreading(**stated, max_iter=200),
            choices,
            (x, labels, seed),
        )

    def regression(strength):
        return LogisticRegression(C=strength, max_iter=1000)

    some = x[known], labels[known], seed
    strengths = [{"strength": strength} for strength in STRENGTHS]
    alone, chosen = chosen_by_labels(regression, strengths, some)
    if name == ALONE:
        return alone, chosen
    return chosen_by_labels(
        lambda strength, threshold: SelfTrainingClassifier(
            regression(strength), threshold=threshold, max_iter=50
        ),
        [chosen | {"threshold": threshold} for threshold in THRESHOLDS],
        (x, labels, seed),
    )


def squared_distances(x):
    """Return the squared distances between some of the vectors."""
    from scipy.spatial.distance import pdist

    rows = np.random.default_rng(0).permutation(len(x))[:500]
    return pdist(x[rows], "sqeuclidean")


def chosen_by_labels(build, choices, data):
    """Return the estimator that predicts left-out labels best, fitted to all labels.

    The first of equally good choices is taken.

    Args:
        build: Function of a choice that returns an estimator.
        choices: Dicts of what `build` takes.
        data: Vectors, labels of which some are -1, and the seed of the parts.

    Returns:
        The estimator, and the dict that was chosen.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import StratifiedKFold

    x, labels, seed = data
    rows = np.flatnonzero(labels >= 0)
    folds = StratifiedKFold(PARTS, shuffle=True, random_state=seed)
    right = np.zeros(len(choices))
    with warnings.catch_warnings():
        # Of some kernels labels reach no neighbor, or do not settle: a poor choice.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        for _, left_out in folds.split(rows, labels[rows]):
            hidden = rows[left_out]
            told = labels.copy()
            told[hidden] = -1
            # A learner of labels alone sees no others.
            seen = slice(None) if (labels < 0).any() else told >= 0
            for number, choice in enumerate(choices):
                fitted = build(**choice).fit(x[seen], told[seen])
                right[number] += np.sum(fitted.predict(x[hidden]) == labels[hidden])
        best = choices[int(right.argmax())]
        return build(**best).fit(x, labels), best


def percent(values) -> str:
    """Return the mean of fractions in percent, and their standard deviation."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{100 * statistics.mean(values):.1f} ± {100 * spread:.1f} %"


def table(results) -> str:
    """Return the test accuracies as Markdown, one row per estimator."""
    names = [name for name in SETS if any(r["dataset"] == name for r in results)]
    rows = [
        f"| estimator | {' | '.join(names)} | seconds |",
        f"|---|{'---:|' * (len(names) + 1)}",
    ]
    for estimator in ESTIMATORS:
        cells, seconds = [], []
        for name in names:
            own = [
                r for r in results if (r["recipe"], r["dataset"]) == (estimator, name)
            ]
            cells.append(percent([1 - r["error"] for r in own]) if own else "")
            seconds += [r["seconds"] for r in own]
        span = f"{min(seconds):.0f} to {max(seconds):.0f}" if seconds else ""
        rows.append(f"| {estimator} | {' | '.join(cells)} | {span} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
