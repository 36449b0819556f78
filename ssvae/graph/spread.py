"""The labels of a run spread over the graph of its images, and kept in its folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from ssvae.config.settings import Config
from ssvae.data import UNLABELED, Dataset
from ssvae.files.atomic import replaced
from ssvae.graph.acquisition import suggest
from ssvae.graph.cache import KeptGraph
from ssvae.graph.construction import graph_rows, image_graph
from ssvae.graph.propagation import propagate_labels
from ssvae.types import PathLike, Say

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
    """

    pseudo_labels: np.ndarray
    rows: np.ndarray
    graph: sparse.csr_matrix

    def save(self, path: PathLike) -> None:
        """Save it as an `.npz` file."""
        graph = {name: getattr(self.graph, name) for name in _GRAPH}
        with replaced(path) as partial:
            np.savez(partial, pseudo_labels=self.pseudo_labels, rows=self.rows, **graph)

    @classmethod
    def load(cls, path: PathLike) -> "Spread":
        """Load a file that `save` wrote."""
        with np.load(path) as kept:
            size = len(kept["rows"])
            graph = tuple(kept[name] for name in _GRAPH)
            graph = sparse.csr_matrix(graph, shape=(size, size))
            return cls(kept["pseudo_labels"], kept["rows"], graph)

    def to_label(self, dataset: Dataset) -> np.ndarray:
        """Return the images to label next, int64 array of indices, best first."""
        part = dataset.rows(self.rows)
        return self.rows[suggest(self.graph, part.labeled, part.unlabeled)]


def spread_labels(
    dataset: Dataset, config: Config, shares: np.ndarray, path: Path, say: Say
) -> Spread:
    """Spread labels over a graph of similar images, or load what was kept of it.

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
    some = "" if len(rows) == len(dataset.images) else f", {len(rows):,} of them"
    part = dataset.rows(rows)
    kept = KeptGraph(part.images, config)
    graph = kept.load()
    made = "" if graph is None else ", made before"
    say(f"Spreading the labels over the graph of similar images{some}{made}.")
    if graph is None:
        graph = image_graph(part.images, config)
        kept.save(graph)
    pseudo_labels = np.full(len(dataset.images), UNLABELED)
    pseudo_labels[rows] = propagate_labels(graph, part, shares, config.border_steps)
    spread = Spread(pseudo_labels, rows, graph)
    spread.save(path)
    return spread
