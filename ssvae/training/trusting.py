"""Which labels of a run are learned from: all, or those that others do not contradict.

A run keeps what it found, so that it goes on with the same labels when it is resumed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.special import log_softmax, softmax

from ssvae.config.settings import Config
from ssvae.data import Dataset
from ssvae.files.tables import Table
from ssvae.graph.poisson import spread_probabilities
from ssvae.runs.folder import ISSUES_FILE
from ssvae.training.label_issues import LabelIssues, find_label_issues
from ssvae.training.label_turns import Predict
from ssvae.types import PathLike, Say
from ssvae.vae.labels_alone import fit_labels_alone
from ssvae.vae.mixture import corrections, fit_em

# Unlabeled images that predict left-out labels, at most, and rounds of EM: with more it
# takes longer and tells no better.
NUM_UNLABELED, NUM_ROUNDS = 10_000, 10
# Labels that are checked, at most: beyond, the time is better spent on other things.
MAX_LABELS = 5_000


def trusted(
    dataset: Dataset,
    predict: Predict,
    folder: Path,
    config: Config,
    say: Say,
    rows: np.ndarray | None = None,
) -> Dataset:
    """Return the data set without the labels that are not learned from.

    Args:
        dataset: `Dataset` with the labels of the budget.
        predict: What learns from labels and unlabeled images, and predicts all of them.
        folder: Path of the folder of the run, which keeps what was found.
        config: `Config`; `trust_labels` and `seed` are read.
        say: Function that prints a line.
        rows: int array `(k,)`, the images that `predict` is of, ascending, all labeled
            ones among them; None for all images.
    """
    path = folder / ISSUES_FILE
    issues = LabelIssues.load(path)
    if issues is None and len(dataset.labeled) <= MAX_LABELS:
        labels = dataset.labels if rows is None else dataset.labels[rows]
        issues = find_label_issues(predict, labels, config.seed)
        if issues is not None:
            if rows is not None:
                issues = dataclasses.replace(issues, rows=rows[issues.rows])
            if config.trust_labels == "all":
                issues = issues.trusting_all()
            issues.save(path)
            if told := issues.sentence():
                say(told)
    return dataset if issues is None else issues.trusted(dataset)


def save_list(
    issues: LabelIssues,
    path: PathLike,
    class_names: Sequence[str],
    files: Sequence[str] | None = None,
) -> None:
    """Write all labels as CSV, those that are likeliest to be wrong first.

    A row holds the image's index, its label, the likeliest other class, the probability
    that the label is wrong, whether the label was learned from, and the image's file.
    The other class and the probability are empty where nothing is known.

    Args:
        issues: What was found.
        path: Path of the file to write.
        class_names: One name per class.
        files: Path of each image of the data set; None if its images are no files.
    """
    order = issues.order
    rows = issues.rows[order].tolist()
    known = ~np.isnan(issues.wrong[order])
    each = zip(issues.likely[order], issues.wrong[order], known, strict=True)
    others = [(class_names[c], f"{p:.4f}") if k else ("", "") for c, p, k in each]
    columns = {
        "index": np.array(rows, np.int64),
        "label": [class_names[index] for index in issues.given[order]],
        "rather": [name for name, _ in others],
        "wrong": [probability for _, probability in others],
        "learned from": ["no" if d else "yes" for d in issues.distrusted[order]],
    }
    if files:
        columns["file"] = [files[row] for row in rows]
    with Table(path) as table:
        table.write(columns)


def by_vectors(
    vectors: np.ndarray,
    labels: np.ndarray,
    shares: np.ndarray,
    seed: int,
    outside: Sequence[int] | np.ndarray = (),
) -> Predict:
    """Return a function that predicts classes by a mixture of Gaussians.

    Args:
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled. Those that the function
            gets are some of them.
        shares: Float array `(num_classes,)`; see `class_shares`.
        seed: Seed of the draw of unlabeled images, if there are more than enough.
        outside: Indices of images that belong to no class: nothing is learned from
            them.
    """
    order = np.random.default_rng((seed, 20)).permutation(len(vectors))
    order = order[~np.isin(order, outside)]
    labeled = labels[order] >= 0
    rows = np.concatenate([order[labeled], order[~labeled][:NUM_UNLABELED]])
    some = vectors[rows]

    def predict(known):
        told = known[rows]
        alone = fit_labels_alone(some[told >= 0], told[told >= 0], len(shares))
        values = alone(some)
        start = softmax(values + corrections(values, shares), axis=1)
        mixture = fit_em(some, told, start, shares, num_rounds=NUM_ROUNDS)
        return mixture.classifier()(vectors)

    return predict


def by_graph(
    graph: sparse.csr_matrix, num_classes: int, vectors: np.ndarray | None = None
) -> Predict:
    """Return a function that predicts classes by labels that spread over a graph.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        num_classes: Number of classes.
        vectors: float32 array `(n, d)`, features from which the labels alone give
            evidence beside the graph; None for none.
    """

    def predict(known):
        spread = spread_probabilities(graph, known, num_classes)
        values = np.log(np.maximum(spread, 1e-20))
        if vectors is not None:
            told = known >= 0
            alone = fit_labels_alone(vectors[told], known[told], num_classes)
            values = values + log_softmax(alone(vectors), axis=1)
        return values

    return predict
