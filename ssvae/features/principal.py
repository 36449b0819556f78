"""The main directions of features, in which images differ most."""

from dataclasses import dataclass

import numpy as np

from ssvae.features.rounding import rounded
from ssvae.hardware import on_all_cores

# Directions that classifiers of features learn from, at most.
NUM_DIRECTIONS = 300
# Images from which the directions are computed, at most.
NUM_IMAGES = 5_000


@dataclass(frozen=True)
class Directions:
    """Principal components.

    Attributes:
        kernel: float32 array `(d, k)`, columns that are orthonormal up to rounding, see
            `rounding`; 0 for directions that too few images leave unknown.
        bias: float32 array `(k,)`, which moves the features' mean to 0.
    """

    kernel: np.ndarray
    bias: np.ndarray

    def project(self, features: np.ndarray) -> np.ndarray:
        """Return features `(n, d)` in these directions, float32 `(n, k)`."""
        # Some sixteen megabytes for each core.
        rows = max(1, 2**22 // len(self.kernel))
        vectors = np.empty((len(features), self.kernel.shape[1]), np.float32)

        def project(start):
            part = features[start : start + rows].astype(np.float32)
            vectors[start : start + rows] = part @ self.kernel + self.bias

        on_all_cores(project, range(0, len(features), rows))
        return vectors


def principal_directions(features: np.ndarray, count: int, seed: int) -> Directions:
    """Return the directions of the largest variance.

    Args:
        features: Float array `(n, d)`.
        count: Number of directions, at most d.
        seed: Seed of the draw of `NUM_IMAGES` images, and of the approximation.
    """
    # Imported here, because it takes a second.
    from sklearn.decomposition import PCA

    rng = np.random.default_rng((seed, 8))
    rows = np.sort(rng.permutation(len(features))[:NUM_IMAGES])
    some = features[rows].astype(np.float32)
    known = min(count, len(some))
    pca = PCA(known, svd_solver="randomized", iterated_power=2, random_state=seed)
    kernel = np.zeros((some.shape[1], count), np.float32)
    # On one core: its products are small, and where other programs run, two threads
    # that wait for each other take many times as long.
    (pca,) = on_all_cores(pca.fit, [some])
    kernel[:, :known] = pca.components_.T
    kernel = rounded(kernel)
    return Directions(kernel, -(pca.mean_ @ kernel))
