import numpy as np
import pytest

from ssvae.evaluation.model_measures import anomaly_auroc, neighbor_accuracy


class Known:
    """A model whose answers are read off the first pixels of an image."""

    num_classes = 2

    def score(self, images):
        return images[:, 0, 0, 0].astype(float)

    def as_drawn(self, images):
        return images.astype(np.float32) / 255

    def predict_proba(self, images):
        return np.eye(2, dtype=np.float32)[(images[:, 0, 1, 0] > 127).astype(int)]

    def encode(self, images, classes=None):
        mean = images[:, 0, 2:4, 0].astype(np.float32) / 255
        return mean, np.zeros_like(mean)


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (200, 4, 4, 1), dtype=np.uint8)


def test_auroc_worked_by_hand():
    """Of six pairs, the unusual one is ahead in four and level in one."""
    usual = np.zeros((3, 2, 2, 1), np.uint8)
    usual[:, 0, 0, 0] = 1, 2, 3
    unusual = np.zeros((2, 2, 2, 1), np.uint8)
    unusual[:, 0, 0, 0] = 2, 9
    assert anomaly_auroc(Known(), usual, unusual) == pytest.approx(4.5 / 6)


def test_neighbors_by_a_loop(images, rng):
    labels = rng.integers(0, 2, 200)
    known, asked = images[:150], images[150:]
    figures = neighbor_accuracy(Known(), known, labels[:150], asked, labels[150:])

    def code(image):
        y = float(image[0, 1, 0] > 127)
        return np.array([*(image[0, 2:4, 0] / 255), 1 - y, y])

    for name, width in (("", 4), ("_z", 2)):
        nearest = [
            np.argmin([np.linalg.norm((code(a) - code(b))[:width]) for b in known])
            for a in asked
        ]
        expected = np.mean(labels[nearest] == labels[150:])
        assert figures[f"neighbor_accuracy{name}"] == pytest.approx(expected)


def test_principal_components_are_as_many_as_the_codes(images):
    """Pixels that say the class in one component, codes that do not know it."""
    labels = np.arange(200) % 2
    images[:, 2:] = (255 * labels)[:, None, None, None]
    figures = neighbor_accuracy(
        Known(), images[:150], labels[:150], images[150:], labels[150:]
    )
    assert figures["neighbor_accuracy_z_pca"] == 1.0
    assert figures["neighbor_accuracy_z"] < 0.8
