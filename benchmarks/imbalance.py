"""Long tails: `python benchmarks/imbalance.py FOLDER`.

FOLDER holds one folder of class folders per data set. Images of ten classes are drawn
so that the most frequent class has up to 100 times as many as the rarest. The classes
are learned with equal shares, with the true shares stated, and with the shares that are
estimated. What is measured already is not measured again; a draw takes up to a minute
or two.
"""

import statistics

import numpy as np

from ssvae.benchmark.script import Script, say, seeds_of

SCRIPT = Script(__file__)
# Images of the most frequent class, as multiples of those of the rarest.
RATIOS = {"mnist": 100, "fashion-mnist": 100, "things": 100, "signs": 20}
GREY = ("mnist", "fashion-mnist")
# Images of the most frequent class, at most.
MOST = 2_000
LABELS_PER_CLASS = 10
# How labels are drawn: ten of each class, all but one image of a class with fewer; as
# many as they come; and ten of each class but one, which has a single label.
WAYS = ("even", "as they come", "one has one")
PRIORS = ("uniform", "true", "auto")
# Part of equal shares in the regularized estimate, RLLS.
REGULARIZED = 0.1


def main():
    """Measure what is missing, and put the table into the page."""
    from ssvae.cli import process

    flags = SCRIPT.parser(__doc__, RATIOS, 3).parse_args()
    process.start_keras()
    done = SCRIPT.done("dataset", "recipe", "seed")
    for name in flags.sets:
        opened = None
        for seed in seeds_of(flags):
            missing = [way for way in WAYS if (name, way, seed) not in done]
            if not missing:
                continue
            opened = opened or (opened_grey if name in GREY else opened_field)(
                flags.folder, name
            )
            measure = opened(seed)
            for way in missing:
                found = measure(way)
                SCRIPT.add({"dataset": name, "recipe": way, "seed": seed, **found})
    SCRIPT.finish(table)


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


def true_shares(classes, labels):
    """Return the shares among all images; almost none for a class without labels."""
    seen = np.bincount(labels[labels >= 0], minlength=classes.max() + 1) > 0
    shares = np.where(seen, np.bincount(classes), 1e-9 * len(classes))
    return shares / shares.sum()


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


def peers(vectors, labels, classes, given):
    """Return the mean error of the shares that the estimators of the field find.

    All stand on the regression on the labels alone, and on labels left out of it: the
    answers as they are counted, EM without calibration (Saerens et al. 2002), black box
    shift estimation (Lipton et al. 2018, BBSE), and that with a penalty
    (Azizzadenesheli et al. 2019, RLLS).
    """
    from scipy.optimize import nnls

    from ssvae.training.label_shift import shares_by_em
    from ssvae.training.shares import turns
    from ssvae.vae.labels_alone import fit_labels_alone

    num_classes, labeled = len(given), labels >= 0
    true = np.bincount(classes) / len(classes)

    def learned(known):
        return fit_labels_alone(vectors[known], labels[known], num_classes)

    parts = turns(labels, 0)
    counts = np.zeros((num_classes, num_classes))
    for part in range(parts.max() + 1):
        hidden = parts == part
        guesses = learned(labeled & ~hidden)(vectors[hidden]).argmax(axis=1)
        np.add.at(counts, (guesses, labels[hidden]), 1)
    # Nothing is known of a class whose only label is not left out: it is told right.
    counts += np.diag(counts.sum(axis=0) == 0)
    confusion = counts / counts.sum(axis=0)
    logits = learned(labeled)(vectors[~labeled])
    held = np.bincount(logits.argmax(axis=1), minlength=num_classes) / len(logits)
    frequency = np.bincount(labels[labeled], minlength=num_classes) / labeled.sum()
    bbse, _ = nnls(confusion, held)
    both = np.vstack([confusion, REGULARIZED * np.eye(num_classes)])
    rlls, _ = nnls(both, np.r_[held, REGULARIZED * given])
    found = {
        "labels": frequency,
        "answers": held,
        "EM": shares_by_em(logits, frequency, given, 0),
        "BBSE": bbse,
        "RLLS": rlls,
    }
    return {
        name: float(np.abs(shares / shares.sum() - true).mean())
        for name, shares in found.items()
    }


def percent(values):
    """Return the mean of fractions, in percent."""
    return f"{100 * statistics.mean(values):.1f} %"


def table(results) -> str:
    """Return the errors and the shares as two Markdown tables."""
    groups: dict[tuple, list] = {}
    for result in results:
        groups.setdefault((result["dataset"], result["recipe"]), []).append(result)
    rows = [
        "| data | labels | draws | equal shares | shares stated | estimated | "
        "of all images: equal | stated | estimated |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for (name, way), group in sorted(groups.items()):
        cells = [
            percent([result[kind][prior] for result in group])
            for kind in ("mean_error", "error")
            for prior in PRIORS
        ]
        rows.append(f"| {name} | {way} | {len(group)} | {' | '.join(cells)} |")
    names = ("labels", "answers", "EM", "BBSE", "RLLS")
    rows += [
        "",
        "| mean error of a share, points | labels | ours | taken as uneven | in the "
        f"interval | {' | '.join(names)} |",
        f"|---|---|---:|---:|---:|{'---:|' * len(names)}",
    ]
    for (name, way), group in sorted(groups.items()):
        ours = 100 * statistics.mean(result["shares_error"] for result in group)
        uneven = sum(result["source"] == "unlabeled images" for result in group)
        inside = percent([result["inside_interval"] for result in group])
        others = [
            f"{100 * statistics.mean(result['peers'][peer] for result in group):.1f}"
            for peer in names
        ]
        rows.append(
            f"| {name} | {way} | {ours:.1f} | {uneven} of {len(group)} | {inside} | "
            f"{' | '.join(others)} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
