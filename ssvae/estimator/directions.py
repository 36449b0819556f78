"""Vectors seen in their main directions, without losing their density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from ssvae.features.principal import NUM_DIRECTIONS, principal_directions
from ssvae.vae.mixture import RIDGE


@dataclass(frozen=True)
class Directions:
    """The main directions of vectors, orthonormal; the others hold noise.

    Attributes:
        center: float64 array `(d,)`.
        scale: Length that is 1 in these directions.
        kernel: float64 array `(d, k)`, orthonormal columns.
        noise: Variance in each of the other d - k directions.
    """

    center: np.ndarray
    scale: float
    kernel: np.ndarray
    noise: float

    @classmethod
    def of(cls, vectors: np.ndarray, seed: int) -> Directions:
        """Return those of vectors, float64 `(n, d)`; `seed` is that of a draw of n."""
        center = vectors.mean(axis=0)
        scale = float(np.sqrt(np.mean((vectors - center) ** 2))) or 1.0
        scaled = (vectors - center) / scale
        count = min(NUM_DIRECTIONS, *vectors.shape)
        found = principal_directions(scaled.astype(np.float32), count, seed).kernel
        kernel, _ = linalg.qr(found.astype(np.float64), mode="economic")
        others = vectors.shape[1] - count
        kept = np.sum((scaled @ kernel) ** 2)
        noise = 1.0
        if others:
            rest = max(np.sum(scaled**2) - kept, 0) / len(vectors) / others
            noise = rest + RIDGE * kept / len(vectors) / count or 1.0
        return cls(center, scale, kernel, noise)

    def __call__(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return vectors in the directions, and the squared length in all others.

        Args:
            vectors: float64 array `(n, d)`.

        Returns:
            float64 arrays `(n, k)` and `(n,)`.
        """
        scaled = (vectors - self.center) / self.scale
        places = scaled @ self.kernel
        rest = np.sum(scaled**2, axis=1) - np.sum(places**2, axis=1)
        return places, np.maximum(rest, 0)

    def back(self, places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return vectors at places `(n, k)`, with noise in the other directions."""
        noise = rng.standard_normal((len(places), len(self.center)))
        noise -= noise @ self.kernel @ self.kernel.T
        scaled = places @ self.kernel.T + np.sqrt(self.noise) * noise
        return self.center + self.scale * scaled

    def log_density(self, rest: np.ndarray) -> np.ndarray:
        """Return the part of log p(x) that is due to the other directions, and scale.

        Args:
            rest: float64 array `(n,)`, the squared lengths in these directions.
        """
        size, count = self.kernel.shape
        log_variance = np.log(2 * np.pi * self.noise)
        constant = 0.5 * (size - count) * log_variance + size * np.log(self.scale)
        return -constant - (0.5 * rest / self.noise if size > count else 0)
