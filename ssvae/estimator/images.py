"""A whole training on images: what an estimator learns from them."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from ssvae.config.settings import Config
from ssvae.data import Dataset
from ssvae.data.images import checked_images
from ssvae.data.suited import suited_config
from ssvae.estimator.pictures import as_bytes, as_model_images
from ssvae.estimator.targets import check_rows
from ssvae.saving.find import MODEL_FILE
from ssvae.saving.keras_file import load_model
from ssvae.training.run import train

if TYPE_CHECKING:
    from ssvae.model import SSVAE


class ImageModel:
    """A trained model, kept as the bytes of its file until it is needed.

    Args:
        content: Bytes of the `.keras` file.
        metrics: Content of the run's `metrics.json`.
    """

    def __init__(self, content: bytes, metrics: dict[str, Any]):
        self.content, self.metrics = content, metrics
        self._opened: SSVAE | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy or a file needs: not the opened model."""
        return vars(self) | {"_opened": None}

    @property
    def model(self) -> SSVAE:
        """The model; it is opened when it is first asked for."""
        if self._opened is None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / MODEL_FILE
                path.write_bytes(self.content)
                self._opened = load_model(path)  # type: ignore[assignment]
        return self._opened  # type: ignore[return-value]

    def figures(self) -> dict[str, Any]:
        """Return what was found of classes and accuracy, by name."""
        kept, span = self.metrics, self.metrics.get("estimated_accuracy_interval")
        shares = softmax(np.asarray(self.model.log_prior, np.float64))
        return {
            "class_prior": shares,
            "believed": kept.get("believed"),
            "estimated_accuracy": kept.get("estimated_accuracy"),
            "estimated_accuracy_interval": span and tuple(span),
        }

    def taken(self, x: Any) -> np.ndarray:
        """Return images as the model takes them."""
        height, width, channels = self.model.image_shape
        return as_model_images(x, self.model.config, (height, width, channels))

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return q(y|x), float32 `(n, num_classes)`."""
        return self.model.predict_proba(images)

    def codes(self, images: np.ndarray) -> np.ndarray:
        """Return projected features of unit covariance, or codes: the means of z."""
        model = self.model
        if not model.has_features:
            return model.encode(images)[0]
        from ssvae.features.extractor import extract
        from ssvae.vae.feature_classifier import with_vectors

        checked = checked_images(images, model.image_shape, any_size=True)
        both = extract(with_vectors(model.classifier), checked)
        white = self._white
        return both[:, : len(white)] @ white

    @property
    def _white(self):
        """What gives projected features unit covariance."""
        return self.model.fitted.density.white

    @property
    def num_codes(self) -> int:
        """Columns of `codes`."""
        model = self.model
        if not model.has_features:
            return model.config.latent_dim
        return len(self._white)

    def log_density(self, images: np.ndarray) -> np.ndarray:
        """Return log p of the features, or a lower bound of log p(x), `(n,)`, nats."""
        if self.model.has_features:
            return -self.model.score_parts(images)[0]
        # Each image has the same noise: its answer must not depend on the others.
        return self.model.log_likelihood(images, same_noise=True)

    def sample(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a new image of each class, float32 `(n, h, w, c)` in [0, 1]."""
        return self.model.generate(classes, seed=int(rng.integers(2**31)))


def learn_images(
    x: Any,
    labels: np.ndarray,
    classes: np.ndarray,
    config: Config | None,
    stated: dict[str, Any],
    verbose: bool,
) -> ImageModel:
    """Train a model of images.

    Args:
        x: Images, see `are_images`.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        classes: Array `(num_classes,)`, the values that stand for them in y.
        config: `Config`; None for what suits the images.
        stated: Settings that come before those of `config`.
        verbose: Whether training tells its progress on standard error.

    Raises:
        InputError: If the images cannot be trained on.
    """
    images = as_bytes(x, config or Config())
    check_rows(len(images), len(labels))
    dataset = Dataset("X", images, labels, tuple(map(_name, classes)), None)
    if config is None:
        config = suited_config(dataset, **{"labels": "all"} | stated)
    config = config.replace(**stated, labels="all", test_fraction=0.0, left_out="")
    with tempfile.TemporaryDirectory() as folder, _told(verbose):
        run = train(config, Path(folder) / "run", dataset=dataset)
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        return ImageModel((run / MODEL_FILE).read_bytes(), metrics)


def _name(value):
    """Return the name of a class: "3" for 3.0."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


@contextlib.contextmanager
def _told(verbose: bool) -> Iterator[None]:
    """Keep the lines of training off standard error unless they are wanted."""
    if verbose:
        yield
        return
    # Warnings go there too: they are told afterwards.
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield
    for one in caught:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
