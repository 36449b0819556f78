"""Pseudo-labels of grey images: `python benchmarks/pseudo_labels.py`.

Labels are drawn, spread over the graph as training spreads them, and compared with the
classes of the unlabeled training images; no test image is read. Beside them stands a
logistic regression on the same labels and the same features: never should the unlabeled
images make it worse. What is measured already is not measured again.
"""

import itertools
import statistics
import time

import numpy as np

from ssvae.benchmark.script import Script, say

SCRIPT = Script(__file__)
DRAWS, LABELS_PER_CLASS = 3, (1, 5, 10, 25)
# Draws of ten of MNIST's labels, by which ten labels are judged.
MNIST_SEEDS = range(100, 120)
# Of images asked for, those whose answers are counted on.
NUM_ASKED = 3
# More errors than the labels alone make that count as worse, a fraction of the images.
WORSE = 0.005


def main():
    """Measure what is missing, and put the table into the page."""
    done = SCRIPT.done("dataset", "seed", "labels_per_class")
    datasets = ("digits", "mnist", "fashion-mnist")
    draws = [
        *(("mnist", seed, 1) for seed in MNIST_SEEDS),
        *itertools.product(datasets, range(DRAWS), LABELS_PER_CLASS),
    ]
    missing = [draw for draw in draws if draw not in done]
    # The draws of one seed share a graph, which is kept on disk.
    for (name, seed), group in itertools.groupby(missing, key=lambda draw: draw[:2]):
        measure(name, seed, [each for _, _, each in group])
    SCRIPT.finish(table)


def key(result):
    """Return the data set, the seed and the labels per class of a result."""
    return result["dataset"], result["seed"], result["labels_per_class"]


def measure(name, seed, labels_per_class):
    """Measure draws of one seed, and add each result to the file."""
    from ssvae.benchmark.grey_sets import (
        compared_vectors,
        grey_config,
        open_grey,
        spread_over_graph,
    )
    from ssvae.data import draw_labels

    dataset = open_grey(name)
    classes = dataset.labels
    config = grey_config(name, dataset, seed)
    vectors = None
    for each in labels_per_class:
        began = time.perf_counter()
        count = each * dataset.num_classes
        rows, given = draw_labels(classes, count, dataset.num_classes, seed)
        few = dataset.with_labels(rows, given)
        spread, _, _ = spread_over_graph(few, config, say)
        seconds = time.perf_counter() - began
        if vectors is None:
            vectors = compared_vectors(dataset, config, say)
        unlabeled = np.setdiff1d(np.arange(len(classes)), rows)
        wrong = spread.pseudo_labels != classes
        asked = spread.to_label(few)[:NUM_ASKED]
        alone = labels_alone(vectors, rows, given, dataset.num_classes)
        result = {
            "dataset": name,
            "recipe": "pseudo-labels",
            "seed": seed,
            "labels_per_class": each,
            "num_labels": count,
            "error": float(wrong[unlabeled].mean()),
            "error_labels_alone": float((alone != classes)[unlabeled].mean()),
            "wrong_of_asked": int(wrong[asked].sum()),
            "seconds": round(seconds, 1),
        }
        SCRIPT.add(
            result,
            f"{name}, {each} per class, seed {seed}: {percent(result['error'])}, "
            f"labels alone {percent(result['error_labels_alone'])}",
        )


def labels_alone(vectors, rows, given, num_classes):
    """Return the classes that a regression on the labels alone guesses."""
    from ssvae.vae.labels_alone import fit_labels_alone

    return fit_labels_alone(vectors[rows], given, num_classes)(vectors).argmax(axis=1)


def percent(fraction) -> str:
    """Return a fraction in percent."""
    return f"{100 * fraction:.2f} %"


def table(results) -> str:
    """Return one row per data set, number of labels and kind of seeds, as Markdown."""
    rows = [
        "| data | labels per class | draws | wrong pseudo-labels | worst draw | "
        "labels alone | worse draws |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    groups: dict[tuple, list] = {}
    for result in results:
        name, seed, each = key(result)
        many = seed in MNIST_SEEDS
        groups.setdefault((many, name, each), []).append(result)
    for many, name, each in sorted(groups):
        group = groups[many, name, each]
        errors = [result["error"] for result in group]
        alone = [result["error_labels_alone"] for result in group]
        worse = sum(e > a + WORSE for e, a in zip(errors, alone, strict=True))
        what = f"{name}, seeds {MNIST_SEEDS[0]} on" if many else name
        rows.append(
            f"| {what} | {each} | {len(group)} | {percent(statistics.mean(errors))} | "
            f"{percent(max(errors))} | {percent(statistics.mean(alone))} | {worse} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
