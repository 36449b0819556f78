"""Errors and estimated shares of a long tail, for `imbalance.py`."""

import numpy as np
from imbalance_draws import PRIORS, RATIOS, drawn_labels, tail_rows, true_shares
from share_estimators import peers

from ssvae.benchmark.script import say


def opened_field(folder, name):
    """Return a function of a seed, which returns a function of a way to draw labels."""
    from ssvae.benchmark.field_draw import Split
    from ssvae.benchmark.field_sets import with_features
    from ssvae.benchmark.labels import equal_shares, with_labels

    known = with_features(folder / name, say)

    def of_seed(seed):
        split = Split.of(*known, seed, lambda c: tail_rows(c, RATIOS[name], seed))
        (vectors, classes), (unseen, truth) = split.train, split.test
        class_names = split.field_set.class_names

        def measure(way):
            from ssvae.training.left_out import believe
            from ssvae.training.shares import shares_of_vectors

            rows = drawn_labels(classes, way, seed)
            labels = with_labels(len(classes), rows, classes[rows])
            given = equal_shares(labels, class_names)
            found = shares_of_vectors(vectors, labels, given, seed)

            def errors(prior):
                stated = {"uniform": given, "true": true_shares(classes, labels)}
                shares = stated.get(prior, found.values)
                belief = believe(vectors, labels, shares, seed)
                return belief.linear(unseen).argmax(axis=1) != truth

            return measured(errors, truth, classes, labels, found) | {
                "peers": peers(vectors, labels, classes, given)
            }

        return measure

    return of_seed


def opened_grey(_, name):
    """Return a function of a seed, which returns a function of a way to draw labels."""
    from ssvae.benchmark.grey_sets import (
        compared_vectors,
        grey_config,
        open_grey,
        spread_over_graph,
    )
    from ssvae.benchmark.labels import equal_shares

    dataset = open_grey(name)

    def of_seed(seed):
        config = grey_config(name, dataset, seed)
        part = dataset.rows(tail_rows(dataset.labels, RATIOS[name], seed))
        classes = part.labels
        vectors = compared_vectors(part, config, say)

        def measure(way):
            rows = drawn_labels(classes, way, seed)
            few = part.with_labels(rows, classes[rows])
            given = equal_shares(few.labels, few.class_names)
            stated = {"true": true_shares(classes, few.labels)}

            def spread(prior):
                shares = stated.get(prior, given)
                # Any word but "auto" takes the shares as they are given.
                word = "auto" if prior == "auto" else "uniform"
                settings = config.replace(class_prior=word, put_aside="none")
                return spread_over_graph(few, settings, say, shares)[0]

            spreads = {prior: spread(prior) for prior in PRIORS}
            unlabeled = few.unlabeled

            def errors(prior):
                return (spreads[prior].pseudo_labels != classes)[unlabeled]

            found = spreads["auto"].shares
            truth = classes[unlabeled]
            return measured(errors, truth, classes, few.labels, found) | {
                "peers": peers(vectors, few.labels, classes, given)
            }

        return measure

    return of_seed


def measured(errors, truth, classes, labels, found):
    """Return the errors by prior, and how far the shares are from the true ones.

    Args:
        errors: Function of a prior that returns whether images are told wrong, bool
            `(m,)`.
        truth: int array `(m,)`, the classes of these images.
        classes: int array `(n,)`, the classes of all training images.
        labels: int array `(n,)`, the labels.
        found: `Shares` that were estimated.
    """
    num_classes = classes.max() + 1
    seen = np.flatnonzero(np.bincount(labels[labels >= 0], minlength=num_classes))
    true = np.bincount(classes) / len(classes)
    by_class, overall = {}, {}
    for prior in PRIORS:
        wrong = errors(prior)
        # A class whose images all have labels has none to be told.
        asked = [index for index in seen if np.any(truth == index)]
        each = np.array([wrong[truth == index].mean() for index in asked])
        by_class[prior] = float(each.mean())
        overall[prior] = float(each @ true[asked] / true[asked].sum())
    inside = 0.0
    if len(found.low):
        inside = float(np.mean(((found.low <= true) & (true <= found.high))[seen]))
    return {
        "num_labels": int(np.sum(labels >= 0)),
        "num_images": len(classes),
        "classes_without_labels": int(num_classes - len(seen)),
        "mean_error": by_class,
        "error": overall,
        "source": found.source,
        "shares_error": float(np.abs(found.values - true).mean()),
        "inside_interval": inside,
    }
