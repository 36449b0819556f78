"""The rules by which a trained model answers, each written once.

`SSVAE` applies them to NumPy arrays, `ssvae.export` to tensors of a graph: a function
that both need takes `xp`, either `numpy` or `keras.ops`, which name their functions
alike. The draws of random numbers are NumPy's, so that a seed gives the same answer on
every backend and from every export.
"""

from collections.abc import Callable
from types import ModuleType
from typing import TypeAlias

import keras
import numpy as np
from keras import ops

from ssvae.types import Tensor
from ssvae.vae.interface import Distributions, Mixture

# The probability of the likeliest class below which shifted views are classified too:
# for one digit in thirty.
SURE = 0.99

Seed: TypeAlias = int | tuple[int, ...]


def as_floats(images: Tensor) -> Tensor:
    """Return images as floats in [0, 1].

    Args:
        images: Tensor, uint8; or float, which is returned as it is.
    """
    if keras.backend.standardize_dtype(images.dtype) == "uint8":
        return ops.cast(images, "float32") / 255.0
    return images


def is_doubtful(logits: Tensor, xp: ModuleType) -> Tensor:
    """Return for which images no class has the probability `SURE`.

    Args:
        logits: Float array or tensor `(n, num_classes)`, the classifier's.
        xp: `numpy` or `keras.ops`.

    Returns:
        Boolean array or tensor `(n,)`.
    """
    # The softmax of the highest logit, whose own term of the sum is exp(0).
    terms = xp.exp(logits - xp.max(logits, axis=1, keepdims=True))
    return 1.0 / xp.sum(terms, axis=1) < SURE


def probabilities(log_q: Tensor, temperature: float, xp: ModuleType) -> Tensor:
    """Return softmax(log q / T): calibrated probabilities (Guo et al. 2017, eq. 9).

    Args:
        log_q: Float array or tensor `(n, num_classes)`, log q(y|x) up to a constant per
            image.
        temperature: T, above 0.
        xp: `numpy` or `keras.ops`.

    Returns:
        Array or tensor like `log_q`, rows that sum to one.
    """
    scaled = log_q / np.float32(temperature)
    terms = xp.exp(scaled - xp.max(scaled, axis=1, keepdims=True))
    return terms / xp.sum(terms, axis=1, keepdims=True)


def posterior_moments(
    model: Distributions, images: Tensor, one_hot: Tensor
) -> tuple[Tensor, Tensor]:
    """Return mean and log-variance of q(z|x,y), `(n, latent_dim)` each.

    Args:
        model: An `SSVAE`.
        images: Float tensor `(n, h, w, c)` in [0, 1].
        one_hot: Float tensor `(n, num_classes)`, y.
    """
    x, _ = model.observe(images)
    mean, log_variance = model.posterior(model.encoder_body(x), one_hot)
    return mean, log_variance


def draw_codes(
    prior: Mixture,
    classes: Tensor,
    noise: Tensor,
    choice: Tensor,
    xp: ModuleType,
) -> Tensor:
    """Draw z of each class from the fitted prior p(z|y).

    Args:
        prior: The `MixturePrior`.
        classes: int array or tensor `(n,)`.
        noise: Float array or tensor `(n, latent_dim)`, draws of N(0, I), scaled or not.
        choice: Float array or tensor `(n,)` in [0, 1), uniform draws that choose among
            the Gaussians of a class.
        xp: `numpy` or `keras.ops`.

    Returns:
        Float array or tensor `(n, latent_dim)`.
    """
    _, count, size = prior.means.shape
    chances = xp.take(prior.weights.cumsum(axis=1), classes, axis=0)
    # The last sum may fall short of one by a rounding error: it is not compared.
    passed = xp.expand_dims(choice, 1) > chances[:, :-1]
    rows = classes * count + xp.sum(passed, axis=1)
    means = xp.take(prior.means.reshape(-1, size), rows, axis=0)
    factors = xp.take(prior.factors.reshape(-1, size, size), rows, axis=0)
    return means + xp.einsum("nij,nj->ni", factors, noise)


def score_parts(
    best_log_px: Tensor, log_pxy: Tensor, logits: Tensor, logsumexp: Callable
) -> tuple[Tensor, Tensor]:
    """Return the generator's doubt and the classifier's doubt about images.

    Args:
        best_log_px: Float array or tensor `(n,)`, max_p log p(x) over every p that
            knows the image, nats; see `M2.best_log_px`.
        log_pxy: Float array or tensor `(n,)`, log p(x, y) of the likeliest y, nats.
        logits: Float array or tensor `(n, num_classes)`, the classifier's.
        logsumexp: That of `scipy.special` or of `keras.ops`.

    Returns:
        Two arrays or tensors `(n,)`, nats: the deviance, best_log_px - log_pxy; and the
        energy, -logsumexp of the logits (Liu et al. 2020, arXiv:2010.03759).
    """
    return best_log_px - log_pxy, -logsumexp(logits, axis=-1)


def score(
    deviance: Tensor,
    energy: Tensor,
    means: np.ndarray,
    scales: np.ndarray,
    logaddexp: Callable,
) -> Tensor:
    """Return how unusual images are, in standard deviations from the usual.

    It is the soft maximum of both parts, log(exp a + exp b), each in standard
    deviations over usual images: one part alone makes an image unusual, and the other,
    however usual, cannot make up for it.

    Args:
        deviance: Float array or tensor `(n,)`, nats; see `score_parts`.
        energy: Float array or tensor `(n,)`, nats.
        means: float64 array `(2,)`, mean of each part over usual images.
        scales: float64 array `(2,)`, their standard deviations.
        logaddexp: That of NumPy, or one for tensors.

    Returns:
        Float array or tensor `(n,)`.
    """
    one, other = (
        (part - float(mean)) / float(scale)
        for part, mean, scale in zip((deviance, energy), means, scales, strict=True)
    )
    return logaddexp(one, other)


def draw_noise(count: int, size: int, seed: Seed) -> np.ndarray:
    """Return draws of N(0, I), float32 `(count, size)`."""
    return np.random.default_rng(seed).standard_normal((count, size), np.float32)


def draw_choice(count: int, seed: int) -> np.ndarray:
    """Return the uniform draws that choose among Gaussians, float64 `(count,)`.

    The stream is another than that of `draw_noise` with the same seed.
    """
    return np.random.default_rng((seed, 1)).random(count)
