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

from ssvae.data import Dataset
from ssvae.files.atomic import replaced
from ssvae.training.cluster_tree import cluster_tree, small_clusters
from ssvae.training.group_evidence import (
    STRAY,
    WORTH_ASKING,
    Evidence,
    holding_labels,
)
from ssvae.training.group_votes import completed, voted
from ssvae.types import PathLike

# Evidence from which on a group is put aside, see `group_evidence`. After one group was
# put aside others are likelier: those that are worth asking about are asked about.
SURE = np.log(200)
# Labels of one class, at least: of fewer nothing can be told.
LEAST_LABELS = 2
# Indices of no image.
NOTHING = np.zeros(0, np.int64)


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


def find_outside(
    graph: sparse.csr_matrix,
    dataset: Dataset,
    seed: int,
    doubted: np.ndarray = NOTHING,
) -> Outside:
    """Find the groups of images that belong to no class.

    Args:
        graph: Symmetric sparse matrix `(n, n)`, the images' graph of neighbors.
        dataset: `Dataset` of these images, with the labels of the budget; `outside` are
            the images of which somebody said that they belong to no class.
        seed: Seed of the clusters.
        doubted: int array, images whose label is not learned from, because it seems to
            name the wrong class. Somebody saw a class there: that speaks against a
            group of no class around them.
    """
    counts = np.bincount(dataset.labels[dataset.labeled], minlength=1)
    if counts.max() < LEAST_LABELS and not len(dataset.outside):
        return Outside.none(graph.shape[0])
    # How near neighbors are does not matter here: copies would drown all others.
    edges = graph.astype(np.float32)
    edges.data = np.ones_like(edges.data)
    groups, evidence = _groups(edges, dataset, seed)
    if not len(evidence):
        return Outside.none(graph.shape[0])
    groups, votes = voted(edges, groups, len(evidence), dataset)
    # A label counts by how many of the images around it are in the group.
    evidence = evidence + votes[doubted].sum(axis=0) * np.log(STRAY)
    # Some groups lose all their images to their neighbors.
    sizes = np.bincount(groups[groups >= 0], minlength=len(evidence))
    kept = (sizes > 0) & (evidence >= WORTH_ASKING)
    if not kept.any():
        return Outside.none(graph.shape[0])
    numbers = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
    groups, evidence = numbers[groups], evidence[kept]
    if kept.sum() < np.count_nonzero(sizes):
        groups, votes = voted(edges, groups, len(evidence), dataset)
    return Outside(groups, evidence, evidence >= SURE, votes.sum(axis=1))


def _groups(edges, dataset, seed):
    """Return the group of each image, -1 for none, and the evidence of each group."""
    clusters = small_clusters(edges, seed)
    weights = _between(edges, clusters)
    found = Evidence.of(clusters, dataset, edges).found(cluster_tree(weights))
    evidence = np.array([value for value, _ in found])
    groups = np.full(len(clusters), -1)
    # Without any there are those that people named alone.
    if found:
        members = np.array([leaves for _, leaves in found], bool)
        members = completed(members, weights, holding_labels(clusters, dataset))
        groups = np.where(members.any(axis=0), members.argmax(axis=0), -1)[clusters]
    if len(dataset.outside):
        # What people said makes a group of its own, where it lies in no other.
        sure = np.flatnonzero(evidence >= SURE)
        said = dataset.outside[~np.isin(groups[dataset.outside], sure)]
        groups[said] = len(found)
        evidence = np.append(evidence, np.inf)
    return groups, evidence


def _between(graph, clusters):
    """Return the weights of the edges between clusters, float array `(k, k)`."""
    shape = len(clusters), clusters.max() + 1
    places = np.arange(shape[0]), clusters
    members = sparse.csr_matrix((np.ones(shape[0], np.float32), places), shape)
    return (members.T @ graph @ members).toarray().astype(np.float64)
