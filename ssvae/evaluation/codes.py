"""Latent codes of images, and a map of them in two dimensions."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ssvae.errors import InputError
from ssvae.types import ArrayLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Number of points on a map: more would hide each other, fewer have no neighbors.
MAP_POINTS, LEAST_MAPPED = 5_000, 4


class Codes(NamedTuple):
    """The latent variables y and z of images, as a model infers them.

    Attributes:
        mean: float32 array `(n, latent_dim)`, the mean of q(z|x,y) for the likeliest y.
        log_variance: float32 array `(n, latent_dim)`, the log-variance of q(z|x,y).
        probabilities: float32 array `(n, num_classes)`, q(y|x) as
            `SSVAE.predict_proba` returns it.
    """

    mean: np.ndarray
    log_variance: np.ndarray
    probabilities: np.ndarray

    @property
    def joint(self) -> np.ndarray:
        """The means of z and y side by side, float32 `(n, latent_dim + num_classes)`.

        y is scaled so that z and y have the same total variance under the prior, which
        is latent_dim. For a model without classes it is z alone.
        """
        num_classes = self.probabilities.shape[1]
        if num_classes == 1:
            return self.mean
        scale = np.sqrt(self.mean.shape[1] / (1 - 1 / num_classes))
        y = np.float32(scale) * self.probabilities
        return np.concatenate([self.mean, y], axis=1)


def embed(model: "SSVAE", images: ArrayLike) -> Codes:
    """Return the latent codes of images.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`, uint8 or floats in [0, 1].
    """
    probabilities = model.predict_proba(images)
    mean, log_variance = model.encode(images, probabilities.argmax(-1))
    return Codes(mean, log_variance, probabilities)


def in_use(means: np.ndarray, threshold: float = 0.01) -> np.ndarray:
    """Return the latent variables that a model uses, the most active first, int `(d,)`.

    The activity of a variable is the variance over images of its mean under q(z|x,y)
    (Burda et al. 2016, section 5).

    Args:
        means: Float array `(n, latent_dim)`, these means.
        threshold: Activity above which a variable counts as used.
    """
    activity = means.var(axis=0)
    order = np.argsort(-activity)
    return order[activity[order] > threshold]


def map_codes(codes: Codes, method: str = "tsne", seed: int = 0) -> np.ndarray:
    """Map the codes to two dimensions.

    Args:
        codes: `Codes` of n images.
        method: `"tsne"`, t-SNE of z and y (van der Maaten and Hinton 2008), which keeps
            close codes close; or `"pca"`, their principal components, which is quicker
            and linear.
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
            f"a map of {len(codes.mean)} images: need {LEAST_MAPPED} or more images"
        )
    points = PCA(2).fit_transform(codes.joint)
    if method == "tsne":
        start = 1e-4 * points / max(points[:, 0].std(), 1e-12)
        # The usual number of neighbors, or fewer if there are few images.
        neighbors = min(30, (len(points) - 1) / 3)
        search = TSNE(perplexity=neighbors, init=start, random_state=seed)
        points = search.fit_transform(codes.joint)
    return points.astype(np.float32)
