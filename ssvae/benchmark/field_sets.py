"""Data sets of the field benchmark: folders of class folders, and their features."""

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config
from ssvae.config.suggest import suggest
from ssvae.data import UNLABELED, draw_labels, load_dataset
from ssvae.data.labels import Draw
from ssvae.data.splitting import draw_test_rows, fingerprints
from ssvae.errors import InputError
from ssvae.features.cache import KEPT_DTYPE, KeptFeatures
from ssvae.features.extractor import extract
from ssvae.types import PathLike, Say
from ssvae.vae.feature_classifier import EXTRACTOR, build_feature_classifier

# Fraction of the images that becomes the test part of a set without one.
TEST_FRACTION = 0.25
# Features of images for which pixels are suggested.
DRAWING_FEATURES = "backbone gradients"


@dataclass(frozen=True)
class FieldSet:
    """A data set whose two parts are drawn anew for each seed.

    Attributes:
        path: Path of its folder; its name is that of the set.
        images: uint8 array `(n, height, width, channels)`: all images, those of its own
            test part last.
        labels: int array `(n,)`, their classes; -1 for unlabeled.
        class_names: One name per class.
        num_own_test: Images of its own test part; 0 if it has none.
        config: `Config` with the features.
    """

    path: Path
    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    num_own_test: int
    config: Config

    @property
    def settings(self) -> dict[str, Any]:
        """What results depend on besides the draw: others are measured again."""
        return {
            "features": self.config.features,
            "backbone": self.config.backbone,
            "test_fraction": 0.0 if self.num_own_test else TEST_FRACTION,
            "num_images": len(self.images),
        }

    def parts(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of the training part and of the test part, ascending.

        Args:
            seed: Seed of the draw; a test part of its own is always the same.
        """
        rows = np.arange(len(self.images))
        if self.num_own_test:
            return rows[: -self.num_own_test], rows[-self.num_own_test :]
        # The split is that of training.
        labels, count = self.labels, len(self.class_names)
        test = draw_test_rows(labels, count, TEST_FRACTION, seed, self._prints)
        return np.setdiff1d(rows, test), test

    @functools.cached_property
    def _prints(self):
        """Fingerprints of the images, which tell copies of an image."""
        return fingerprints(self.images)


def find_sets(folder: PathLike, names: Sequence[str] = ()) -> list[Path]:
    """Return the folders of the data sets below a folder, sorted.

    Args:
        folder: Path of the folder; each subfolder is a data set.
        names: Names of those that are wanted; all if there is none.

    Raises:
        InputError: If there is no subfolder, or none of a name.
    """
    folder = Path(folder)
    found = {
        path.name: path
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if path.is_dir() and not path.name.startswith(".")
    }
    if not found:
        raise InputError(
            f"--field: {str(folder)!r} holds no folders: need one folder per data set, "
            "with a folder of images per class in it"
        )
    for name in names:
        if name not in found:
            raise InputError(
                f"--sets: {str(folder)!r} has no {name!r}: need some of "
                f"{', '.join(found)}"
            )
    return [found[name] for name in (names or found)]


def open_set(path: Path, features: str = "", say: Say | None = None) -> FieldSet:
    """Return a data set with all its images.

    Args:
        path: Path of its folder.
        features: Setting of that name; empty for what is suggested.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If the folder is no data set of two classes or more.
    """
    dataset = load_dataset(str(path), say=say)
    if dataset.num_classes < 2:
        raise InputError(
            f"data set {str(path)!r} has labels of {dataset.num_classes} classes, need "
            "two or more: leave it out with --sets"
        )
    features = features or suited_features(len(dataset.images), dataset.image_shape)
    images, labels, num_own_test = dataset.images, dataset.labels, 0
    if dataset.read_test is not None:
        test, classes = dataset.read_test()
        images, labels = np.concatenate([images, test]), np.r_[labels, classes]
        num_own_test = len(test)
    config = Config(features=features)
    return FieldSet(path, images, labels, dataset.class_names, num_own_test, config)


def suited_features(num_images: int, image_shape: tuple[int, int, int]) -> str:
    """Return the features of a data set: what is suggested, `DRAWING_FEATURES` if none.

    Args:
        num_images: Number of images.
        image_shape: Height, width and channels of an image.
    """
    features = suggest(num_images, image_shape, {}).get("features", PIXELS)
    return DRAWING_FEATURES if features == PIXELS else features


def features_of(field_set: FieldSet, say: Say) -> tuple[np.ndarray, float]:
    """Return the features of all images, float `(n, d)`, and the seconds they took.

    Those that were kept on the disk take 0 seconds.
    """
    channels, num_classes = field_set.images.shape[-1], len(field_set.class_names)
    made = build_feature_classifier(channels, num_classes, field_set.config, True)
    extractor = made.get_layer(EXTRACTOR)
    kept = KeptFeatures(field_set.images, extractor, (KEPT_DTYPE,))
    features = kept.load()
    if features is not None:
        return features, 0.0
    began = time.perf_counter()
    features = extract(extractor, field_set.images, say, dtype=KEPT_DTYPE)
    seconds = time.perf_counter() - began
    kept.save(features)
    return features, seconds


def with_features(path: Path, say: Say) -> tuple[FieldSet, np.ndarray]:
    """Return a data set, and the features of all its images, float `(n, d)`."""
    field_set = open_set(path, say=say)
    return field_set, features_of(field_set, say)[0]


def labels_per_class(
    labels: np.ndarray, each: int, num_classes: int, seed: int
) -> Draw:
    """Draw the same number of labels from every class, as training draws them.

    A class that has no more images than that gives all but one.

    Args:
        labels: int array `(n,)`, classes of the training part; -1 for unlabeled.
        each: Number of labels per class, 1 or more.
        num_classes: Number of classes.
        seed: Seed of the draw.

    Returns:
        Indices and classes, int64 arrays `(k,)`.
    """
    rng = np.random.default_rng((seed, 11))
    offered = labels.copy()
    for index in range(num_classes):
        members = np.flatnonzero(labels == index)
        if 1 < len(members) <= each:
            offered[rng.choice(members)] = UNLABELED
    sizes = np.bincount(offered[offered != UNLABELED], minlength=num_classes)
    total = int(np.minimum(sizes, each).sum())
    return draw_labels(offered, total, num_classes, seed)
