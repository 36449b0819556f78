"""Labels asked for from nothing: `python benchmarks/asked_labels.py FOLDER`.

FOLDER holds one folder of class folders per data set. No label is known at first. One
label per class is asked for, then one more, then three more; an image's class is known
only once it was asked for. Beside it stand as many labels of random images. The
accuracy is that of the mixtures of Gaussians, training's usual learner, on the test
part; of digits and clothes that of the pseudo-labels of unlabeled images. What is
measured already is not measured again.
"""

import statistics
from functools import partial

import numpy as np

from ssvae.benchmark.script import Script, say, seeds_of

SCRIPT = Script(__file__)
FIELD = ("aerial", "rubbish", "signs", "steel", "symbols", "things", "traffic")
GREY = ("mnist", "fashion-mnist")
WAYS = ASKED, RANDOM = "asked for", "random"
LABELS_PER_CLASS, STARTS = (1, 2, 5), 10
# Images of MNIST, of Fashion-MNIST and of a training part with more than `MANY`, drawn
# anew for each start; steps that move the borders between pseudo-labels.
NUM_DRAWN, MANY, BORDER_STEPS = 5_000, 10_000, 15


class Photographs:
    """A start with a data set whose images are compared by features."""

    def __init__(self, split):
        from ssvae.graph.construction import neighbor_graph

        self.vectors, self.truth = split.train
        self.new, self.new_truth = split.test
        self.graph = neighbor_graph(self.vectors)
        self.class_names = split.field_set.class_names

    def ask(self, dataset, count):
        """Return the images to label next."""
        from ssvae.training.suggesting import by_features

        return by_features(self.vectors, dataset, count)

    def accuracy(self, dataset, shares):
        """Return the accuracy on the test part."""
        from ssvae.training.learners import BOTH, fit_learners

        learned = fit_learners(self.vectors, dataset.labels, shares, self.graph)
        guesses = learned[BOTH](self.new).argmax(axis=1)
        return float(np.mean(guesses == self.new_truth))


class Drawings:
    """A start with some images of a data set whose labels spread over a graph."""

    def __init__(self, dataset, config, seed):
        from ssvae.benchmark.grey_sets import graph_vectors, some_rows
        from ssvae.graph.construction import neighbor_graph

        part = some_rows(dataset, NUM_DRAWN, (seed, 21))
        parts = graph_vectors(part, config, say)
        self.graph = sum(map(neighbor_graph, parts)).tocsr()
        self.vectors, self.truth = parts[0], part.labels
        self.class_names = part.class_names

    def ask(self, dataset, count):
        """Return the images to label next."""
        from ssvae.graph.acquisition import suggest
        from ssvae.graph.typical import typical_images

        if len(dataset.labeled):
            return suggest(self.graph, dataset.labeled, dataset.unlabeled, count)
        return typical_images(self.vectors, dataset.labeled, dataset.unlabeled, count)

    def accuracy(self, dataset, shares):
        """Return the accuracy of the pseudo-labels of the unlabeled images."""
        from ssvae.graph.propagation import propagate_labels

        guesses = propagate_labels(self.graph, dataset, shares, BORDER_STEPS)
        rows = dataset.unlabeled
        return float(np.mean(guesses[rows] == self.truth[rows]))


def measured(name, start, seed, ways):
    """Yield the accuracies of some ways from one start, a dict each."""
    from ssvae.benchmark.labels import labels_only
    from ssvae.data.balance import class_shares

    count, num_classes = len(start.truth), len(start.class_names)
    for way in ways:
        dataset = labels_only(np.full(count, -1), start.class_names, name)
        order = np.random.default_rng((seed, 5)).permutation(count)
        points = []
        for each in LABELS_PER_CLASS:
            missing = each * num_classes - len(dataset.labeled)
            rows = order[: each * num_classes]
            if way == ASKED:
                more = start.ask(dataset, missing)
                rows = np.concatenate([dataset.labeled, more])
            dataset = dataset.with_labels(rows, start.truth[rows])
            shares = class_shares(dataset, "uniform")
            points.append(
                {
                    "labels_per_class": each,
                    "accuracy": start.accuracy(dataset, shares),
                    "classes_seen": len(np.unique(start.truth[rows])),
                }
            )
        yield {
            "dataset": name,
            "recipe": way,
            "num_labels": len(dataset.labeled),
            "seed": seed,
            "points": points,
        }


def starts(folder, name, seeds):
    """Yield a start with a data set for each seed."""
    if name not in GREY:
        from ssvae.benchmark.field_draw import Split
        from ssvae.benchmark.field_sets import with_features

        known = with_features(folder / name, say)
        for seed in seeds:
            yield seed, Photographs(Split.of(*known, seed, partial(some_of, seed)))
        return
    from ssvae.benchmark.grey_sets import grey_config, open_grey

    dataset = open_grey(name)
    for seed in seeds:
        yield seed, Drawings(dataset, grey_config(name, dataset, seed), seed)


def some_of(seed, classes):
    """Return the images of a training part that are kept, by index."""
    order = np.random.default_rng((seed, 21)).permutation(len(classes))
    return np.sort(order[: NUM_DRAWN if len(classes) > MANY else None])


def main():
    """Measure what is missing, and put the table into the page."""
    flags = SCRIPT.parser(__doc__, (*FIELD, *GREY), STARTS).parse_args()
    done = SCRIPT.done("dataset", "seed", "recipe")
    for name in flags.sets:
        missing = {
            seed: [way for way in WAYS if (name, seed, way) not in done]
            for seed in seeds_of(flags)
        }
        seeds = [seed for seed, ways in missing.items() if ways]
        for seed, start in starts(flags.folder, name, seeds) if seeds else ():
            for result in measured(name, start, seed, missing[seed]):
                told = [f"{100 * p['accuracy']:.1f}" for p in result["points"]]
                SCRIPT.add(result, " ".join([name, str(seed), result["recipe"], *told]))
    SCRIPT.finish(table)


def table(results) -> str:
    """Return the mean accuracies as Markdown, one row per data set."""
    rows = [
        "| data | starts | "
        + " | ".join(
            f"{each} per class, {way}" for each in LABELS_PER_CLASS for way in WAYS
        )
        + " |",
        f"|---|---:|{'---:|' * (len(WAYS) * len(LABELS_PER_CLASS))}",
    ]
    for name in dict.fromkeys(result["dataset"] for result in results):
        of = {
            way: {r["seed"]: r for r in results if (r["dataset"], r["recipe"]) == key}
            for way, key in ((way, (name, way)) for way in WAYS)
        }
        # Both ways begin from the same starts.
        seeds = of[ASKED].keys() & of[RANDOM].keys()
        cells = []
        for number in range(len(LABELS_PER_CLASS) if seeds else 0):
            means = [
                statistics.mean(of[way][s]["points"][number]["accuracy"] for s in seeds)
                for way in WAYS
            ]
            bold = "**" if means[0] > means[1] else ""
            cells += [f"{bold}{100 * means[0]:.1f} %{bold}", f"{100 * means[1]:.1f} %"]
        if cells:
            rows.append(f"| {name} | {len(seeds)} | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
