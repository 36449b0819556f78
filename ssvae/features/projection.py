"""Features projected so that warps of an image change them little."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

# Components of a projected vector, at most.
NUM_COMPONENTS = 150
# Variance added in every direction to the variance that warps cause, as a multiple of
# that variance's mean.
RIDGE = 2.0


@dataclass(frozen=True)
class Projection:
    """A linear map of features.

    Attributes:
        mean: float32 array `(d,)`, the mean of the features it was fitted to.
        directions: float32 array `(d, k)`, k at most `NUM_COMPONENTS`; the direction of
            the largest variance comes first.
    """

    mean: np.ndarray
    directions: np.ndarray

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Return projected features `(n, d)`, float32 `(n, k)`."""
        return (features - self.mean) @ self.directions


def fit_projection(features: np.ndarray, moves: np.ndarray) -> Projection:
    """Return the projection that warps change little.

    This is linear discriminant analysis in which every image is a class of its own, and
    its warped copy is a second sample of that class. Directions are scaled so that
    warps cause the same variance in each. The directions in which the images vary most
    are kept. Without moves they are the principal components.

    Args:
        features: float32 array `(n, d)`.
        moves: float32 array `(m, d)`, the differences that a warp makes to the features
            of some images; m may be 0.
    """
    mean = features.mean(axis=0)
    features = features - mean
    total = features.T @ features / len(features)
    size = len(total)
    within, ridge = np.zeros_like(total), 1.0
    if len(moves):
        within = moves.T @ moves / len(moves)
        ridge = max(RIDGE * np.trace(within) / size, 1e-12)
    within += ridge * np.eye(size, dtype=np.float32)
    largest = (max(size - NUM_COMPONENTS, 0), size - 1)
    _, directions = linalg.eigh(total, within, subset_by_index=largest)
    return Projection(mean, directions[:, ::-1].astype(np.float32))
