"""Images that seem to belong to no class: groups of images that no label is among.

Labels are drawn from the classes. If a group of similar images were a part of a class,
some of the labels of this class would lie in it, unless that is unlikely by chance: the
group is small, or the labels are few. So a group that should hold labels and holds none
belongs to no class.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import logsumexp
from scipy.stats import binom

from ssvae.data import Dataset
from ssvae.files.atomic import replaced
from ssvae.graph.poisson import spread_probabilities
from ssvae.graph.walk import random_walk
from ssvae.training.cluster_tree import cluster_tree, small_clusters
from ssvae.types import PathLike

# Evidence from which on a group is put aside, and from which on it is asked about: log
# of how much likelier its labels are if it belongs to no class. After one group was put
# aside others are likelier: the lower limit holds.
SURE, WORTH_ASKING = np.log(200), np.log(30)
# Chance that a label lies in a group that belongs to no class, as its neighbors do; and
# that an image of which somebody said that it belongs to none lies among those that
# belong to one.
STRAY, STRAY_SAID = 0.01, 0.1
# Part of a small cluster's walks, beyond which it goes with the group where they end.
MAJORITY = 0.5
# Steps of the walk by which images vote on each other, and rounds of votes.
NUM_STEPS, NUM_ROUNDS = 10, 3
# Labels of one class, at least: of fewer nothing can be told.
LEAST_LABELS = 2


@dataclass(frozen=True)
class Outside:
    """Groups of images that look like each other and like none of the classes.

    Attributes:
        groups: int64 array `(n,)`, number of the group of each image, from 0; -1 for
            none.
        evidence: float64 array, that of each group, see `SURE`.
        sure: bool array, whether each group is put aside.
        strangeness: float32 array `(n,)`, 0 to 1: the part of the images around each
            image that are in one of the groups.
    """

    groups: np.ndarray
    evidence: np.ndarray
    sure: np.ndarray
    strangeness: np.ndarray

    @classmethod
    def none(cls, count: int) -> Outside:
        """Return that nothing was found among so many images."""
        empty = np.zeros(0)
        groups, zeros = np.full(count, -1), np.zeros(count, np.float32)
        return cls(groups, empty, empty.astype(bool), zeros)

    @property
    def rows(self) -> np.ndarray:
        """Indices of the images that are put aside, int64, ascending."""
        return np.flatnonzero(np.isin(self.groups, np.flatnonzero(self.sure)))

    def of_all(self, rows: np.ndarray, count: int) -> Outside:
        """Return the same for all images: what was found among some of them.

        Args:
            rows: int array, indices of these images.
            count: Number of all images; of the others nothing is known.
        """
        if len(rows) == count:
            return self
        every = Outside.none(count)
        every.groups[rows], every.strangeness[rows] = self.groups, self.strangeness
        return dataclasses.replace(
            self, groups=every.groups, strangeness=every.strangeness
        )

    def put_aside(self, dataset: Dataset) -> Dataset:
        """Return a data set in which these images belong to no class."""
        outside = np.union1d(dataset.outside, self.rows)
        held_out = np.setdiff1d(dataset.held_out, outside)
        return dataclasses.replace(dataset, outside=outside, held_out=held_out)

    def save(self, path: PathLike) -> None:
        """Save it as an `.npz` file."""
        with replaced(path) as partial:
            np.savez(partial, **vars(self))

    @classmethod
    def load(cls, path: PathLike) -> Outside:
        """Load a file that `save` wrote."""
        with np.load(path) as kept:
            return cls(**kept)

    @property
    def sizes(self) -> list[int]:
        """Images in each group."""
        members = self.groups[self.groups >= 0]
        return np.bincount(members, minlength=len(self.sure)).tolist()


def find_outside(graph: sparse.csr_matrix, dataset: Dataset, seed: int) -> Outside:
    """Find the groups of images that belong to no class.

    Args:
        graph: Symmetric sparse matrix `(n, n)`, the images' graph of neighbors.
        dataset: `Dataset` of these images, with the labels of the budget; `outside` are
            the images of which somebody said that they belong to no class.
        seed: Seed of the clusters.
    """
    counts = np.bincount(dataset.labels[dataset.labeled], minlength=1)
    if counts.max() < LEAST_LABELS and not len(dataset.outside):
        return Outside.none(graph.shape[0])
    # How near neighbors are does not matter here: copies would drown all others.
    edges = graph.astype(np.float32)
    edges.data = np.ones_like(edges.data)
    clusters = small_clusters(edges, seed)
    weights = _between(edges, clusters)
    found = _Evidence.of(clusters, dataset, edges).found(cluster_tree(weights))
    if not found and not len(dataset.outside):
        return Outside.none(graph.shape[0])
    evidence = np.array([value for value, _ in found])
    sure = evidence >= SURE
    shape = len(found), len(weights)
    members = np.array([leaves for _, leaves in found], bool).reshape(shape)
    members = _completed(members, weights, _holding_labels(clusters, dataset))
    groups = np.full(graph.shape[0], -1)
    # Without any there are those that people named alone.
    if found:
        groups = np.where(members.any(axis=0), members.argmax(axis=0), -1)[clusters]
    if len(dataset.outside):
        # What people said makes a group of its own, where it lies in no other.
        said = dataset.outside[~np.isin(groups[dataset.outside], np.flatnonzero(sure))]
        groups[said] = len(found)
        evidence, sure = np.append(evidence, np.inf), np.append(sure, True)
    return _voted(edges, groups, evidence, sure, dataset)


def _between(graph, clusters):
    """Return the weights of the edges between clusters, float array `(k, k)`."""
    shape = len(clusters), clusters.max() + 1
    places = np.arange(shape[0]), clusters
    members = sparse.csr_matrix((np.ones(shape[0], np.float32), places), shape)
    return (members.T @ graph @ members).toarray().astype(np.float64)


def _known(dataset):
    """Return the images that belong to a class, of which perhaps a group is known."""
    if dataset.coarse is None:
        return dataset.labeled
    return np.union1d(dataset.labeled, dataset.coarse.rows)


def _holding_labels(clusters, dataset):
    """Return which small clusters hold labels, bool array `(k,)`."""
    return np.bincount(clusters[_known(dataset)], minlength=clusters.max() + 1) > 0


@dataclass(frozen=True)
class _Evidence:
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
    def of(cls, clusters, dataset, graph):
        """Count what is known in each cluster."""
        num_classes = dataset.num_classes
        spread = spread_probabilities(graph, dataset.labels, num_classes)
        masses = np.zeros((clusters.max() + 1, num_classes))
        np.add.at(masses, clusters, spread)

        def count(rows):
            return np.bincount(clusters[rows], minlength=len(masses)).astype(float)

        known, said = count(_known(dataset)), count(dataset.outside)
        return cls(masses, known, said, np.array(dataset.class_counts))

    def found(self, nodes):
        """Return evidence and small clusters of what is worth asking, surest first.

        After each group the others are judged anew: its images are of no class, so what
        is left of the classes is less.
        """
        found, rest = [], np.ones(len(self.masses), bool)
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


def _completed(members, weights, labeled):
    """Return groups with the small clusters without labels that hang on to them.

    A random walk goes from such a cluster until it comes to one that holds labels, or
    to one of a group that is put aside.

    Args:
        members: bool array `(groups, k)`, small clusters of each group.
        weights: Float array `(k, k)`, edges between small clusters.
        labeled: bool array `(k,)`, which small clusters hold labels.
    """
    ends = members.any(axis=0) | labeled
    rest = np.flatnonzero(~ends)
    if not len(rest) or not len(members):
        return members
    walk = weights - np.diag(np.diag(weights))
    walk /= np.maximum(walk.sum(axis=1, keepdims=True), 1e-12)
    inner = np.eye(len(rest)) - walk[np.ix_(rest, rest)]
    # A little less than certain, so that there is a solution for clusters without ends.
    inner[np.diag_indices_from(inner)] += 1e-9
    arrived = np.linalg.solve(inner, walk[rest] @ members.T)
    completed = members.copy()
    away = arrived.sum(axis=1) > MAJORITY
    completed[arrived[away].argmax(axis=1), rest[away]] = True
    return completed


def _voted(graph, groups, evidence, sure, dataset):
    """Return the groups after images voted on their neighbors, and the strangeness.

    What is known of an image stays.
    """
    walk, known, said = random_walk(graph), _known(dataset), dataset.outside
    given = groups[said]
    for _ in range(NUM_ROUNDS):
        groups[known], groups[said] = -1, given
        # The last column is for no group.
        votes = np.eye(len(sure) + 1, dtype=np.float32)[groups]
        for _ in range(NUM_STEPS):
            votes = 0.5 * votes + 0.5 * (walk @ votes)
        groups = votes.argmax(axis=1)
        groups[groups == len(sure)] = -1
    groups[known], groups[said] = -1, given
    strange = votes[:, :-1].sum(axis=1)
    strange[known], strange[said] = 0, 1
    # Some groups lose all their images to their neighbors.
    left = np.bincount(groups[groups >= 0], minlength=len(sure)) > 0
    groups = np.where(groups >= 0, (np.cumsum(left) - 1)[groups], -1)
    return Outside(groups, evidence[left], sure[left], strange.astype(np.float32))
