"""What labels of groups teach: `python benchmarks/coarse_labels.py FOLDER`.

FOLDER holds the folders of class folders of the field benchmark. Half of the labels of
a budget name the class, the others the group that the class is in, such as "some
animal". The error is compared with that of the first half alone, and with that of a
budget whose labels all name the class. Photographs and drawings are told apart by the
classifier of features, measured on the test part. Of MNIST and Fashion-MNIST, 10,000
images get pseudo-labels over their graph, measured on those without a label. No model
of pixels is trained. What is measured already is not measured again.
"""

import dataclasses
import itertools
import statistics

import numpy as np
from coarse_groups import LARGE, SMALL, group_rows

from ssvae.benchmark.script import Script, say, seeds_of

SCRIPT = Script(__file__)
DRAWS = 3
# Labels per class of the whole budget. Half of them name the class.
BUDGETS = (4, 10)
NAMED = "mnist", "fashion-mnist"
# Images of a named data set.
SOME = 10_000
WAYS = "half", "large groups", "small groups", "full"
HALF, FULL = WAYS[0], WAYS[-1]
# Least gain of the second half of the labels of which parts are told, a fraction.
WORTH = 0.01


def main():
    """Measure what is missing, and put the table into the page."""
    flags = SCRIPT.parser(__doc__, LARGE, DRAWS).parse_args()
    done = SCRIPT.done("dataset", "seed", "labels_per_class")
    for name, seed in itertools.product(flags.sets, seeds_of(flags)):
        budgets = [each for each in BUDGETS if (name, seed, each) not in done]
        if budgets:
            draw = of_name if name in NAMED else of_field
            measure(*draw(name, seed, flags.folder), seed, budgets)
    SCRIPT.finish(table)


def key(result):
    """Return the data set, the seed and the labels per class of a result."""
    return result["dataset"], result["seed"], result["labels_per_class"]


def halves(rows, classes, seed):
    """Return which of the drawn labels name the class, bool `(k,)`: half of each."""
    rng = np.random.default_rng((seed, 17))
    fine = np.zeros(len(rows), bool)
    for index in np.unique(classes):
        members = rng.permutation(np.flatnonzero(classes == index))
        fine[members[: (len(members) + 1) // 2]] = True
    return fine


def known_by_way(dataset, rows, classes, seed):
    """Yield the name of each way to label, and the data set with these labels."""
    from ssvae.data.coarse import Coarse

    fine = halves(rows, classes, seed)
    half = dataset.with_labels(rows[fine], classes[fine])
    yield HALF, half
    for way, groups in zip(WAYS[1:3], (LARGE, SMALL), strict=True):
        group_of = group_rows(groups[dataset.name], dataset.class_names)
        coarse = Coarse(rows[~fine], group_of[classes[~fine]])
        yield way, dataclasses.replace(half, coarse=coarse)
    yield FULL, dataset.with_labels(rows, classes)


def of_field(name, seed, folder):
    """Return a data set and a function: from labels to wrong answers to test images."""
    from ssvae.benchmark.field_draw import Split
    from ssvae.benchmark.field_sets import with_features
    from ssvae.benchmark.labels import labels_only
    from ssvae.data.balance import class_shares
    from ssvae.training.left_out import believe

    split = Split.of(*with_features(folder / name, say), seed)
    (vectors, known), (test_vectors, test_classes) = split.train, split.test

    def wrong(part):
        told = part.labels, class_shares(part, "uniform"), seed
        belief = believe(vectors, *told, allowed=part.allowed)
        return belief.linear(test_vectors).argmax(axis=1) != test_classes

    return labels_only(known, split.field_set.class_names, name), wrong


def of_name(name, seed, folder):
    """Return a data set and a function: from labels to wrong pseudo-labels."""
    from ssvae.benchmark.grey_sets import grey_config, open_grey, some_rows
    from ssvae.data import UNLABELED
    from ssvae.data.balance import class_shares
    from ssvae.graph.construction import image_graph
    from ssvae.graph.propagation import Propagation
    from ssvae.training.teachers import Teacher, chosen_teacher

    dataset = open_grey(name)
    # The warps of the graph are those of one seed in all draws.
    config = grey_config(name, dataset, 0)
    dataset = some_rows(dataset, SOME, (seed, 18))
    spreading = Propagation(image_graph(dataset.images, config))

    def wrong(part):
        shares = class_shares(part, "uniform")
        teacher = Teacher("graph", spreading, shares, allowed=part.allowed)
        guesses = chosen_teacher([teacher], part.labels, "auto", seed).guesses
        asked = part.labels == UNLABELED
        if part.coarse is not None:
            asked[part.coarse.rows] = False
        return (guesses != dataset.labels)[asked]

    return dataset, wrong


def measure(dataset, wrong, seed, budgets):
    """Measure some budgets, and add the results to the file."""
    from ssvae.benchmark.field_sets import labels_per_class

    for each in budgets:
        num_classes = dataset.num_classes
        rows, classes = labels_per_class(dataset.labels, each, num_classes, seed)
        errors = {
            way: float(np.mean(wrong(part)))
            for way, part in known_by_way(dataset, rows, classes, seed)
        }
        result = {
            "dataset": dataset.name,
            "recipe": "coarse labels",
            "seed": seed,
            "labels_per_class": each,
            "num_labels": len(rows),
            "errors": errors,
        }
        told = ", ".join(f"{way} {100 * error:.2f} %" for way, error in errors.items())
        SCRIPT.add(result, f"{dataset.name}, {each} per class, seed {seed}: {told}")


def table(results) -> str:
    """Return the mean errors as Markdown, one row per data set and budget."""
    rows = [
        "| data | labels per class | draws | half of the labels | the others name "
        "large groups | the others name small groups | all name the class |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, each in itertools.product(LARGE, BUDGETS):
        of = [r["errors"] for r in results if (key(r)[0], key(r)[2]) == (name, each)]
        if not of:
            continue
        means = [statistics.mean(errors[way] for errors in of) for way in WAYS]
        gain = means[0] - means[-1]
        cells = [f"{100 * error:.2f} %" for error in means]
        # A part of a gain that is hardly there says nothing.
        if gain > WORTH:
            for way in (1, 2):
                part = (means[0] - means[way]) / gain
                cells[way] += f" ({100 * part:.0f} % of the gain)"
        rows.append(f"| {name} | {each} | {len(of)} | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
