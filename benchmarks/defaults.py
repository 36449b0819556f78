"""What defaults cost where nothing is amiss: `python benchmarks/defaults.py FOLDER`.

FOLDER holds one folder of class folders per data set; the digits of scikit-learn, MNIST
and Fashion-MNIST are measured too. `class_prior` looks for classes that are not alike
in size, `trust_labels` for wrong labels, `put_aside` for images of no class. Here the
labels are drawn evenly, all are right, and every image belongs to a class. The error
with all three settings is compared on the same draw with that of none, and of each
alone. The error of field sets is that of the classifier of features on the test part,
that of grey images is the error of the pseudo-labels. What is measured already is not
measured again.
"""

import itertools
from statistics import mean

import numpy as np

from ssvae.benchmark.script import Script, say, seeds_of

SCRIPT = Script(__file__)
FIELD = "aerial", "rubbish", "signs", "steel", "symbols", "things", "traffic"
GREY = "digits", "mnist", "fashion-mnist"
LABELS_PER_CLASS = 1, 5, 10, 25
# The settings, each with the value that looks for nothing.
OFF = {"class_prior": "uniform", "trust_labels": "all", "put_aside": "none"}
BEFORE, TODAY = "none of them", "all of them"
# More errors than without the settings that count as worse, a fraction of the images.
WORSE = 0.005


def main():
    """Measure what is missing, and put the table into the page."""
    flags = SCRIPT.parser(__doc__, [*FIELD, *GREY], 3).parse_args()
    done = SCRIPT.done("dataset", "seed", "labels_per_class")
    for seed, name in itertools.product(seeds_of(flags), flags.sets):
        missing = [e for e in LABELS_PER_CLASS if (name, seed, e) not in done]
        if not missing:
            continue
        draw = (grey_draw if name in GREY else field_draw)(flags.folder, name, seed)
        for each in missing:
            num_labels, outcome_of = draw(each)
            recipe = f"{each} labels per class"
            told = {"dataset": name, "recipe": recipe, "seed": seed}
            told |= {"labels_per_class": each, "num_labels": num_labels}
            SCRIPT.add({**told, **compared(outcome_of)})
    SCRIPT.finish(table)


def compared(outcome_of):
    """Return the errors of all settings, of none and of each alone, a dict.

    Args:
        outcome_of: Function of a set of settings that look for something. It returns
            the error, and by setting how much each found, see `learned_from`.
    """
    error, found = outcome_of(set(OFF))
    changed = [name for name in OFF if found[name]]
    # What changed nothing has the error of nothing.
    before = outcome_of(set())[0] if changed else error
    errors = {TODAY: error, BEFORE: before}
    for name in OFF:
        errors[name] = before
        if name in changed:
            errors[name] = error if len(changed) == 1 else outcome_of({name})[0]
    return {
        "errors": errors,
        "changed": changed,
        "num_distrusted": found["trust_labels"],
        "num_put_aside": found["put_aside"],
    }


def field_draw(folder, name, seed):
    """Return a function of labels per class, see `learned_from`."""
    from ssvae.benchmark.field_draw import Split
    from ssvae.benchmark.field_sets import labels_per_class, with_features
    from ssvae.benchmark.labels import with_labels

    split = Split.of(*with_features(folder / name, say), seed)
    vectors, known = split.train
    num_classes = len(split.field_set.class_names)

    def draw(each):
        rows, classes = labels_per_class(known, each, num_classes, seed)
        labels = with_labels(len(vectors), rows, classes)
        return len(rows), lambda looking: learned_from(split, labels, looking)

    return draw


def learned_from(split, labels, looking):
    """Return the error of the classifier of features, and what was found.

    Args:
        split: `Split`.
        labels: int array `(n,)`, labels of the training part.
        looking: Settings that look for something, as training does; a set of names.

    Returns:
        A fraction; and a dict of counts: 1 if shares are estimated to be uneven, labels
        that are not learned from, and images that are put aside.
    """
    from ssvae.benchmark.labels import labels_only
    from ssvae.data.balance import class_shares
    from ssvae.runs.shares import ESTIMATED
    from ssvae.training.label_issues import find_label_issues
    from ssvae.training.putting_aside import believe_inside, outside_of_vectors
    from ssvae.training.shares import shares_of_vectors
    from ssvae.training.trusting import by_vectors

    (vectors, _), (new, truth), seed = split.train, split.test, split.seed
    given = dataset = labels_only(labels, split.field_set.class_names)
    shares, uneven = class_shares(dataset, "uniform"), 0
    if "trust_labels" in looking:
        predict = by_vectors(vectors, labels, shares, seed)
        issues = find_label_issues(predict, labels, seed)
        dataset = dataset if issues is None else issues.trusted(dataset)
    doubted = np.setdiff1d(given.labeled, dataset.labeled)
    if "put_aside" in looking:
        found = outside_of_vectors(vectors, dataset, seed, doubted)
        dataset = found.put_aside(dataset)
    if "class_prior" in looking:
        inside = np.setdiff1d(np.arange(len(labels)), dataset.outside)
        known = vectors[inside], dataset.labels[inside]
        estimated = shares_of_vectors(*known, shares, seed)
        shares = estimated.values
        uneven = int(estimated.source == ESTIMATED)
    belief = believe_inside(vectors, dataset, shares, seed)
    error = float(np.mean(belief.linear(new).argmax(axis=1) != truth))
    return error, found_by(uneven, doubted, dataset.outside)


def grey_draw(_, name, seed):
    """Return a function of labels per class, see `spread_from`."""
    from ssvae.benchmark.grey_sets import grey_config, open_grey
    from ssvae.data import draw_labels

    dataset = open_grey(name)
    config = grey_config(name, dataset, seed)

    def draw(each):
        count = each * dataset.num_classes
        told = draw_labels(dataset.labels, count, dataset.num_classes, seed)
        few = dataset.with_labels(*told)
        return count, lambda looking: spread_from(few, dataset.labels, config, looking)

    return draw


def spread_from(few, truth, config, looking):
    """Return the error of the pseudo-labels, and what was found; see `learned_from`."""
    from ssvae.benchmark.grey_sets import spread_over_graph
    from ssvae.runs.shares import ESTIMATED

    off = {name: value for name, value in OFF.items() if name not in looking}
    spread, outside, doubted = spread_over_graph(few, config.replace(**off), say)
    uneven = int(spread.shares.source == ESTIMATED)
    unlabeled = few.unlabeled
    # An image that was put aside has no pseudo-label, which is wrong here.
    error = float(np.mean(spread.pseudo_labels[unlabeled] != truth[unlabeled]))
    return error, found_by(uneven, doubted, outside.rows)


def found_by(uneven, doubted, outside):
    """Return how much each setting found."""
    counts = uneven, len(doubted), len(outside)
    return dict(zip(OFF, counts, strict=True))


def table(results) -> str:
    """Return one row per data set and number of labels, as Markdown."""
    rows = [
        "| data | labels per class | draws | none of them | all of them | changed | "
        "better | worse | `class_prior` | `trust_labels` | `put_aside` |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    groups: dict[tuple, list] = {}
    for result in results:
        place = result["dataset"], result["labels_per_class"]
        groups.setdefault(place, []).append(result)
    for (name, each), group in sorted(groups.items()):
        before, today = (
            np.array([one["errors"][way] for one in group]) for way in (BEFORE, TODAY)
        )
        cells = [name, each, len(group)]
        cells += [f"{100 * errors.mean():.2f} %" for errors in (before, today)]
        cells.append(sum(bool(one["changed"]) for one in group))
        cells += [int(np.sum(s * (today - before) > WORSE)) for s in (-1, 1)]
        for setting in OFF:
            of = [one["errors"][setting] - one["errors"][BEFORE] for one in group]
            number = sum(setting in one["changed"] for one in group)
            cells.append(f"{100 * mean(of):+.2f} ({number})" if number else "")
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
