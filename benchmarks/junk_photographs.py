"""The photographs of `junk.py`: what is told apart among them, and what it does."""

import numpy as np
from junk_counts import counts_alone, counts_of
from PIL import Image, ImageOps
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

from ssvae.benchmark.field_sets import (
    labels_per_class,
    open_set,
    suited_features,
    with_features,
)
from ssvae.benchmark.labels import equal_shares, labels_only, with_labels
from ssvae.benchmark.script import say
from ssvae.config.settings import Config
from ssvae.features.cache import KEPT_DTYPE
from ssvae.features.extractor import extract
from ssvae.features.principal import principal_directions
from ssvae.graph.neighbors import nearest_to
from ssvae.training.putting_aside import believe_inside, outside_of_vectors
from ssvae.vae.feature_classifier import (
    EXTRACTOR,
    NUM_DIRECTIONS,
    build_feature_classifier,
)
from ssvae.vae.mixture import fit_em

# Part of the images that is the test part.
TEST = 1 / 4
# Images of the other data set, at most.
NUM_OTHERS = 2_000


def photographs_alone(path, each, seed):
    """Return what is found in a data set in which nothing is foreign.

    Args:
        path: Path of the data set.
        each: Labels per class.
        seed: Seed of the draw.
    """
    field_set, features = with_features(path, say)
    names = field_set.class_names
    draw = labels_per_class(field_set.labels, each, len(names), seed)
    labels = with_labels(len(features), *draw)
    vectors = directions_of(features, seed).project(features)
    found = outside_of_vectors(vectors, labels_only(labels, names), seed)
    return counts_alone(found, labels < 0)


def photographs_and_others(path, others, each, seed):
    """Return errors and AUROC where a third is from another data set.

    Args:
        path: Path of the data set.
        others: Path of the other one.
        each: Labels per class.
        seed: Seed of the draw.
    """
    field_set, features = with_features(path, say)
    classes, names = field_set.labels, field_set.class_names
    junk = features_as(others, field_set.images.shape[1:])
    rng = np.random.default_rng((seed, 77))
    order = rng.permutation(len(features))
    test, train = np.split(order, [round(TEST * len(order))])
    rows, given = labels_per_class(classes[train], each, len(names), seed)
    chosen = rng.permutation(len(junk))[: (len(train) - len(rows)) // 2]
    own, both = features[train], np.concatenate([features[train], junk[chosen]])
    labels = with_labels(len(both), rows, given)
    every = labels_only(labels, names)
    alone = labels_only(labels[: len(train)], names)

    def learned(features_seen, dataset):
        directions = directions_of(features_seen, seed)
        vectors = directions.project(features_seen)
        shares = equal_shares(dataset.labels, names)
        belief = believe_inside(vectors, dataset, shares, seed)
        told = belief.linear(directions.project(features[test])).argmax(axis=1)
        return vectors, belief, float(np.mean(told != classes[test]))

    _, _, without = learned(own, alone)
    vectors, belief, ignored = learned(both, every)
    found = outside_of_vectors(vectors, every, seed)
    _, _, aside = learned(both, found.put_aside(every))
    strange, unlabeled = np.arange(len(labels)) >= len(train), labels < 0

    def auroc(score):
        return float(roc_auc_score(strange[unlabeled], score[unlabeled]))

    return {
        "others": others.name,
        "num_labels": len(rows),
        "error_without": without,
        "error": aside,
        "error_all_teach": ignored,
        "auroc": auroc(found.strangeness),
        "auroc_others": other_scores(vectors, labels, belief, auroc),
        **counts_of(found, strange & unlabeled, ~strange & unlabeled),
    }


def other_scores(vectors, labels, belief, auroc):
    """Return the AUROC of scores that need no groups, by name."""

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


def features_as(path, shape):
    """Return features of some images of a data set, scaled to another shape."""
    images = open_set(path).images
    rows = np.random.default_rng(5).permutation(len(images))[:NUM_OTHERS]
    scaled = np.stack([as_shape(image, shape) for image in images[rows]])
    config = Config(features=suited_features(NUM_OTHERS, shape))
    made = build_feature_classifier(shape[-1], 2, config, True)
    return extract(made.get_layer(EXTRACTOR), scaled, say, dtype=KEPT_DTYPE)


def as_shape(image, shape):
    """Return an image scaled until it covers a shape, cut around the center."""
    height, width, channels = shape
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture = picture.convert("L" if channels == 1 else "RGB")
    fitted = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(fitted).reshape(shape)


def directions_of(features, seed):
    """Return main directions of features, as training computes them."""
    size = min(NUM_DIRECTIONS, features.shape[1])
    return principal_directions(features, size, seed)
