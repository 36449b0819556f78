import numpy as np
import pytest
from scipy import sparse

from ssvae.data import Dataset, draw_labels
from ssvae.propagate import (
    _balanced_classes,
    deskew,
    neighbor_graph,
    poisson_values,
    propagate_labels,
)


def bar(slant, row=0.0, column=0.0, size=28):
    """Draw a bar that leans `slant` columns a row, its middle at `row, column`."""
    rows, columns = np.indices((size, size)) - (size - 1) / 2
    distance = np.abs(columns - column - slant * (rows - row))
    inside = np.clip(2 - distance, 0, 1) * (np.abs(rows - row) < 8)
    return inside.astype(np.float32)[..., None]


def moments(image):
    """Return the centre of mass and the slant of an image."""
    weights = image[..., 0] / image.sum()
    rows, columns = np.indices(weights.shape)
    row, column = (weights * rows).sum(), (weights * columns).sum()
    covariance = (weights * (rows - row) * (columns - column)).sum()
    return row, column, covariance / (weights * (rows - row) ** 2).sum()


@pytest.mark.parametrize("slant", [-0.5, 0.0, 0.7])
@pytest.mark.parametrize("place", [(0, 0), (2.5, -3)])
def test_deskewed_bar_stands_upright_in_the_middle(slant, place):
    row, column, left = moments(deskew(bar(slant, *place)[None])[0])
    assert (row, column) == pytest.approx((13.5, 13.5), abs=0.1)
    assert abs(left) < 0.05


def test_deskewing_leaves_a_straight_image_alone():
    straight = bar(0)[None]
    assert deskew(straight) == pytest.approx(straight, abs=1e-5)


def test_a_black_image_survives_deskewing():
    assert np.all(np.isfinite(deskew(np.zeros((1, 8, 8, 3), np.float32))))


def test_graph_matches_brute_force(rng):
    vectors = rng.normal(size=(60, 5)).astype(np.float32)
    graph = neighbor_graph(vectors).toarray()
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    np.fill_diagonal(distances, np.inf)
    expected = np.zeros_like(graph)
    for node, row in enumerate(distances):
        nearest = np.argsort(row)[:10]
        expected[node, nearest] = np.exp(-4 * (row[nearest] / row[nearest[-1]]) ** 2)
    expected = np.maximum(expected, expected.T)
    assert graph == pytest.approx(expected, abs=1e-4)


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


def test_a_crowded_out_class_gets_its_share(rng):
    values = rng.random((3000, 3)) * [1.0, 0.7, 1.0]
    plain = np.bincount(values.argmax(axis=1)) / 3000
    shares = np.bincount(_balanced_classes(values)) / 3000
    assert plain.min() < 0.2
    assert np.all(np.abs(shares - 1 / 3) < 0.16 / 3)


def test_shares_within_tolerance_are_left_alone(rng):
    values = rng.random((3000, 3))
    assert np.array_equal(_balanced_classes(values), values.argmax(axis=1))


def test_one_label_a_cluster_labels_the_cluster(rng):
    """Three kinds of noisy stripes, one label each."""
    kinds = np.arange(90) % 3
    images = np.zeros((90, 8, 8, 1))
    for image, kind in zip(images, kinds, strict=True):
        image[2 * kind : 2 * kind + 3] = 200
    images += rng.integers(0, 50, images.shape)
    labels = np.full(90, -1)
    labels[:3] = kinds[:3]
    dataset = Dataset("stripes", images.astype(np.uint8), labels, tuple("abc"), None)
    assert np.array_equal(propagate_labels(dataset, "pixels"), kinds)


def test_labeled_images_keep_their_class(rng):
    images = rng.integers(0, 256, (50, 6, 6, 1), dtype=np.uint8)
    labels = np.full(50, -1)
    labels[:20] = rng.integers(0, 4, 20)
    guesses = propagate_labels(
        Dataset("noise", images, labels, tuple("abcd"), None), "pixels"
    )
    assert np.array_equal(guesses[:20], labels[:20])


def test_a_hundred_labels_spread_over_five_thousand_digits(mnist):
    images, labels = mnist.images[:5000], mnist.labels[:5000]
    few = Dataset("few", images, labels, mnist.class_names, None)
    few = few.with_labels(*draw_labels(labels, 100, 10, seed=0))
    right = {
        features: np.mean(propagate_labels(few, features) == labels)
        for features in ("deskewed", "pixels")
    }
    assert right["pixels"] > 0.8
    assert right["deskewed"] > right["pixels"] + 0.02
