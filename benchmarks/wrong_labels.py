"""Labels that are wrong: `python benchmarks/wrong_labels.py FOLDER`.

A hundred labels are drawn, and a fifth of them changed: to any other class, or to the
class whose mean is nearest. FOLDER holds the field sets, one folder each; MNIST and
Fashion-MNIST are measured too. It is measured which labels are found, by this project
and by cleanlab on predictions of the same features, and the error with all labels
believed, with those found left out, and with the true labels. On the field sets it is
the test error of the classifier of features; on the others that of the pseudo-labels.
What is measured already is not measured again. Without cleanlab its cells stay empty.
"""

from statistics import mean

import numpy as np
from wrong_labels_sets import FIELD, GREY, open_set

from ssvae.benchmark.script import Script, seeds_of

SCRIPT = Script(__file__)
# Ways to be wrong, and what they are called in the table.
RANDOM, NEAR, CLEAN = "random", "near", "none"
TITLES = {RANDOM: "to any class", NEAR: "to the nearest class", CLEAN: "none"}
# Labels that are drawn, those of each class at least, and the part that is changed.
NUM_LABELS, LEAST_EACH, PART = 100, 5, 0.2
# Parts that the labels are dealt into for cleanlab, as its examples do.
NUM_PARTS = 5


def main():
    """Measure what is missing, and put the table into the page."""
    flags = SCRIPT.parser(__doc__, [*FIELD, *GREY], 3).parse_args()
    done = SCRIPT.done("dataset", "recipe", "seed")
    for name in flags.sets:
        opened = None
        for seed in seeds_of(flags):
            missing = [way for way in TITLES if (name, way, seed) not in done]
            if not missing:
                continue
            opened = opened or open_set(name, flags.folder)
            setting = opened(seed)
            for way in missing:
                result = measured(setting, way, seed)
                SCRIPT.add({"dataset": name, "recipe": way, "seed": seed, **result})
    SCRIPT.finish(table)


def key(result):
    """Return the data set, the way to be wrong and the seed of a result."""
    return result["dataset"], result["recipe"], result["seed"]


def measured(setting, way, seed):
    """Return how well wrong labels are found, and what they cost, a dict.

    Args:
        setting: `Field` or `Grey`.
        way: Way to be wrong, a key of `TITLES`.
        seed: Seed of the draws.
    """
    from ssvae.benchmark.labels import with_labels
    from ssvae.data import draw_labels

    count, classes = setting.num_classes, setting.classes
    total = max(NUM_LABELS, LEAST_EACH * count)
    rows, true = draw_labels(classes, total, count, seed)
    given = changed(true, way, setting, seed)
    issues = setting.issues(with_labels(len(classes), rows, given))
    # The findings are in the order of the rows.
    order = np.argsort(rows)
    wrong = (given != true)[order]
    result = {
        "num_labels": len(rows),
        "num_wrong": int(wrong.sum()),
        "suspected": found(issues.suspected, wrong),
        "distrusted": found(issues.distrusted, wrong),
        "cleanlab": by_cleanlab(setting.vectors_of(rows[order]), given[order], wrong),
        "error_true_labels": setting.error(with_labels(len(classes), rows, true)),
    }
    kept = ~issues.distrusted
    without = with_labels(len(classes), rows[order][kept], given[order][kept])
    believed = result["error_true_labels"]
    if way != CLEAN:
        believed = setting.error(with_labels(len(classes), rows, given))
    result["error_all_believed"] = believed
    result["error"] = believed if kept.all() else setting.error(without)
    return result


def changed(true, way, setting, seed):
    """Return labels of which a part was made wrong, int array `(k,)`."""
    given = true.copy()
    if way == CLEAN:
        return given
    rng = np.random.default_rng((seed, 33))
    wrong = rng.permutation(len(true))[: round(PART * len(true))]
    if way == NEAR:
        given[wrong] = setting.nearest_classes()[true[wrong]]
    else:
        others = rng.integers(1, setting.num_classes, len(wrong))
        given[wrong] = (true[wrong] + others) % setting.num_classes
    return given


def found(flagged, wrong):
    """Return how many labels were flagged, and how many of them are wrong, a dict."""
    return {"flagged": int(flagged.sum()), "right": int((flagged & wrong).sum())}


def by_cleanlab(vectors, given, wrong):
    """Return what cleanlab finds, None where it is not installed.

    A logistic regression predicts each label from four fifths of the others, as its
    own examples do.
    """
    try:
        from cleanlab.filter import find_label_issues
    except ImportError:
        return None
    from scipy.special import softmax

    from ssvae.training.label_turns import dealt
    from ssvae.vae.labels_alone import fit_labels_alone

    count = given.max() + 1
    parts = np.maximum(dealt(given, 0), 0)
    predicted = np.zeros((len(given), count))
    for part in range(NUM_PARTS):
        seen = parts != part
        alone = fit_labels_alone(vectors[seen], given[seen], count)
        predicted[~seen] = softmax(alone(vectors[~seen]), axis=1)
    return found(find_label_issues(given, predicted), wrong)


def table(results) -> str:
    """Return one row per data set and way to be wrong, as Markdown."""
    rows = [
        "| data | wrong labels | labels | found: precision | recall | cleanlab: "
        "precision | recall | error, true labels | all believed | as learned | part of "
        "the cost |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    groups: dict[tuple, list] = {}
    for result in results:
        name, way, _ = key(result)
        groups.setdefault((list(TITLES).index(way), name), []).append(result)
    for (place, name), group in sorted(groups.items()):
        way = list(TITLES)[place]
        cells = [name, TITLES[way], f"{mean(one['num_labels'] for one in group):.0f}"]
        for finder in ("suspected", "cleanlab"):
            cells += rates(group, finder, way)
        names = "error_true_labels", "error_all_believed", "error"
        true, believed, ours = (mean(one[each] for one in group) for each in names)
        cells += [f"{100 * each:.2f} %" for each in (true, believed, ours)]
        cost = believed - true
        cells.append(f"{(ours - true) / cost:.2f}" if way != CLEAN else "")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def rates(group, finder, way):
    """Return the cells of precision and recall, means over the draws."""
    if any(one[finder] is None for one in group):
        return ["", ""]
    flagged, right = (
        np.array([one[finder][each] for one in group]) for each in ("flagged", "right")
    )
    if way == CLEAN:
        # Every label that is found is a false alarm.
        return [f"{flagged.mean():.1f} false", ""]
    wrong = np.array([one["num_wrong"] for one in group])
    precision = (right / np.maximum(flagged, 1)).mean()
    return [f"{precision:.2f}", f"{(right / wrong).mean():.2f}"]


if __name__ == "__main__":
    main()
