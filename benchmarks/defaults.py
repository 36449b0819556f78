"""What defaults cost where nothing is amiss: `python benchmarks/defaults.py FOLDER`.

FOLDER holds one folder of class folders per data set; MNIST and Fashion-MNIST are
measured too. Three settings look for what is wrong with a data set: `class_prior` for
classes that are not alike in size, `trust_labels` for wrong labels, and `put_aside` for
images of no class. Here labels are drawn evenly, all of them are right, and every image
belongs to a class. The error with all three is compared on the same draw with that of
none of them, and of each alone. The error of field sets is that of the classifier of
features on the test part, the error of grey images that of the pseudo-labels of the
unlabeled. What is measured already is not measured again.
"""

import itertools
from dataclasses import dataclass
from statistics import mean

import numpy as np

from ssvae.benchmark.script import Script, say, seeds_of

SCRIPT = Script(__file__)
FIELD = "aerial", "rubbish", "signs", "steel", "symbols", "things", "traffic"
GREY = "mnist", "fashion-mnist"
LABELS_PER_CLASS = 1, 5, 10, 25
# The settings, each with the value that looks for nothing.
OFF = {"class_prior": "uniform", "trust_labels": "all", "put_aside": "none"}
BEFORE, TODAY = "none of them", "all of them"
# More errors than without the settings that count as worse, a fraction of the images.
WORSE = 0.005


@dataclass
class Outcome:
    """What some settings led to.

    Attributes:
        error: Fraction of images told wrong.
        changed: The settings that changed what is learned from.
        counts: Labels not learned from, and images put aside.
    """

    error: float
    changed: set[str]
    counts: dict[str, int]


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
            result = {
                "dataset": name,
                "recipe": f"{each} labels per class",
                "seed": seed,
                "labels_per_class": each,
                "num_labels": num_labels,
                **compared(outcome_of),
            }
            SCRIPT.add(result)
    SCRIPT.finish(table)


def compared(outcome_of):
    """Return the errors of all settings, of none and of each alone, a dict.

    Args:
        outcome_of: Function of a set of settings that look for something, which returns
            an `Outcome`.
    """
    today = outcome_of(set(OFF))
    errors = {TODAY: today.error}
    # What changed nothing has the error of nothing.
    errors[BEFORE] = outcome_of(set()).error if today.changed else today.error
    for name in OFF:
        alone = errors[BEFORE]
        if name in today.changed:
            alone = today.error
            if len(today.changed) > 1:
                alone = outcome_of({name}).error
        errors[name] = alone
    return {"errors": errors, "changed": sorted(today.changed), **today.counts}


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
    """Return the `Outcome` of the classifier of features, as training learns it."""
    from ssvae.benchmark.labels import labels_only
    from ssvae.data.balance import class_shares
    from ssvae.runs.shares import ESTIMATED
    from ssvae.training.label_issues import find_label_issues
    from ssvae.training.putting_aside import believe_inside, outside_of_vectors
    from ssvae.training.shares import shares_of_vectors
    from ssvae.training.trusting import by_vectors

    (vectors, _), (new, truth), seed = split.train, split.test, split.seed
    given = dataset = labels_only(labels, split.field_set.class_names)
    shares, changed = class_shares(dataset, "uniform"), set()
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
        changed = {"class_prior"} if estimated.source == ESTIMATED else changed
    belief = believe_inside(vectors, dataset, shares, seed)
    error = float(np.mean(belief.linear(new).argmax(axis=1) != truth))
    return outcome(error, changed, len(doubted), len(dataset.outside))


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
    """Return the `Outcome` of the pseudo-labels, as training makes them."""
    from ssvae.benchmark.grey_sets import spread_over_graph
    from ssvae.runs.shares import ESTIMATED

    off = {name: value for name, value in OFF.items() if name not in looking}
    spread, outside, doubted = spread_over_graph(few, config.replace(**off), say)
    changed = set()
    if spread.shares is not None and spread.shares.source == ESTIMATED:
        changed = {"class_prior"}
    unlabeled = few.unlabeled
    # An image that was put aside has no pseudo-label, which is wrong here.
    error = float(np.mean(spread.pseudo_labels[unlabeled] != truth[unlabeled]))
    return outcome(error, changed, len(doubted), len(outside.rows))


def outcome(error, changed, num_distrusted, num_put_aside):
    """Return an `Outcome` with all settings that changed something."""
    if num_distrusted:
        changed = changed | {"trust_labels"}
    if num_put_aside:
        changed = changed | {"put_aside"}
    counts = {"num_distrusted": num_distrusted, "num_put_aside": num_put_aside}
    return Outcome(error, changed, counts)


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
