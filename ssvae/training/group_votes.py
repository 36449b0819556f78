"""Images and small clusters that go with a group, as their neighbors do."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ssvae.data import Dataset
from ssvae.graph.walk import random_walk
from ssvae.training.group_evidence import known_images

# Part of a small cluster's walks, beyond which it goes with the group where they end.
MAJORITY = 0.5
# Steps of the walk by which images vote on each other, and rounds of votes.
NUM_STEPS, NUM_ROUNDS = 10, 3


def completed(
    members: np.ndarray, weights: np.ndarray, labeled: np.ndarray
) -> np.ndarray:
    """Return groups with the small clusters without labels that hang on to them.

    A random walk goes from such a cluster until it comes to one that holds labels, or
    to one of a group that is put aside.

    Args:
        members: bool array `(groups, k)`, small clusters of each group.
        weights: Float array `(k, k)`, edges between small clusters.
        labeled: bool array `(k,)`, which small clusters hold labels.

    Returns:
        bool array `(groups, k)`.
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


def voted(
    graph: sparse.csr_matrix, groups: np.ndarray, count: int, dataset: Dataset
) -> tuple[np.ndarray, np.ndarray]:
    """Return the groups after images voted on their neighbors, and the last votes.

    What is known of an image stays.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        groups: int array `(n,)`, number of each image's group; -1 for none.
        count: Number of groups.
        dataset: `Dataset` of these images.

    Returns:
        int64 array `(n,)`, the groups; and float32 array `(n, count)`, 0 to 1, the part
        of the images around each image that are in each group.
    """
    walk, known, said = random_walk(graph), known_images(dataset), dataset.outside
    given = groups[said]
    for _ in range(NUM_ROUNDS):
        groups[known], groups[said] = -1, given
        # The last column is for no group.
        votes = np.eye(count + 1, dtype=np.float32)[groups]
        for _ in range(NUM_STEPS):
            votes = 0.5 * votes + 0.5 * (walk @ votes)
        groups = votes.argmax(axis=1)
        groups[groups == count] = -1
    groups[known], groups[said] = -1, given
    votes = votes[:, :-1]
    votes[known], votes[said] = 0, np.eye(count)[given]
    return groups, votes
