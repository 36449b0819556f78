"""Features projected so that warps, which keep the class, move them little."""

import numpy as np
from scipy import linalg

NUM_COMPONENTS = 150


# Variance added to the one that warps cause, as a multiple of its mean.
RIDGE = 2.0


def project(features, moves) -> np.ndarray:
    """Project features so that warps, which keep the class, move them little.

    Linear discriminant analysis with every image a class of its own, of which its
    warped copy is a second sample. Directions are scaled so that warps cause the same
    variance in each, and those in which the images vary most are kept. Without moves
    these are principal components.

    Args:
        features: float32 array `(n, d)`.
        moves: float32 array `(m, d)`, what a warp added to the features of some images;
            m may be 0.

    Returns:
        float32 array `(n, k)`, k at most `NUM_COMPONENTS`, the direction of largest
        variance first.
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
