"""What the bound on unlabeled images teaches: `python benchmarks/bound.py FOLDER`.

FOLDER holds one folder of class folders per data set. Learners learn from the same
features of its images and the same ten labels per class, and are measured on the test
part, in three draws. M2 over features starts here from a Gaussian mixture that was
fitted to the labels alone, and not where EM ends, so that all that it gains from
unlabeled images comes from the terms of its objective that are switched on. Everything
else about the networks and their training is the same. What is measured already is not
measured again.
"""

import statistics
import time
from functools import partial

import numpy as np

from ssvae.benchmark.script import Script, say, seeds_of

SCRIPT = Script(__file__)
SETS = "aerial", "rubbish", "signs", "steel", "symbols", "things", "traffic"
DRAWS, LABELS_PER_CLASS = 3, 10
# Steps of training of each M2; the step size is three times that of the product, which
# starts where EM ends and has less to learn.
STEPS, LEARNING_RATE = 800, 3e-3
NO_BOUND, NO_SHARES = "bound on unlabeled images off", "share constraint off"
LEARNERS = (
    "labels alone",
    "mixture, labels alone",
    "mixture, EM",
    f"mixture, EM, {NO_SHARES}",
    f"M2, {NO_BOUND}",
    "M2, both bounds",
    f"M2, both bounds, {NO_SHARES}",
    "M2, from the end of EM",
)


def main():
    """Measure what is missing, and put the table into the page."""
    from ssvae.benchmark.field_sets import with_features

    flags = SCRIPT.parser(__doc__, SETS, DRAWS).parse_args()
    done = SCRIPT.done("dataset", "recipe", "seed")
    for set_name in flags.sets:
        missing = [
            (seed, name)
            for seed in seeds_of(flags)
            for name in LEARNERS
            if (set_name, name, seed) not in done
        ]
        if missing:
            measure(*with_features(flags.folder / set_name, say), missing)
    SCRIPT.finish(table)


def measure(field_set, features, missing):
    """Measure learners of one data set, and add each result to the file.

    Args:
        field_set: `FieldSet`.
        features: Float array `(n, d)`, those of all its images.
        missing: Pairs of a seed and a learner's name, those of a seed side by side.
    """
    draws = {}
    for seed, name in missing:
        if seed not in draws:
            draws = {seed: drawn(field_set, features, seed)}
        vectors, labels, test_vectors, test_classes = draws[seed]
        shares = np.full(len(field_set.class_names), 1 / len(field_set.class_names))
        began = time.perf_counter()
        classifier = learners(seed)[name](vectors, labels, shares)
        seconds = time.perf_counter() - began
        wrong = classifier(test_vectors).argmax(axis=1) != test_classes
        result = {
            "dataset": field_set.path.name,
            "recipe": name,
            "num_labels": int((labels >= 0).sum()),
            "seed": seed,
            "test_error": float(wrong.mean()),
            "seconds": round(seconds, 2),
        }
        error = 100 * result["test_error"]
        SCRIPT.add(result, f"{field_set.path.name} {seed}: {name}: {error:.1f} %")


def drawn(field_set, features, seed):
    """Return vectors and labels of a draw's training part, then those of its test."""
    from ssvae.benchmark.field_draw import Split
    from ssvae.benchmark.field_sets import labels_per_class
    from ssvae.benchmark.labels import with_labels

    split = Split.of(field_set, features, seed)
    vectors, known = split.train
    count = len(field_set.class_names)
    draw = labels_per_class(known, LABELS_PER_CLASS, count, seed)
    return vectors, with_labels(len(vectors), *draw), *split.test


def learners(seed):
    """Return functions of vectors, labels and shares by the names of `LEARNERS`."""
    from ssvae.training.deep_learner import learn_deep

    functions = (
        lambda vectors, labels, shares: alone(vectors, labels, shares),
        lambda *given: labels_mixture(*given).classifier(),
        lambda *given: em(*given).classifier(),
        lambda *given: em(*given, keep_shares=False).classifier(),
        partial(m2, seed=seed, bound=False, keep_shares=False),
        partial(m2, seed=seed),
        partial(m2, seed=seed, keep_shares=False),
        partial(learn_deep, seed=seed),
    )
    return dict(zip(LEARNERS, functions, strict=True))


def alone(vectors, labels, shares):
    """Return the logistic regression on the labels."""
    from ssvae.vae.labels_alone import fit_labels_alone

    known = labels >= 0
    return fit_labels_alone(vectors[known], labels[known], len(shares))


def labels_mixture(vectors, labels, shares):
    """Return the mixture that suits the labeled vectors best."""
    from ssvae.vae.mixture import fit_em

    known = labels >= 0
    given = np.eye(len(shares))[labels[known]]
    return fit_em(vectors[known], labels[known], given, shares)


def em(vectors, labels, shares, **options):
    """Return the mixture that EM fits to all vectors, from the labels alone on."""
    from scipy.special import softmax

    from ssvae.vae.mixture import fit_em

    start = softmax(alone(vectors, labels, shares)(vectors), axis=1)
    return fit_em(vectors, labels, start, shares, **options)


def m2(vectors, labels, shares, seed, bound=True, keep_shares=True):
    """Return q(y|f) of M2 over features that starts from the labels alone.

    Args:
        vectors: float32 array `(n, d)`.
        labels: int array `(n,)`, -1 for unlabeled.
        shares: Float array `(num_classes,)`.
        seed: Seed of weights, batches and noise.
        bound: Whether the bound on unlabeled images is part of the objective.
        keep_shares: Whether the mean of q(y|f) is kept at the shares.
    """
    from ssvae.training.deep_learner import deep_config, train_deep
    from ssvae.vae.feature_m2 import FeatureM2

    config = deep_config(vectors.shape[1], seed)
    # An epoch without unlabeled images shows as many labeled ones as there are images.
    shown = config.unlabeled_batch_size if bound else config.labeled_batch_size
    count = int((labels < 0).sum()) if bound else len(labels)
    config = config.replace(
        epochs=max(1, round(STEPS / -(-count // shown))),
        learning_rate=LEARNING_RATE,
        unlabeled_batch_size=config.unlabeled_batch_size if bound else 0,
    )
    model = FeatureM2(labels_mixture(vectors, labels, shares), config)
    train_deep(model, vectors, labels, shares, keep_shares)
    return model.learned()


def of(results, name):
    """Return the results of a data set."""
    return [result for result in results if result["dataset"] == name]


def table(results) -> str:
    """Return the mean test errors as Markdown, one row per learner."""
    names = sorted({result["dataset"] for result in results})
    rows = [
        f"| learner | {' | '.join(names)} | mean |",
        f"|---|{'---:|' * (len(names) + 1)}",
    ]
    for learner in LEARNERS:
        means = []
        for name in names:
            errors = [
                100 * result["test_error"]
                for result in of(results, name)
                if result["recipe"] == learner
            ]
            means.append(statistics.mean(errors) if errors else float("nan"))
        cells = [f"{value:.1f} %" for value in [*means, statistics.mean(means)]]
        rows.append(f"| {learner} | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
