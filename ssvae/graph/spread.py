"""Labels spread over the graph of a run's images, and kept while it trains."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ssvae.data import UNLABELED
from ssvae.files.atomic import replaced
from ssvae.graph.acquisition import suggest
from ssvae.graph.cache import KeptGraph
from ssvae.graph.construction import graph_rows, image_graph
from ssvae.graph.propagation import propagate_labels

# What a sparse matrix is made of, in a file.
_GRAPH = ("data", "indices", "indptr")


@dataclass(frozen=True)
class Spread:
    """What the labels were spread over, and what came of it.

    Attributes:
        pseudo_labels: int array `(n,)`, a class for every image of the data set, -1
            where no label leads to it.
        rows: int array `(k,)`, the images that the graph is of, ascending.
        graph: Sparse matrix `(k, k)`, their `image_graph`.
    """

    pseudo_labels: np.ndarray
    rows: np.ndarray
    graph: sparse.csr_matrix

    def save(self, path):
        """Save it, an `.npz` file."""
        graph = {name: getattr(self.graph, name) for name in _GRAPH}
        with replaced(path) as partial:
            np.savez(partial, pseudo_labels=self.pseudo_labels, rows=self.rows, **graph)

    @classmethod
    def load(cls, path) -> "Spread":
        """Load what `save` saved."""
        with np.load(path) as kept:
            size = len(kept["rows"])
            graph = tuple(kept[name] for name in _GRAPH)
            graph = sparse.csr_matrix(graph, shape=(size, size))
            return cls(kept["pseudo_labels"], kept["rows"], graph)

    def to_label(self, dataset) -> np.ndarray:
        """Return which images to label next, int64 array, the most wanted first."""
        part = dataset.rows(self.rows)
        return self.rows[suggest(self.graph, part.labeled, part.unlabeled)]


def spread_labels(dataset, config, shares, path, say) -> Spread:
    """Spread labels over a graph of similar images, or load what came of it before.

    Args:
        dataset: `Dataset` with the labels of the budget.
        config: `Config`, of which the graph's settings are read.
        shares: Float array `(num_classes,)`, see `propagate_labels`.
        path: Path of the `.npz` file that keeps it for when a run has to go on.
        say: Function that is told what is done.
    """
    if path.exists():
        return Spread.load(path)
    rows = graph_rows(dataset, config.seed)
    whose = "" if len(rows) == len(dataset.images) else f", of {len(rows):,} of them"
    part = dataset.rows(rows)
    kept = KeptGraph(part.images, config)
    graph = kept.load()
    made = "" if graph is None else ", made before"
    say(f"Spreading the labels over the graph of similar images{whose}{made}.")
    if graph is None:
        graph = image_graph(part.images, config)
        kept.save(graph)
    pseudo_labels = np.full(len(dataset.images), UNLABELED)
    pseudo_labels[rows] = propagate_labels(graph, part, shares, config.border_steps)
    spread = Spread(pseudo_labels, rows, graph)
    spread.save(path)
    return spread
