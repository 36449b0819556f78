"""Images of no class: `python benchmarks/junk.py FOLDER`.

FOLDER holds one folder of class folders per data set. Three things are measured, with
ten labels per class.

- `junk`: a third of the unlabeled images is from another data set. How well they are
  told apart, and the error with and without them. The error of photographs is that of
  the classifier of features on a test part; the error of digits is that of the
  pseudo-labels of the unlabeled digits, of which an image that was put aside counts as
  wrong.
- `unknown`: one digit is never labeled. It is found if a group is asked about of which
  nine in ten images are this digit, and which holds half of its images or more.
- `clean`: nothing foreign is there. What is put aside or asked about is a mistake.

What is measured already is not measured again. No label beyond the budget is read to
find anything.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import mean

import numpy as np

HERE = Path(__file__).parent
RESULTS = HERE / "junk.json"
SEEDS, EACH = 3, 10
# Data sets of photographs, with the other one that images are from.
MIXED = {"rubbish": "things", "steel": "aerial"}
CLEAN = "aerial", "rubbish", "signs", "steel", "symbols", "things", "traffic"
# Digits, and clothes among them: as many as a graph is made of in seconds.
DIGITS, CLOTHES = 12_000, 6_000
# Part of the images that is the test part.
TEST = 1 / 4
# Part of a group that must be the digit, and of the digit that must be in the group.
PURE, WHOLE = 0.9, 0.5


def main():
    """Measure what is missing, and put the tables into the page."""
    from ssvae.evaluation.results import add_result, read_results
    from ssvae.evaluation.tables import update_page

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the data sets")
    parser.add_argument("--sets", nargs="*", default=["mnist", *MIXED, *CLEAN])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    args = parser.parse_args()
    done = {_key(result) for result in read_results(RESULTS)}
    for seed in range(args.seeds):
        for name in dict.fromkeys(args.sets):
            for kind, measure in _measures(name, args.folder):
                if (kind, name, seed) not in done:
                    for result in measure(name, seed):
                        add_result(RESULTS, {"labels_per_class": EACH, **result})
                        print(result, flush=True)
    results = read_results(RESULTS)
    print(table(results))
    update_page(HERE / "README.md", "benchmarks/junk.json", table(results))


def _key(result):
    return result["recipe"], result["dataset"], result["seed"]


def _measures(name, folder):
    """Return what is measured of a data set: kinds, and functions."""
    if name == "mnist":
        return [("junk", digits_and_clothes), ("unknown", digits), ("clean", no_junk)]

    def clean(name, seed):
        features, labels = photographs(folder / name)
        return [found_in_photographs(name, features, labels, seed)]

    def mixed(name, seed):
        return [photographs_and_others(folder, name, seed)]

    kinds = [("clean", clean)]
    if name in MIXED:
        kinds.append(("junk", mixed))
    return kinds


def photographs(path, shape=None, count=None):
    """Return features and classes of a data set, as images of another shape perhaps."""
    from ssvae.benchmark.field_sets import features_of, open_set

    field_set = open_set(path)
    if shape is None:
        return features_of(field_set, print)[0], field_set.labels
    from ssvae.features.cache import KEPT_DTYPE
    from ssvae.features.extractor import extract
    from ssvae.vae.feature_classifier import EXTRACTOR, build_feature_classifier

    rows = np.random.default_rng(5).permutation(len(field_set.images))[:count]
    images = np.stack([_as(image, shape) for image in field_set.images[rows]])
    made = build_feature_classifier(shape[-1], 2, shape_config(path, shape), True)
    layer = made.get_layer(EXTRACTOR)
    return extract(layer, images, print, dtype=KEPT_DTYPE), None


def shape_config(path, shape):
    """Return the settings of the data set whose images have a shape."""
    from ssvae.benchmark.field_sets import suited_features
    from ssvae.config.settings import Config

    return Config(features=suited_features(2_000, shape))


def _as(image, shape):
    """Return an image scaled until it covers a shape, cut around the center."""
    from PIL import Image, ImageOps

    height, width, channels = shape
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture = picture.convert("L" if channels == 1 else "RGB")
    fitted = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(fitted).reshape(shape)


def _vectors(features, seed):
    """Return main directions of features, as training computes them."""
    from ssvae.features.principal import principal_directions
    from ssvae.vae.feature_classifier import NUM_DIRECTIONS

    size = min(NUM_DIRECTIONS, features.shape[1])
    return principal_directions(features, size, seed)


def _dataset(labels, num_classes, outside=()):
    """Return a data set of labels alone."""
    from ssvae.data import Dataset

    names = tuple(map(str, range(num_classes)))
    images = np.zeros((len(labels), 1, 1, 1), np.uint8)
    outside = np.array(outside, np.int64)
    return Dataset("labels", images, labels, names, None, outside=outside)


def photographs_and_others(folder, name, seed):
    """Return errors and AUROC where a third is from another data set."""
    from sklearn.metrics import roc_auc_score

    from ssvae.benchmark.field_sets import labels_per_class, open_set
    from ssvae.data.balance import class_shares
    from ssvae.training.putting_aside import believe_inside, outside_of_vectors

    features, classes = photographs(folder / name)
    shape = open_set(folder / name).images.shape[1:]
    junk, _ = photographs(folder / MIXED[name], shape, 2_000)
    rng = np.random.default_rng((seed, 77))
    order = rng.permutation(len(features))
    test, train = np.split(order, [round(TEST * len(order))])
    num_classes = classes.max() + 1
    rows, given = labels_per_class(classes[train], EACH, num_classes, seed)
    others = rng.permutation(len(junk))[: (len(train) - len(rows)) // 2]
    labels = np.full(len(train) + len(others), -1)
    labels[rows] = given
    strange = np.arange(len(labels)) >= len(train)

    def error(features, dataset):
        directions = _vectors(features, seed)
        vectors, shares = directions.project(features), class_shares(dataset, "uniform")
        belief = believe_inside(vectors, dataset, shares, seed)
        told = belief.linear(directions.project(features_of_test)).argmax(axis=1)
        return vectors, belief, float(np.mean(told != classes[test]))

    features_of_test = features[test]
    own = features[train]
    both = np.concatenate([own, junk[others]])
    every = _dataset(labels, num_classes)
    _, _, without = error(own, _dataset(labels[: len(train)], num_classes))
    vectors, belief, ignored = error(both, every)
    found = outside_of_vectors(vectors, every, seed)
    _, _, aside = error(both, found.put_aside(every))
    unlabeled = labels < 0

    def auroc(score):
        return float(roc_auc_score(strange[unlabeled], score[unlabeled]))

    return {
        "recipe": "junk",
        "dataset": name,
        "others": MIXED[name],
        "seed": seed,
        "num_labels": len(rows),
        "error_without": without,
        "error": aside,
        "error_all_teach": ignored,
        "auroc": auroc(found.strangeness),
        "auroc_others": _other_scores(vectors, labels, belief, auroc),
        **_counts(found, strange & unlabeled, ~strange & unlabeled),
    }


def _other_scores(vectors, labels, belief, auroc):
    """Return the AUROC of scores that need no groups, by name."""
    from scipy.special import softmax

    from ssvae.graph.neighbors import nearest_to
    from ssvae.vae.mixture import fit_em

    def surprise(shares):
        start = softmax(belief.linear(vectors), axis=1) if shares > 1 else None
        start = np.ones((len(vectors), 1)) if start is None else start
        known = labels if shares > 1 else np.full(len(labels), -1)
        even = np.full(shares, 1 / shares)
        return -fit_em(vectors, known, start, even, num_rounds=1).log_density(vectors)

    of_classes, of_all = surprise(labels.max() + 1), surprise(1)
    distances, _ = nearest_to(vectors, vectors[labels >= 0], 1)
    return {
        "mixture": auroc(of_classes),
        "mixture, relative": auroc(of_classes - of_all),
        "distance to a label": auroc(distances[:, 0]),
    }


def _counts(found, strange, own):
    """Return what was put aside of others and of own images, and the groups."""
    aside = np.isin(np.arange(len(own)), found.rows)
    return {
        "caught": float(aside[strange].mean()) if strange.any() else None,
        "own_put_aside": float(aside[own].mean()),
        "groups": [
            {"images": size, "evidence": float(evidence), "put_aside": bool(sure)}
            for size, evidence, sure in zip(
                found.sizes, found.evidence, found.sure, strict=True
            )
        ],
    }


def found_in_photographs(name, features, labels, seed):
    """Return what is found in a data set in which nothing is foreign."""
    from ssvae.benchmark.field_sets import labels_per_class
    from ssvae.training.putting_aside import outside_of_vectors

    num_classes = labels.max() + 1
    rows, given = labels_per_class(labels, EACH, num_classes, seed)
    known = np.full(len(labels), -1)
    known[rows] = given
    vectors = _vectors(features, seed).project(features)
    found = outside_of_vectors(vectors, _dataset(known, num_classes), seed)
    return _clean(name, seed, found, known < 0)


def _clean(name, seed, found, unlabeled):
    counts = _counts(found, np.zeros(len(unlabeled), bool), unlabeled)
    return {
        "recipe": "clean",
        "dataset": name,
        "seed": seed,
        "num_labels": int((~unlabeled).sum()),
        **counts,
    }


def _some(name, count, rng):
    """Return some images of a data set that has a name, and their classes."""
    from ssvae.data import load_dataset

    dataset = load_dataset(name)
    rows = rng.permutation(len(dataset.images))[:count]
    return dataset.images[rows], dataset.labels[rows]


def digits_and_clothes(name, seed):
    """Return errors and AUROC of digits among which a third are clothes."""
    from sklearn.metrics import roc_auc_score

    from ssvae.data import Dataset, draw_labels

    rng = np.random.default_rng((seed, 78))
    images, classes = _some(name, DIGITS, rng)
    clothes, _ = _some("fashion-mnist", CLOTHES, rng)
    rows, given = draw_labels(classes, 10 * EACH, 10, seed)
    names = tuple(map(str, range(10)))

    def errors(images, put_aside):
        labels = np.full(len(images), -1)
        labels[rows] = given
        dataset = Dataset("digits", images, labels, names, None)
        guesses, found = _spread(dataset, put_aside, seed)
        wrong = (guesses[:DIGITS] != classes)[labels[:DIGITS] < 0]
        return float(wrong.mean()), found, labels < 0

    both = np.concatenate([images, clothes])
    strange = np.arange(len(both)) >= DIGITS
    error, found, unlabeled = errors(both, "auto")
    return [
        {
            "recipe": "junk",
            "dataset": name,
            "others": "fashion-mnist",
            "seed": seed,
            "num_labels": 10 * EACH,
            "error_without": errors(images, "none")[0],
            "error": error,
            "error_all_teach": errors(both, "none")[0],
            "auroc": float(
                roc_auc_score(strange[unlabeled], found.strangeness[unlabeled])
            ),
            **_counts(found, strange & unlabeled, ~strange & unlabeled),
        }
    ]


def _spread(dataset, put_aside, seed):
    """Return the pseudo-labels of a data set, and what was put aside."""
    from ssvae.config.settings import Config
    from ssvae.data.balance import class_shares
    from ssvae.training.putting_aside import kept_outside
    from ssvae.training.spread import spread_labels

    config = Config(seed=seed, put_aside=put_aside, class_prior="uniform")
    shares = class_shares(dataset, "uniform")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "spread.npz"
        spread = spread_labels(dataset, config, shares, kept, print)
        return spread.pseudo_labels, kept_outside(Path(folder), dataset)


def _graph_of_digits(name, seed):
    """Return a graph of digits, kept on the disk, and the digits' classes."""
    from ssvae.config.settings import Config
    from ssvae.graph.cache import KeptGraph
    from ssvae.graph.construction import image_graph

    images, classes = _some(name, DIGITS, np.random.default_rng((seed, 78)))
    config = Config(seed=seed)
    kept = KeptGraph(images, config)
    graph = kept.load()
    if graph is None:
        graph = image_graph(images, config)
        kept.save(graph)
    return graph, classes


def digits(name, seed):
    """Return which digits are found if they are never labeled."""
    from ssvae.data import draw_labels
    from ssvae.training.outside import find_outside

    graph, classes = _graph_of_digits(name, seed)
    asked = {}
    for digit in range(10):
        others = np.where(classes == digit, -1, classes - (classes > digit))
        rows, given = draw_labels(others, 9 * EACH, 9, seed)
        labels = np.full(len(classes), -1)
        labels[rows] = given
        found = find_outside(graph, _dataset(labels, 9), seed)
        is_digit = classes == digit
        asked[str(digit)] = [
            {
                "images": int(members.sum()),
                "of_the_digit": float(is_digit[members].mean()),
                "whole": float(members[is_digit].mean()),
                "put_aside": bool(found.sure[number]),
            }
            for number in range(len(found.sure))
            for members in [found.groups == number]
        ]
    right = sum(any(map(_is_found, groups)) for groups in asked.values())
    return [
        {
            "recipe": "unknown",
            "dataset": name,
            "seed": seed,
            "num_labels": 9 * EACH,
            "found": right,
            "asked": asked,
        }
    ]


def _is_found(group):
    return group["of_the_digit"] >= PURE and group["whole"] >= WHOLE


def no_junk(name, seed):
    """Return what is found among digits alone."""
    from ssvae.data import draw_labels
    from ssvae.training.outside import find_outside

    graph, classes = _graph_of_digits(name, seed)
    rows, given = draw_labels(classes, 10 * EACH, 10, seed)
    labels = np.full(len(classes), -1)
    labels[rows] = given
    found = find_outside(graph, _dataset(labels, 10), seed)
    return [_clean(name, seed, found, labels < 0)]


def _grouped(results):
    """Return results by data set."""
    names = dict.fromkeys(result["dataset"] for result in results)
    return [(name, [r for r in results if r["dataset"] == name]) for name in names]


def _percent(values):
    return f"{100 * mean(values):.2f} %"


def junk_table(results) -> str:
    """Return errors and AUROC as Markdown, one row per data set."""
    rows = [
        "| data | a third from | error without them | put aside | all teach | AUROC | "
        "found | own put aside | best other score |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, group in _grouped(results):
        errors = (
            _percent(r[part] for r in group)
            for part in ("error_without", "error", "error_all_teach")
        )
        least = min(r["auroc"] for r in group)
        scores = group[0].get("auroc_others", {})
        means = {key: mean(r["auroc_others"][key] for r in group) for key in scores}
        best = max(means, key=means.get, default="")
        other = f"{best}: {means[best]:.3f}" if best else ""
        rows.append(
            f"| {name} | {group[0]['others']} | {' | '.join(errors)} | "
            f"{mean(r['auroc'] for r in group):.3f} (least {least:.3f}) | "
            f"{_percent(r['caught'] for r in group)} | "
            f"{_percent(r['own_put_aside'] for r in group)} | {other} |"
        )
    return "\n".join(rows)


def unknown_table(results) -> str:
    """Return which digits are found as Markdown, one row per draw."""
    rows = ["| draw | digits found | not found |", "|---:|---:|---|"]
    for result in results:
        asked = result["asked"]
        missing = [d for d in asked if not any(map(_is_found, asked[d]))]
        rows.append(
            f"| {result['seed']} | {result['found']} of 10 | {', '.join(missing)} |"
        )
    return "\n".join(rows)


def clean_table(results) -> str:
    """Return what is found where nothing is foreign, one row per data set."""
    rows = [
        "| data | draws | put aside | draws with a needless question |",
        "|---|---:|---:|---:|",
    ]
    for name, group in _grouped(results):
        asked = sum(bool(result["groups"]) for result in group)
        aside = _percent(r["own_put_aside"] for r in group)
        rows.append(f"| {name} | {len(group)} | {aside} | {asked} |")
    return "\n".join(rows)


TABLES = {"junk": junk_table, "unknown": unknown_table, "clean": clean_table}


def table(results) -> str:
    """Return the three tables as Markdown."""
    tables = (
        make([result for result in results if result["recipe"] == kind])
        for kind, make in TABLES.items()
    )
    return "\n\n".join(tables)


if __name__ == "__main__":
    main()
