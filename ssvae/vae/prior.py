"""The prior of z fitted to a trained model: one mixture of Gaussians per class."""

import dataclasses

import numpy as np
from keras import ops

from ssvae.types import Tensor
from ssvae.vae import inference
from ssvae.vae.interface import Answering

# Gaussians of all classes together; each class gets an equal share. A code is compared
# with as many at once.
GAUSSIANS = 60
# Codes that are drawn at once: each takes a covariance's factor.
CHUNK = 10_000


@dataclasses.dataclass(frozen=True)
class MixturePrior:
    """P(z|y) as a mixture of k Gaussians per class.

    In training the prior is N(0, I), but the codes of the images are not quite
    distributed like that: a prior that follows the codes generates better images
    (Tomczak and Welling 2018, arXiv:1705.07120, learn such a prior with the model).

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
    def normal(cls, num_classes: int, latent_dim: int) -> "MixturePrior":
        """Return N(0, I) for every class."""
        return cls(
            np.ones((num_classes, 1), np.float32),
            np.zeros((num_classes, 1, latent_dim), np.float32),
            np.tile(np.eye(latent_dim, dtype=np.float32), (num_classes, 1, 1, 1)),
        )

    def draw(self, classes: np.ndarray, noise: np.ndarray, seed: int) -> np.ndarray:
        """Draw z of each class.

        Args:
            classes: int array `(n,)`.
            noise: float32 array `(n, latent_dim)`, draws of N(0, I), scaled or not.
            seed: Seed of the choice among the Gaussians.

        Returns:
            float32 array `(n, latent_dim)`.
        """
        choice = inference.draw_choice(len(classes), seed)
        codes = np.empty_like(noise)
        for start in range(0, len(classes), CHUNK):
            rows = slice(start, start + CHUNK)
            some = classes[rows], noise[rows], choice[rows]
            codes[rows] = inference.draw_codes(self, *some, np)
        return codes

    def only(self, some: range) -> "MixturePrior":
        """Return the prior of some classes, which follow one another."""
        rows = slice(some.start, some.stop)
        return MixturePrior(self.weights[rows], self.means[rows], self.factors[rows])

    def log_density(self, z: Tensor, one_hot: Tensor) -> Tensor:
        """Return log p(z|y).

        Args:
            z: Float tensor `(n, latent_dim)`.
            one_hot: Float tensor `(n, num_classes)`, y.

        Returns:
            Float tensor `(n,)`, nats.
        """
        count, num_gaussians, latent_dim = self.means.shape
        # The noise of z = mean + factor noise, for every Gaussian of a class at once.
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
        total = 0.0
        # Some classes at a time: every code is compared with each of their Gaussians.
        size = max(1, GAUSSIANS // num_gaussians)
        for start in range(0, count, size):
            some = slice(start, start + size)
            noise = ops.einsum("ni,yij->nyj", z, matrix[some])
            shape = (-1, min(size, count - start), num_gaussians, latent_dim)
            noise = ops.reshape(noise, shape) - offset[some]
            square = ops.sum(ops.square(noise), axis=-1)
            each = ops.logsumexp(constant[some] - 0.5 * square, axis=-1)
            total = total + ops.sum(one_hot[:, some] * each, axis=-1)
        return total


def fit_prior(
    model: Answering,
    images: np.ndarray,
    rng: np.random.Generator,
    classes: np.ndarray | None = None,
) -> MixturePrior:
    """Fit the prior to the codes of images.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w, c)`.
        rng: `numpy.random.Generator`, for the draws from q(z|x,y).
        classes: int array `(n,)`; default: the likeliest class of each image.
    """
    if classes is None:
        classes = model.predict_proba(images).argmax(axis=1)
    mean, log_variance = model.encode(images, classes)
    codes = mean + np.exp(0.5 * log_variance) * rng.standard_normal(mean.shape)
    share = max(1, GAUSSIANS // model.num_classes)
    usual = usual_covariance(codes, classes)
    mixtures = [
        fit_mixture(codes[classes == y], share, usual=usual)
        for y in range(model.num_classes)
    ]
    parts = [np.stack(part).astype(np.float32) for part in zip(*mixtures, strict=True)]
    return MixturePrior(*parts)


def usual_covariance(codes: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the covariance of codes around the mean of their class.

    It is drawn to the identity, that of N(0, I): to the half if there are as many codes
    as dimensions, hardly if there are many.

    Args:
        codes: Float array `(n, latent_dim)`.
        classes: int array `(n,)`.

    Returns:
        float64 array `(latent_dim, latent_dim)`.
    """
    count, latent_dim = codes.shape
    scatter = sum(
        (len(own) - 1) * _covariance(own)
        for own in (codes[classes == y] for y in np.unique(classes))
    )
    degrees = count - len(np.unique(classes))
    return (scatter + latent_dim * np.eye(latent_dim)) / (degrees + latent_dim)


def fit_mixture(
    codes: np.ndarray,
    num_gaussians: int = 5,
    seed: int = 0,
    usual: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a mixture of Gaussians to codes of one class.

    Args:
        codes: Float array `(n, latent_dim)`, draws from q(z|x,y) of its images.
        num_gaussians: Gaussians of the mixture. If there are few codes, some of them
            get the weight 0.
        seed: Seed of the fit's start.
        usual: Float array `(latent_dim, latent_dim)`, the covariance that a class of
            few codes is taken to have, as far as they do not show another. Default:
            the identity.

    Returns:
        Weights `(num_gaussians,)`, means `(num_gaussians, latent_dim)`, factors
        `(num_gaussians, latent_dim, latent_dim)`. With too few codes for the parameters
        of one Gaussian its covariance is drawn to the usual one; without any code the
        mixture is N(0, I).
    """
    from sklearn.mixture import GaussianMixture

    latent_dim = codes.shape[1]
    weights = np.eye(num_gaussians)[0]
    means = np.zeros((num_gaussians, latent_dim))
    factors = np.tile(np.eye(latent_dim), (num_gaussians, 1, 1))
    # Codes needed per Gaussian: as many as it has parameters.
    enough = latent_dim * (latent_dim + 3) // 2
    count = min(num_gaussians, len(codes) // enough)
    if count:
        mixture = GaussianMixture(
            count, reg_covar=1e-3, tol=1e-2, max_iter=50, random_state=seed
        ).fit(codes)
        weights[:count] = mixture.weights_
        means[:count] = mixture.means_
        factors[:count] = np.linalg.cholesky(mixture.covariances_)
    elif len(codes):
        usual = np.eye(latent_dim) if usual is None else usual
        degrees = len(codes) - 1
        scatter = degrees * _covariance(codes) + latent_dim * usual
        means[0] = codes.mean(axis=0)
        factors[0] = np.linalg.cholesky(scatter / (degrees + latent_dim))
    return weights, means, factors


def _covariance(codes):
    """Return the covariance `(latent_dim, latent_dim)` of codes; 0 of a single one."""
    rest = codes - codes.mean(axis=0)
    return rest.T @ rest / max(1, len(codes) - 1)
