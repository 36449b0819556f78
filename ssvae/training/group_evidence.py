"""What speaks for or against that small clusters of images belong to no class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import logsumexp
from scipy.stats import binom

from ssvae.data import Dataset
from ssvae.graph.poisson import spread_probabilities

# Evidence from which on a group is asked about: log of how much likelier its labels are
# if it belongs to no class.
WORTH_ASKING = np.log(30)
# Chance that a label lies in a group that belongs to no class, as its neighbors do; and
# that an image of which somebody said that it belongs to none lies among those that
# belong to one.
STRAY, STRAY_SAID = 0.01, 0.1


def known_images(dataset: Dataset) -> np.ndarray:
    """Return the images that belong to a class, of which perhaps a group is known.

    Args:
        dataset: `Dataset` with the labels of the budget.

    Returns:
        int64 array of ascending indices.
    """
    if dataset.coarse is None:
        return dataset.labeled
    return np.union1d(dataset.labeled, dataset.coarse.rows)


def holding_labels(clusters: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Return which small clusters hold labels, bool array `(k,)`.

    Args:
        clusters: int array `(n,)`, number of the small cluster of each image, from 0.
        dataset: `Dataset` of these images.
    """
    return (
        np.bincount(clusters[known_images(dataset)], minlength=clusters.max() + 1) > 0
    )


@dataclass(frozen=True)
class Evidence:
    """What speaks for or against that small clusters belong to no class.

    Attributes:
        masses: Float array `(k, num_classes)`, images of each small cluster, by the
            class that labels give them when they spread.
        labels: Float array `(k,)`, images whose class or group of classes is known.
        said: Float array `(k,)`, images of which somebody said that they have none.
        counts: int array `(num_classes,)`, labels of each class.
    """

    masses: np.ndarray
    labels: np.ndarray
    said: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(
        cls, clusters: np.ndarray, dataset: Dataset, graph: sparse.csr_matrix
    ) -> Evidence:
        """Count what is known in each cluster.

        Args:
            clusters: int array `(n,)`, number of the small cluster of each image.
            dataset: `Dataset` of these images.
            graph: Symmetric sparse matrix `(n, n)` of weights, over which the labels
                spread.
        """
        num_classes = dataset.num_classes
        spread = spread_probabilities(graph, dataset.labels, num_classes)
        masses = np.zeros((clusters.max() + 1, num_classes))
        np.add.at(masses, clusters, spread)

        def count(rows):
            return np.bincount(clusters[rows], minlength=len(masses)).astype(float)

        known, said = count(known_images(dataset)), count(dataset.outside)
        return cls(masses, known, said, np.array(dataset.class_counts))

    def found(self, nodes: np.ndarray) -> list[tuple[float, np.ndarray]]:
        """Return evidence and small clusters of what is worth asking, surest first.

        After each group the others are judged anew: its images are of no class, so what
        is left of the classes is less.

        Args:
            nodes: bool array `(m, k)`, the clusters of `cluster_tree`.
        """
        found: list[tuple[float, np.ndarray]] = []
        rest = np.ones(len(self.masses), bool)
        while True:
            open_ones = nodes[~(nodes & ~rest).any(axis=1)]
            values = [self._of_group(node, rest) for node in open_ones]
            best = int(np.argmax(values)) if values else 0
            if not values or values[best] < WORTH_ASKING:
                return found
            found.append((values[best], open_ones[best]))
            rest &= ~open_ones[best]

    def _of_group(self, node, rest):
        """Return the evidence that some small clusters belong to no class.

        If they were a part of class c, a label of c would be among them with chance
        s / (s + m), where s are its images and m the other ones of the class. The class
        is the one that labels give when they spread.
        """
        inside = self.masses[node].sum(axis=0)
        size, labels = inside.sum(), self.labels[node].sum()
        others = np.maximum(self.masses[rest & ~node].sum(axis=0), 1)
        chances = binom.logcdf(labels, self.counts, size / (size + others))
        known = self.counts > 0
        belongs = logsumexp(chances[known], b=(inside / inside[known].sum())[known])
        said = -self.said[node].sum() * np.log(STRAY_SAID)
        return labels * np.log(STRAY) - belongs + said
