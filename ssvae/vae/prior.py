"""The prior of z that is fitted to a trained model: Gaussians a class."""

import dataclasses

import numpy as np
from keras import ops

from ssvae.vae import inference

# Gaussians of all mixtures, a share for each class.
GAUSSIANS = 60


@dataclasses.dataclass(frozen=True)
class MixturePrior:
    """P(z|y) as a mixture of k Gaussians a class.

    In training it is N(0, I); what the encoder then does with the images is not quite
    that, and a prior like their codes generates better (Tomczak and Welling 2018,
    arXiv:1705.07120, of one that is learned with the rest).

    Attributes:
        weights: float32 array `(num_classes, k)`, rows that sum to one.
        means: float32 array `(num_classes, k, latent_dim)`.
        factors: float32 array `(num_classes, k, latent_dim, latent_dim)`, lower
            triangular: each covariance's Cholesky factor.
    """

    weights: np.ndarray
    means: np.ndarray
    factors: np.ndarray

    @classmethod
    def normal(cls, num_classes, latent_dim) -> "MixturePrior":
        """Return N(0, I) for every class."""
        return cls(
            np.ones((num_classes, 1), np.float32),
            np.zeros((num_classes, 1, latent_dim), np.float32),
            np.tile(np.eye(latent_dim, dtype=np.float32), (num_classes, 1, 1, 1)),
        )

    def draw(self, classes, noise, seed) -> np.ndarray:
        """Draw z of each class.

        Args:
            classes: int array `(n,)`.
            noise: float32 array `(n, latent_dim)`, draws of N(0, I), scaled or not.
            seed: Seed of the choice among the Gaussians.

        Returns:
            float32 array `(n, latent_dim)`.
        """
        choice = inference.draw_choice(len(classes), seed)
        return inference.draw_codes(self, classes, noise, choice, np)

    def log_density(self, z, one_hot):
        """Return log p(z|y).

        Args:
            z: Float tensor `(n, latent_dim)`.
            one_hot: Float tensor `(n, num_classes)`, y.

        Returns:
            Float tensor `(n,)`, nats.
        """
        count, num_gaussians, latent_dim = self.means.shape
        # Each Gaussian's noise, z = mean + factor noise, from one product a class.
        inverse = np.linalg.inv(self.factors.astype(np.float64))
        matrix = inverse.transpose(0, 3, 1, 2).reshape(count, latent_dim, -1)
        offset = np.einsum("ykij,ykj->yki", inverse, self.means)
        weights = np.maximum(self.weights, np.finfo(np.float32).tiny)
        diagonal = np.diagonal(inverse, axis1=-2, axis2=-1)
        constant = np.log(weights) + np.log(diagonal).sum(axis=-1)
        constant = constant - 0.5 * latent_dim * np.log(2 * np.pi)
        matrix, offset, constant = (
            ops.convert_to_tensor(part, "float32")
            for part in (matrix, offset, constant)
        )
        noise = ops.einsum("ni,yij->nyj", z, matrix)
        noise = ops.reshape(noise, (-1, count, num_gaussians, latent_dim)) - offset
        square = ops.sum(ops.square(noise), axis=-1)
        each = ops.logsumexp(constant - 0.5 * square, axis=-1)
        return ops.sum(one_hot * each, axis=-1)


def fit_prior(model, images, rng) -> MixturePrior:
    """Fit the prior to the codes of images.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w, c)`.
        rng: `numpy.random.Generator`, for the draws from q(z|x,y).
    """
    classes = model.predict_proba(images).argmax(axis=1)
    mean, log_variance = model.encode(images, classes)
    codes = mean + np.exp(0.5 * log_variance) * rng.standard_normal(mean.shape)
    share = max(1, GAUSSIANS // model.num_classes)
    mixtures = [
        fit_mixture(codes[classes == y], share) for y in range(model.num_classes)
    ]
    parts = [np.stack(part).astype(np.float32) for part in zip(*mixtures, strict=True)]
    return MixturePrior(*parts)


def fit_mixture(codes, num_gaussians=5, seed=0):
    """Fit a mixture of Gaussians to codes of one class.

    Args:
        codes: Float array `(n, latent_dim)`, draws from q(z|x,y) of its images.
        num_gaussians: Gaussians asked for; fewer where there are few codes.
        seed: Seed of the start.

    Returns:
        Weights `(num_gaussians,)`, means `(num_gaussians, latent_dim)`, factors
        `(num_gaussians, latent_dim, latent_dim)`; N(0, I) where there are too few codes
        for one Gaussian.
    """
    from sklearn.mixture import GaussianMixture

    latent_dim = codes.shape[1]
    weights = np.eye(num_gaussians)[0]
    means = np.zeros((num_gaussians, latent_dim))
    factors = np.tile(np.eye(latent_dim), (num_gaussians, 1, 1))
    # As many codes as a Gaussian has parameters.
    enough = latent_dim * (latent_dim + 3) // 2
    count = min(num_gaussians, len(codes) // enough)
    if count:
        mixture = GaussianMixture(
            count, reg_covar=1e-3, tol=1e-2, max_iter=50, random_state=seed
        ).fit(codes)
        weights[:count] = mixture.weights_
        means[:count] = mixture.means_
        factors[:count] = np.linalg.cholesky(mixture.covariances_)
    return weights, means, factors
