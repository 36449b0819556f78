"""log p(f) of the mixture of Gaussians over features, as a model keeps it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import ModuleType

import numpy as np
from scipy import linalg

from ssvae.types import Tensor
from ssvae.vae.mixture import GaussianMixture


@dataclasses.dataclass(frozen=True)
class FeatureDensity:
    """The mixture in coordinates in which its covariance is the unit matrix.

    There log p(y) + log p(f|y) is linear, but for half the squared length, which all
    classes share.

    Attributes:
        white: float32 array `(d, d)`: vectors times it are in these coordinates.
        kernel: float32 array `(d, num_classes)`, the means of the classes.
        bias: float32 array `(num_classes,)`, the constants of the classes, nats.
    """

    white: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, mixture: GaussianMixture) -> FeatureDensity:
        """Return the density of a mixture."""
        factor = linalg.cholesky(mixture.covariance.astype(np.float64), lower=True)
        identity = np.eye(len(factor))
        white = linalg.solve_triangular(factor, identity, lower=True).T
        means = mixture.means @ white
        constant = np.log(np.diag(white)).sum() - len(white) * np.log(2 * np.pi) / 2
        bias = mixture.log_shares - 0.5 * np.sum(means**2, axis=1) + constant
        arrays = white, means.T, bias
        return cls(*(array.astype(np.float32) for array in arrays))

    def check(self, num_values: int, num_classes: int) -> None:
        """Check that the arrays fit a model.

        Args:
            num_values: Values of a feature vector.
            num_classes: Number of classes.

        Raises:
            ValueError: If they are for other numbers.
        """
        shapes = self.white.shape, self.kernel.shape, self.bias.shape
        if shapes != (2 * (num_values,), (num_values, num_classes), (num_classes,)):
            raise ValueError("the density does not fit the features")

    def surprise(self, vectors: Tensor, xp: ModuleType, logsumexp: Callable) -> Tensor:
        """Return -log p(f), nats, `(n,)`.

        Args:
            vectors: Float array or tensor `(n, d)`.
            xp: `numpy` or `keras.ops`.
            logsumexp: That of `scipy.special` or of `keras.ops`.
        """
        white = xp.matmul(vectors, self.white)
        joint = xp.add(xp.matmul(white, self.kernel), self.bias)
        return 0.5 * xp.sum(xp.square(white), axis=-1) - logsumexp(joint, axis=-1)
