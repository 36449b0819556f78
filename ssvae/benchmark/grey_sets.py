"""Small grey images, whose labels spread over a graph: MNIST, Fashion-MNIST, digits."""

import tempfile
from pathlib import Path

import numpy as np
from scipy import sparse

from ssvae.config.presets import GRADIENTS
from ssvae.config.settings import Config
from ssvae.config.suggest import suggest
from ssvae.config.toml import load_config
from ssvae.data import Dataset, load_dataset
from ssvae.data.arrays import from_arrays
from ssvae.data.balance import class_shares
from ssvae.features.vectors import image_vectors
from ssvae.graph.cache import KeptGraph
from ssvae.graph.construction import image_graph, preparations
from ssvae.runs.folder import ISSUES_FILE
from ssvae.training.label_issues import LabelIssues
from ssvae.training.outside import Outside
from ssvae.training.putting_aside import kept_outside
from ssvae.training.spread import Spread, backbone_vectors, spread_labels
from ssvae.types import Say

MNIST, FASHION = GREY = "mnist", "fashion-mnist"
# The digits of scikit-learn, images of 8 pixels.
DIGITS = "digits"
# The settings that are recommended for Fashion-MNIST.
FASHION_CONFIG = Path(__file__).parents[2] / "configs" / "fashion.toml"


def open_grey(name: str) -> Dataset:
    """Return the data set of a name; `DIGITS` are those of scikit-learn."""
    if name != DIGITS:
        return load_dataset(name)
    from sklearn.datasets import load_digits

    digits = load_digits()
    # 17 grey levels become bytes.
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return from_arrays(images, digits.target, name=DIGITS)


def grey_config(name: str, dataset: Dataset, seed: int) -> Config:
    """Return the settings that training would have, with nothing stated."""
    if name == FASHION:
        return load_config(FASHION_CONFIG).replace(seed=seed)
    if name == MNIST:
        return Config(seed=seed)
    suited = suggest(len(dataset.images), dataset.image_shape, {})
    return Config(seed=seed).replace(**suited)


def some_rows(dataset: Dataset, count: int, seed: tuple[int, int]) -> Dataset:
    """Return a data set of some of the images, in their order.

    Args:
        dataset: `Dataset`.
        count: Number of images.
        seed: Seed of the draw, and the number of what is drawn.
    """
    order = np.random.default_rng(seed).permutation(len(dataset.images))
    return dataset.rows(np.sort(order[:count]))


def kept_graph(images: np.ndarray, config: Config) -> sparse.csr_matrix:
    """Return the `image_graph` of images; a graph kept on the disk is not made anew.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        config: `Config`; the settings of the graph are read.
    """
    kept = KeptGraph(images, config)
    graph = kept.load()
    if graph is None:
        graph = image_graph(images, config)
        kept.save(graph)
    return graph


def graph_vectors(dataset: Dataset, config: Config, say: Say) -> list[np.ndarray]:
    """Return what the graph compares images by, float32 arrays `(n, d)`, one per kind.

    Args:
        dataset: `Dataset` of the images.
        config: `Config`; the settings of the graph are read.
        say: Function that prints a line.
    """
    found = image_vectors(dataset.images, config, preparations(config))
    parts = [part.vectors for part in found]
    if config.graph_features != GRADIENTS:
        parts.append(backbone_vectors(dataset, config, say))
    return parts


def compared_vectors(dataset: Dataset, config: Config, say: Say) -> np.ndarray:
    """Return the `graph_vectors` side by side, float32 array `(n, d)`."""
    parts = graph_vectors(dataset, config, say)
    # Features of one kind count as much as those of another.
    return np.concatenate([part / part.std() for part in parts], axis=1)


def spread_over_graph(
    dataset: Dataset, config: Config, say: Say, shares: np.ndarray | None = None
) -> tuple[Spread, Outside, np.ndarray]:
    """Return the spread labels, what was put aside, and the labels not learned from.

    Args:
        dataset: `Dataset` with the labels of the budget.
        config: `Config`.
        say: Function that prints a line.
        shares: Float array `(num_classes,)`; None for those of `class_prior`.

    Returns:
        `Spread`, `Outside`, and an int array of the images of these labels.
    """
    if shares is None:
        shares = class_shares(dataset, config.class_prior)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "spread.npz"
        spread = spread_labels(dataset, config, shares, kept, say)
        issues = LabelIssues.load(Path(folder) / ISSUES_FILE)
        doubted = np.zeros(0, int) if issues is None else issues.rows[issues.distrusted]
        return spread, kept_outside(Path(folder), dataset), doubted
