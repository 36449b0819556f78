"""The model as the functions of this room see it, so that they import nothing above."""

from typing import Any, Protocol

import numpy as np

from ssvae.config.settings import Config
from ssvae.types import ArrayLike, Tensor


class Distributions(Protocol):
    """The distributions of M2 on tensors; `ssvae.vae.m2.M2` has the meaning of each."""

    config: Config
    num_classes: int
    m1: Any
    has_features: bool
    pixel_shape: tuple[int, int, int]
    classifier: Any
    encoder_body: Any
    log_prior: Any
    seed_generator: Any
    step: Any
    steps_per_epoch: int

    def classify(self, images: Tensor, training: bool = False) -> Tensor:
        """Return the logits of q(y|x)."""

    def classify_views(self, images: Tensor) -> Tensor:
        """Return the mean of log q(y|x) over the image and shifted views."""

    def observe(
        self, images: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return x, and the log ratio of M1."""

    def posterior(self, features: Tensor, one_hot: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x,y)."""

    def log_px(self, x: Tensor, z: Tensor, one_hot: Tensor) -> Tensor:
        """Return log p(x|y,z)."""

    def best_log_px(self, images: Tensor) -> Tensor:
        """Return log p(x|y,z) of a decoder that knows the image."""

    def log_py(self, one_hot: Tensor) -> Tensor:
        """Return log p(y)."""

    @property
    def has_views(self) -> bool:
        """Whether shifted views are classified too."""

    @property
    def noise_size(self) -> int:
        """Number of noise values per sample."""


class Answering(Distributions, Protocol):
    """A trained model on arrays; `ssvae.SSVAE` has the meaning of each method."""

    fitted: Any

    def predict_proba(
        self, images: ArrayLike, temperature: float | None = None
    ) -> np.ndarray:
        """Return the probability of every class."""

    def encode(
        self, images: ArrayLike, classes: ArrayLike | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log-variance of q(z|x,y)."""

    def decode(self, z: ArrayLike, classes: ArrayLike) -> np.ndarray:
        """Return the mean of p(x|y,z)."""

    def generate(
        self,
        classes: ArrayLike,
        seed: int = 0,
        temperature: float = 1.0,
        prior: str = "fitted",
        texture: bool = True,
    ) -> np.ndarray:
        """Return a new image of each class."""

    def as_drawn(self, images: ArrayLike) -> np.ndarray:
        """Return images in the size in which they are generated."""

    def score_parts(
        self,
        images: ArrayLike,
        num_samples: int = 10,
        seed: int = 0,
        logits: np.ndarray | None = None,
        surprise: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return deviance, or surprise, and energy."""


class Mixture(Protocol):
    """The mixture of Gaussians p(z|y); `ssvae.vae.prior.MixturePrior`."""

    @property
    def weights(self) -> np.ndarray:
        """Weights of the Gaussians, `(num_classes, k)`."""

    @property
    def means(self) -> np.ndarray:
        """Means, `(num_classes, k, latent_dim)`."""

    @property
    def factors(self) -> np.ndarray:
        """Cholesky factors, `(num_classes, k, latent_dim, latent_dim)`."""
