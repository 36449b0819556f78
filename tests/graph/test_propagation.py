import numpy as np
import pytest
from scipy import sparse

from ssvae.config.settings import Config
from ssvae.data import Dataset, draw_labels
from ssvae.data.balance import class_shares
from ssvae.graph.construction import image_graph
from ssvae.graph.poisson import poisson_values
from ssvae.graph.propagation import (
    _balanced_classes,
    propagate_labels,
    settle,
)

PLAIN = Config(propagation="original", augment="none")
THIRDS = np.full(3, 1 / 3)


def propagated(dataset, config):
    graph = image_graph(dataset.images, config)
    shares = class_shares(dataset, config.class_prior)
    steps = 200 if config.border_steps == "auto" else config.border_steps
    return propagate_labels(graph, dataset, shares, steps)


def test_poisson_values_solve_the_equation(rng):
    weights = rng.random((30, 30)) * (rng.random((30, 30)) < 0.4)
    weights = weights + weights.T + 0.05 * (1 - np.eye(30))
    labeled, classes = np.array([0, 1, 2, 3]), np.array([0, 1, 1, 2])
    values = poisson_values(sparse.csr_matrix(weights), labeled, classes, 3)
    degrees = weights.sum(axis=1)
    source = np.zeros((30, 3))
    source[labeled] = np.eye(3)[classes] - np.eye(3)[classes].mean(axis=0)
    exact = np.linalg.pinv(np.diag(degrees) - weights) @ source
    exact -= degrees @ exact / degrees.sum()
    assert values == pytest.approx(exact, abs=1e-4)


def test_a_class_with_small_values_gets_its_share(rng):
    values = rng.random((3000, 3)) * [1.0, 0.7, 1.0]
    plain = np.bincount(values.argmax(axis=1)) / 3000
    shares = np.bincount(_balanced_classes(values, THIRDS)) / 3000
    assert plain.min() < 0.2
    assert np.all(np.abs(shares - 1 / 3) < 0.16 / 3)


def test_a_class_gets_the_share_that_is_asked_for(rng):
    values = rng.random((3000, 3))
    wanted = np.array([0.6, 0.25, 0.15])
    shares = np.bincount(_balanced_classes(values, wanted)) / 3000
    assert shares == pytest.approx(wanted, rel=0.16)


def test_a_class_without_a_label_is_never_guessed(rng):
    images = rng.integers(0, 256, (50, 6, 6, 1), dtype=np.uint8)
    labels = np.full(50, -1)
    labels[:20] = np.arange(20) % 2 * 2
    guesses = propagated(Dataset("noise", images, labels, tuple("abc"), None), PLAIN)
    assert set(guesses) == {0, 2}


def test_shares_within_the_tolerance_do_not_change(rng):
    values = rng.random((3000, 3))
    assert np.array_equal(_balanced_classes(values, THIRDS), values.argmax(axis=1))


@pytest.mark.parametrize(("labels_inside", "expected"), [(0, 1), (1, 0)])
def test_a_cluster_takes_the_class_of_its_strongest_edges_or_of_its_label(
    labels_inside, expected
):
    """Two big clusters and a small one tied to both, more strongly to the second."""
    weights = np.zeros((50, 50))
    for part in (slice(0, 20), slice(20, 40), slice(40, 50)):
        weights[part, part] = 1
    for node in range(40, 50):
        weights[node, node - 40] = weights[node - 40, node] = 0.5
        weights[node, node - 20] = weights[node - 20, node] = 2.0
    graph = sparse.csr_matrix(weights)
    guesses = np.repeat([0, 1, 0], (20, 20, 10))
    labeled = np.array([0, 20, 45])[: 2 + labels_inside]
    settled = settle(graph, guesses, labeled, 200)
    assert np.array_equal(settled, np.repeat([0, 1, expected], (20, 20, 10)))


def test_a_border_is_drawn_where_a_chain_is_thin():
    """The thin link is too far away for a short diffusion, and found by a long one."""
    links = np.ones(199)
    links[99] = 0.05
    graph = sparse.diags([links, np.ones(200), links], [-1, 0, 1], format="csr")
    labeled = np.array([0, 199])
    guesses = np.repeat([0, 1], (106, 94))
    assert np.array_equal(settle(graph, guesses, labeled, 20), guesses)
    expected = np.repeat([0, 1], 100)
    assert np.array_equal(settle(graph, guesses, labeled, 200), expected)


def test_one_label_per_cluster_labels_the_cluster(rng):
    """Three kinds of noisy stripes, one label each."""
    kinds = np.arange(90) % 3
    images = np.zeros((90, 8, 8, 1))
    for image, kind in zip(images, kinds, strict=True):
        image[2 * kind : 2 * kind + 3] = 200
    images += rng.integers(0, 50, images.shape)
    labels = np.full(90, -1)
    labels[:3] = kinds[:3]
    dataset = Dataset("stripes", images.astype(np.uint8), labels, tuple("abc"), None)
    assert np.array_equal(propagated(dataset, PLAIN), kinds)


def test_labeled_images_keep_their_class(rng):
    images = rng.integers(0, 256, (50, 6, 6, 1), dtype=np.uint8)
    labels = np.full(50, -1)
    labels[:20] = rng.integers(0, 4, 20)
    guesses = propagated(Dataset("noise", images, labels, tuple("abcd"), None), PLAIN)
    assert np.array_equal(guesses[:20], labels[:20])


def test_ten_labels_spread_over_five_thousand_digits(mnist):
    images, labels = mnist.images[:5000], mnist.labels[:5000]
    few = Dataset("few", images, labels, mnist.class_names, None)
    few = few.with_labels(*draw_labels(labels, 10, 10, seed=0))
    assert np.mean(propagated(few, PLAIN) == labels) > 0.95
    assert np.mean(propagated(few, Config()) == labels) > 0.975


def test_images_that_no_label_reaches_have_no_pseudo_label():
    """Two cliques, of which one has labels."""
    clique = np.ones((5, 5)) - np.eye(5)
    graph = sparse.csr_matrix(sparse.block_diag([clique, clique]), dtype=np.float32)
    labels = np.full(10, -1)
    labels[:2] = 1
    images = np.zeros((10, 4, 4, 1), np.uint8)
    dataset = Dataset("cliques", images, labels, ("a", "b"), None)
    guesses = propagate_labels(graph, dataset, np.full(2, 0.5), 5)
    assert guesses.tolist() == [1] * 5 + [-1] * 5
