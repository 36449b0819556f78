"""Images of which no label is known: clusters, a map, and which to label first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import Dataset
from ssvae.errors import InputError
from ssvae.evaluation.places import LEAST, map_vectors
from ssvae.graph.clusters import find_clusters
from ssvae.graph.construction import graph_rows, neighbor_graph
from ssvae.graph.neighbors import nearest_to
from ssvae.graph.typical import typical_images
from ssvae.training.compared import compared, comparing
from ssvae.training.suggesting import SPARE, without_copies
from ssvae.types import Say


@dataclass(frozen=True)
class Explored:
    """What is found among images without labels.

    Attributes:
        config: `Config` with the features that the images were compared by.
        vectors: float32 array `(n, d)`, these features in their main directions.
        clusters: int64 array `(n,)`, numbers of clusters from 0, the largest first.
        places: float32 array `(n, 2)`, places on a map.
        to_label: int64 array `(k,)`, indices of the images to label first, best first.
    """

    config: Config
    vectors: np.ndarray
    clusters: np.ndarray
    places: np.ndarray
    to_label: np.ndarray


def explore(
    dataset: Dataset,
    config: Config,
    say: Say,
    progress: Callable[[int, int], None] | None = None,
) -> Explored:
    """Compare images, and find what they tell without any label.

    Args:
        dataset: `Dataset`; its labels are not read.
        config: `Config`; see `comparing`. `suggest` is the number of images to label.
        say: Function that prints a line.
        progress: Function that is told how many images are done, and of how many.

    Raises:
        InputError: If there are too few images.
    """
    dataset = dataset.with_labels([], [])
    if len(dataset.unlabeled) < LEAST:
        raise InputError(
            f"data set {dataset.name!r} has {len(dataset.unlabeled)} images to find "
            f"clusters in: need {LEAST} or more"
        )
    config = comparing(config, dataset)
    say(f"Features: {config.features}.")
    vectors, _ = compared(dataset, config, None, None, progress)
    say("Looking for clusters, and for what to label first.")
    rows = graph_rows(dataset, config.seed)
    graph = neighbor_graph(vectors[rows])
    clusters = find_clusters(graph)
    typical = typical_images(
        vectors, np.zeros(0, np.int64), dataset.unlabeled, SPARE * config.suggest
    )
    to_label = without_copies(dataset, typical)[: config.suggest]
    say("Drawing the map.")
    places = map_vectors(vectors)
    everywhere = _of_all(vectors, rows, clusters)
    return Explored(config, vectors, everywhere, places, to_label)


def _of_all(vectors, rows, clusters):
    """Return the clusters of all images: outside the graph, those of the nearest."""
    found = np.zeros(len(vectors), np.int64)
    found[rows] = clusters
    others = np.setdiff1d(np.arange(len(vectors)), rows)
    _, near = nearest_to(vectors[others], vectors[rows], 1)
    found[others] = clusters[near[:, 0]]
    return found
