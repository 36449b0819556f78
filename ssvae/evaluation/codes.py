"""Latent codes of images, and a map of them in two dimensions."""

from typing import NamedTuple

import numpy as np

from ssvae.errors import InputError

# Points of a map: more would hide each other, and fewer have no neighbors.
MAP_POINTS, LEAST_MAPPED = 5_000, 4


class Codes(NamedTuple):
    """What a model says of images: of each its latent variables y and z.

    Attributes:
        mean: float32 array `(n, latent_dim)`, the mean of q(z|x,y) for the likeliest y.
        log_variance: float32 array `(n, latent_dim)`, its log-variance.
        probabilities: float32 array `(n, num_classes)`, as `SSVAE.predict_proba`
            gives them.
    """

    mean: np.ndarray
    log_variance: np.ndarray
    probabilities: np.ndarray

    @property
    def joint(self) -> np.ndarray:
        """float32 array `(n, latent_dim + num_classes)`: z and y side by side.

        Their means, y scaled so that both have the same variance under the prior,
        latent_dim; without classes z alone.
        """
        num_classes = self.probabilities.shape[1]
        if num_classes == 1:
            return self.mean
        scale = np.sqrt(self.mean.shape[1] / (1 - 1 / num_classes))
        y = np.float32(scale) * self.probabilities
        return np.concatenate([self.mean, y], axis=1)


def embed(model, images) -> Codes:
    """Return the latent codes of images.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
    """
    probabilities = model.predict_proba(images)
    mean, log_variance = model.encode(images, probabilities.argmax(-1))
    return Codes(mean, log_variance, probabilities)


def map_codes(codes, method="tsne", seed=0) -> np.ndarray:
    """Return the codes in two dimensions.

    Args:
        codes: `Codes` of n images.
        method: `"tsne"`, t-SNE of z and y (van der Maaten and Hinton 2008), in which
            what is close together in many dimensions stays so; or `"pca"`, their
            principal components, quicker and linear.
        seed: Seed of t-SNE.

    Returns:
        float32 array `(n, 2)`.

    Raises:
        InputError: If there are fewer than `LEAST_MAPPED` images.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if len(codes.mean) < LEAST_MAPPED:
        raise InputError(
            f"a map of {len(codes.mean)} images: need {LEAST_MAPPED} or more"
        )
    points = PCA(2).fit_transform(codes.joint)
    if method == "tsne":
        start = 1e-4 * points / max(points[:, 0].std(), 1e-12)
        # As many neighbors as is usual, or what a few images have.
        neighbors = min(30, (len(points) - 1) / 3)
        search = TSNE(perplexity=neighbors, init=start, random_state=seed)
        points = search.fit_transform(codes.joint)
    return points.astype(np.float32)
