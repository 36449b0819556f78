"""Features projected so that warps of an image change them little."""

import numpy as np
from scipy import linalg

# Components of a projected vector, at most.
NUM_COMPONENTS = 150
# Variance added in every direction to the variance that warps cause, as a multiple of
# that variance's mean.
RIDGE = 2.0


def project(features: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Project features so that warps change them little.

    This is linear discriminant analysis in which every image is a class of its own, and
    its warped copy is a second sample of that class. Directions are scaled so that
    warps cause the same variance in each. The directions in which the images vary most
    are kept. Without moves they are the principal components.

    Args:
        features: float32 array `(n, d)`.
        moves: float32 array `(m, d)`, the differences that a warp makes to the features
            of some images; m may be 0.

    Returns:
        float32 array `(n, k)`, k at most `NUM_COMPONENTS`; the direction of the largest
        variance comes first.
    """
    features = features - features.mean(axis=0)
    total = features.T @ features / len(features)
    size = len(total)
    within, ridge = np.zeros_like(total), 1.0
    if len(moves):
        within = moves.T @ moves / len(moves)
        ridge = max(RIDGE * np.trace(within) / size, 1e-12)
    within += ridge * np.eye(size, dtype=np.float32)
    largest = (max(size - NUM_COMPONENTS, 0), size - 1)
    _, directions = linalg.eigh(total, within, subset_by_index=largest)
    return features @ directions[:, ::-1].astype(np.float32)
