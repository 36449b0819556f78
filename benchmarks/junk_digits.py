"""The digits of `junk.py`: clothes among them, and digits that nobody labels."""

import numpy as np
from junk_counts import counts_alone, counts_of
from sklearn.metrics import roc_auc_score

from ssvae.benchmark.grey_sets import FASHION, MNIST, kept_graph, spread_over_graph
from ssvae.benchmark.labels import labels_only, with_labels
from ssvae.benchmark.script import say
from ssvae.config.settings import Config
from ssvae.data import Dataset, draw_labels, load_dataset
from ssvae.training.outside import find_outside

# Digits, and clothes among them: as many as a graph is made of in seconds.
DIGITS, CLOTHES = 12_000, 6_000
NAMES = tuple(map(str, range(10)))


def digits_and_clothes(each, seed):
    """Return errors and AUROC of digits among which a third are clothes.

    Args:
        each: Labels per class.
        seed: Seed of the draw.
    """
    rng = np.random.default_rng((seed, 78))
    images, classes = some_images(MNIST, DIGITS, rng)
    clothes, _ = some_images(FASHION, CLOTHES, rng)
    both = np.concatenate([images, clothes])
    draw = draw_labels(classes, 10 * each, 10, seed)

    def spread(images, put_aside):
        labels = with_labels(len(images), *draw)
        dataset = Dataset("digits", images, labels, NAMES, None)
        config = Config(seed=seed, put_aside=put_aside, class_prior="uniform")
        spread, found, _ = spread_over_graph(dataset, config, say)
        wrong = (spread.pseudo_labels[:DIGITS] != classes)[labels[:DIGITS] < 0]
        return float(wrong.mean()), found, labels < 0

    strange = np.arange(len(both)) >= DIGITS
    error, found, unlabeled = spread(both, "auto")
    auroc = roc_auc_score(strange[unlabeled], found.strangeness[unlabeled])
    return {
        "others": FASHION,
        "num_labels": 10 * each,
        "error_without": spread(images, "none")[0],
        "error": error,
        "error_all_teach": spread(both, "none")[0],
        "auroc": float(auroc),
        **counts_of(found, strange & unlabeled, ~strange & unlabeled),
    }


def unknown_digits(each, seed):
    """Return the groups that are asked about if a digit is never labeled, by digit.

    Args:
        each: Labels per class.
        seed: Seed of the draw.
    """
    graph, classes = graph_of_digits(seed)
    asked = {}
    for digit in range(10):
        others = np.where(classes == digit, -1, classes - (classes > digit))
        draw = draw_labels(others, 9 * each, 9, seed)
        labels = with_labels(len(classes), *draw)
        found = find_outside(graph, labels_only(labels, NAMES[:9]), seed)
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
    return asked


def digits_alone(each, seed):
    """Return what is found among digits alone.

    Args:
        each: Labels per class.
        seed: Seed of the draw.
    """
    graph, classes = graph_of_digits(seed)
    draw = draw_labels(classes, 10 * each, 10, seed)
    labels = with_labels(len(classes), *draw)
    found = find_outside(graph, labels_only(labels, NAMES), seed)
    return counts_alone(found, labels < 0)


def graph_of_digits(seed):
    """Return a graph of digits, kept on the disk, and the digits' classes."""
    images, classes = some_images(MNIST, DIGITS, np.random.default_rng((seed, 78)))
    return kept_graph(images, Config(seed=seed)), classes


def some_images(name, count, rng):
    """Return some images of a data set that has a name, and their classes."""
    dataset = load_dataset(name)
    rows = rng.permutation(len(dataset.images))[:count]
    return dataset.images[rows], dataset.labels[rows]
