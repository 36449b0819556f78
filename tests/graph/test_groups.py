"""Labels that name groups of classes, spread over a graph."""

import numpy as np
import pytest
from scipy import sparse

from ssvae.graph.propagation import Propagation

THIRDS = np.full(3, 1 / 3)


@pytest.fixture
def cliques():
    """Three cliques of ten nodes, each joined to the next by one weak edge."""
    clique = np.ones((10, 10)) - np.eye(10)
    weights = sparse.block_diag([clique] * 3).toarray()
    for one, other in ((9, 10), (19, 20)):
        weights[one, other] = weights[other, one] = 0.1
    return sparse.csr_matrix(weights, dtype=np.float32)


def told(groups, count=30):
    """Return which classes each node may be; `groups` are allowed ones by node."""
    allowed = np.ones((count, 3), bool)
    for node, classes in groups.items():
        allowed[node] = np.isin(np.arange(3), classes)
    return allowed


def test_a_group_overrules_the_neighbors(cliques):
    """A node of the first clique is told to be something else."""
    labels = np.full(30, -1)
    labels[[0, 12, 25]] = [0, 1, 2]
    allowed = told({5: [1, 2]})
    spread = Propagation(cliques)
    free = spread.first_guesses(labels, THIRDS)
    guesses = spread.first_guesses(labels, THIRDS, None, allowed)
    assert free[5] == 0 and guesses[5] in (1, 2)
    # Moving borders would bring it back.
    assert spread.settled(guesses, labels, 15)[5] == 0
    assert spread.settled(guesses, labels, 15, allowed)[5] in (1, 2)


def test_an_image_whose_group_has_no_label_may_be_anything(cliques):
    labels = np.full(30, -1)
    labels[[0, 12]] = [0, 1]
    allowed = told({5: [2], 7: [1, 2]})
    spread = Propagation(cliques)
    shares = np.array([0.5, 0.5, 1e-9])
    guesses = spread.first_guesses(labels, shares, None, allowed)
    assert guesses[5] == 0 and guesses[7] == 1
    settled = spread.settled(guesses, labels, 15, allowed)
    assert settled[5] == 0 and settled[7] == 1
