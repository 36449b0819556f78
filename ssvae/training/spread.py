"""The labels of a run spread over the graph of its images, and kept in its folder."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from ssvae.config.presets import GRADIENTS
from ssvae.config.settings import Config
from ssvae.data import UNLABELED, Dataset
from ssvae.features.cache import KEPT_DTYPE, KeptFeatures
from ssvae.features.extractor import extract
from ssvae.features.principal import principal_directions
from ssvae.files.atomic import replaced
from ssvae.graph.acquisition import NUM_SUGGESTIONS, suggest
from ssvae.graph.cache import KeptGraph
from ssvae.graph.construction import graph_rows, image_graph, neighbor_graph
from ssvae.graph.outside import classes_outside
from ssvae.graph.propagation import Propagation
from ssvae.runs.shares import AUTO, Shares, sentence
from ssvae.training.estimate import Estimate
from ssvae.training.outside import Outside, find_outside
from ssvae.training.putting_aside import FIND, within, without_outside
from ssvae.training.shares import shares_of_graph
from ssvae.training.teachers import Teacher, chosen_teacher
from ssvae.training.trusting import by_graph, trusted
from ssvae.types import PathLike, Say
from ssvae.vae.feature_classifier import (
    EXTRACTOR,
    NUM_DIRECTIONS,
    build_feature_classifier,
)

# The arrays of a sparse matrix, which a file holds by these names.
_GRAPH = ("data", "indices", "indptr")


@dataclass(frozen=True)
class Spread:
    """The graph and the pseudo-labels that came from spreading labels over it.

    Attributes:
        pseudo_labels: int array `(n,)`, one class per image of the data set; -1 for an
            image that no label reaches.
        rows: int array `(k,)`, indices of the images in the graph, ascending.
        graph: Sparse matrix `(k, k)`, the `image_graph` of these images.
        doubtful: bool array `(k,)`, images whose class depends on how far borders move.
        estimate: The accuracy to expect of the pseudo-labels; None if nobody knows.
        shares: `Shares` of the classes; None in a file of an older version.
    """

    pseudo_labels: np.ndarray
    rows: np.ndarray
    graph: sparse.csr_matrix
    doubtful: np.ndarray
    estimate: Estimate | None = None
    shares: Shares | None = None

    def save(self, path: PathLike) -> None:
        """Save it as an `.npz` file."""
        arrays = {name: getattr(self.graph, name) for name in _GRAPH}
        for name in ("pseudo_labels", "rows", "doubtful"):
            arrays[name] = getattr(self, name)
        if self.estimate is not None:
            arrays["estimate"] = list(vars(self.estimate).values())
        if self.shares is not None:
            arrays |= self.shares.arrays
        with replaced(path) as partial:
            np.savez(partial, **arrays)

    @classmethod
    def load(cls, path: PathLike) -> "Spread":
        """Load a file that `save` wrote."""
        with np.load(path) as kept:
            rows = kept["rows"]
            graph = tuple(kept[name] for name in _GRAPH)
            graph = sparse.csr_matrix(graph, shape=(len(rows), len(rows)))
            estimate = Estimate.of(kept["estimate"]) if "estimate" in kept else None
            shares = Shares.of(kept) if "shares" in kept else None
            spread = kept["pseudo_labels"], rows, graph, kept["doubtful"]
            return cls(*spread, estimate, shares)

    def to_label(self, dataset: Dataset, count: int = NUM_SUGGESTIONS) -> np.ndarray:
        """Return the images to label next, int64 array of indices, best first."""
        part = dataset.rows(self.rows)
        told = part.labeled, part.unlabeled, count, self.doubtful
        return self.rows[suggest(self.graph, *told)]


def spread_labels(
    dataset: Dataset, config: Config, shares: np.ndarray, path: Path, say: Say
) -> Spread:
    """Spread labels over a graph of similar images, or load what was kept of it.

    Images that the graph has no room for get the class of the nearest inside.

    Args:
        dataset: `Dataset` with the labels of the budget.
        config: `Config`; the settings of the graph are read.
        shares: Float array `(num_classes,)`, see `propagate_labels`.
        path: Path of the `.npz` file that keeps the result for a resumed run.
        say: Function that prints a line.
    """
    if path.exists():
        return Spread.load(path)
    rows = graph_rows(dataset, config.seed)
    part = dataset.rows(rows)
    some = "" if len(rows) == len(dataset.images) else f", {len(rows):,} of them"
    gradients = graph = _kept_graph(part.images, config, some, say)
    vectors = None
    if config.graph_features != GRADIENTS:
        vectors = backbone_vectors(part, config, say)
        graph = (graph + neighbor_graph(vectors)).tocsr()
    predict = by_graph(graph, len(shares), vectors)
    dataset = trusted(dataset, predict, path.parent, config, say, rows)
    inside = _inside(graph, part, dataset, rows, config, path, say)
    part = dataclasses.replace(part, labels=dataset.labels[rows])
    if len(inside) < len(rows):
        part = part.rows(inside)
        vectors = None if vectors is None else vectors[inside]
        gradients, graph = within(gradients, inside), within(graph, inside)
    ways: list[tuple[str, Propagation, np.ndarray | None]]
    ways = [(GRADIENTS, Propagation(gradients), None)]
    if vectors is not None:
        ways.append((config.graph_features, Propagation(graph), vectors))
    found = Shares.given(shares, config.class_prior)
    if config.class_prior == AUTO:
        found = shares_of_graph(ways[-1][1], part.labels, shares, config.seed)
        say(sentence(found.figures(dataset.class_names)))
    teachers = [
        Teacher(name, spreading, found.values, vectors, part.allowed)
        for name, spreading, vectors in ways
    ]
    taught = chosen_teacher(teachers, part.labels, config.border_steps, config.seed)
    say(taught.sentence)
    pseudo_labels = _of_all(taught.guesses, dataset, rows, inside, config)
    pseudo_labels = _as_told(pseudo_labels, dataset)
    known = pseudo_labels, rows[inside], graph, taught.doubtful
    spread = Spread(*known, taught.estimate, found)
    spread.save(path)
    return spread


def _inside(graph, part, dataset, rows, config, path, say):
    """Return the rows of the graph whose images belong to a class, ascending.

    What is found is kept beside `path`. `part` has all labels, `dataset` those that
    are learned from.
    """
    found = Outside.none(len(rows))
    if config.put_aside == FIND:
        believed = dataclasses.replace(part, labels=dataset.labels[rows])
        doubted = np.setdiff1d(part.labeled, believed.labeled)
        found = find_outside(graph, believed, config.seed, doubted)
    found = found.of_all(rows, len(dataset.images))
    left = without_outside(found, dataset, path.parent, say)
    return np.flatnonzero(~np.isin(rows, left.outside))


def _of_all(guesses, dataset, rows, inside, config):
    """Return the classes of all images from those of the images inside the graph.

    An image that the graph has no room for gets none if the nearest are of no class.
    """
    if len(rows) == len(dataset.images) == len(inside):
        return guesses
    classes = np.full(len(rows), dataset.num_classes)
    classes[inside] = guesses
    if len(rows) < len(dataset.images):
        every = classes_outside(dataset.images, rows, classes, config)
    else:
        every = classes
    every[every == dataset.num_classes] = UNLABELED
    return every


def _as_told(pseudo_labels, dataset):
    """Return pseudo-labels without those that are not in the group of a label."""
    if dataset.coarse is None:
        return pseudo_labels
    rows, allowed = dataset.coarse.rows, dataset.coarse.allowed
    guesses = pseudo_labels[rows]
    fits = (guesses >= 0) & allowed[np.arange(len(rows)), guesses]
    kept = pseudo_labels.copy()
    kept[rows] = np.where(fits, guesses, UNLABELED)
    return kept


def _kept_graph(images, config, some, say):
    """Return the graph of gradients, made before or made now."""
    kept = KeptGraph(images, config)
    graph = kept.load()
    made = "" if graph is None else ", made before"
    say(f"Spreading the labels over the graph of similar images{some}{made}.")
    if graph is None:
        graph = image_graph(images, config)
        kept.save(graph)
    return graph


def backbone_vectors(part: Dataset, config: Config, say: Say) -> np.ndarray:
    """Return the main directions of what the backbone sees, float32 `(n, d)`.

    Args:
        part: `Dataset` of the images.
        config: `Config`; `graph_features` and the settings of the backbone are read.
        say: Function that prints the progress.
    """
    config = config.replace(features=config.graph_features)
    channels = part.image_shape[-1]
    made = build_feature_classifier(channels, part.num_classes, config, True)
    extractor = made.get_layer(EXTRACTOR)
    kept = KeptFeatures(part.images, extractor, (KEPT_DTYPE,))
    features = kept.or_made(
        lambda: extract(extractor, part.images, say, dtype=KEPT_DTYPE)
    )
    size = min(NUM_DIRECTIONS, features.shape[1])
    return principal_directions(features, size, config.seed).project(features)
