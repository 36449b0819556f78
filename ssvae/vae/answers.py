"""Answers of a model as arrays, from images that were checked.

Each function takes the `SSVAE` and `images`, a uint8 or float32 array `(n, h, w, c)`
that `checked_images` returned: the methods of `SSVAE` check once per call.
"""

from functools import partial

import numpy as np
from keras import ops
from scipy.special import logsumexp

from ssvae.features.extractor import extract
from ssvae.features.resize import resized
from ssvae.types import ArrayLike
from ssvae.vae import bounds, inference
from ssvae.vae.arrays import class_rows, in_chunks
from ssvae.vae.by_class import (
    SAMPLES,
    elbo_parts_by_class,
    is_by_class,
    log_likelihood_by_class,
    mean_weight,
)
from ssvae.vae.feature_classifier import with_vectors
from ssvae.vae.interface import Answering
from ssvae.vae.prior import MixturePrior


def logits(model: Answering, images: np.ndarray) -> np.ndarray:
    """Return the classifier's logits, float32 `(n, num_classes)`."""
    return opinions(model, images)[0]


def opinions(
    model: Answering, images: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the classifier's logits, and how unusual the features are.

    Both come from one pass through the features.

    Returns:
        float32 array `(n, num_classes)`; and -log p(f), nats, float64 array `(n,)`,
        None if the model has no density of features.
    """
    if not model.has_features:
        return in_chunks(model.classify, model.num_classes, images), None
    density = model.fitted.density
    if density is None:
        return extract(model.classifier, images), None
    both = extract(with_vectors(model.classifier), images)
    vectors, known_logits = np.split(both, [len(density.white)], axis=1)
    surprise = density.surprise(vectors.astype(np.float64), np, logsumexp)
    return known_logits, surprise


def as_drawn(model: Answering, images: np.ndarray) -> np.ndarray:
    """Return images in the `pixel_shape` of a model; others pass as they are."""
    height, width, _ = model.pixel_shape
    if images.shape[1:3] == (height, width):
        return images
    return in_chunks(lambda tensor: resized(tensor, height, width), 1, images)


def probabilities(
    model: Answering,
    images: np.ndarray,
    temperature: float | None = None,
    known_logits: np.ndarray | None = None,
) -> np.ndarray:
    """Return the probability of every class; see `SSVAE.predict_proba`."""
    if temperature is None:
        temperature = model.fitted.temperature
    if known_logits is None:
        known_logits = logits(model, images)
    # log q(y|x), up to a constant per image.
    log_q = known_logits.copy()
    if model.has_views:
        doubtful = inference.is_doubtful(known_logits, np)
        if doubtful.any():
            log_q[doubtful] = in_chunks(
                model.classify_views, model.num_classes, images[doubtful]
            )
    return inference.probabilities(log_q, temperature, np)


def class_weights(
    model: Answering, images: np.ndarray, classes: ArrayLike | None
) -> np.ndarray:
    """Return classes as rows, see `class_rows`; the likeliest where none are given."""
    if classes is None:
        classes = probabilities(model, images).argmax(axis=-1)
    return class_rows(classes, model.num_classes)


def posterior_moments(
    model: Answering, images: np.ndarray, one_hot: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and log-variance of q(z|x,y), float32 `(n, latent_dim)` each."""

    def side_by_side(images, one_hot):
        moments = inference.posterior_moments(model, images, one_hot)
        return ops.concatenate(moments, axis=-1)

    images = as_drawn(model, images)
    moments = in_chunks(side_by_side, model.num_classes, images, one_hot)
    mean, log_variance = np.split(moments, 2, axis=-1)
    return mean, log_variance


def elbo_parts(
    model: Answering,
    images: np.ndarray,
    seed: int,
    known_logits: np.ndarray | None = None,
) -> np.ndarray:
    """Return the columns of `SSVAE.elbo_parts`, float32 `(n, 3)`, nats."""
    if known_logits is None:
        known_logits = logits(model, images)
    noise = inference.draw_noise(len(images), model.noise_size, seed)
    images = as_drawn(model, images)
    if is_by_class(model, 1):
        return elbo_parts_by_class(model, images, noise, known_logits)
    parts = partial(bounds.unlabeled_bound_parts, model)
    return in_chunks(parts, model.num_classes, images, noise, known_logits)


def log_likelihood(
    model: Answering,
    images: np.ndarray,
    one_hot: np.ndarray | None = None,
    num_samples: int = 100,
    seed: int = 0,
    prior: MixturePrior | None = None,
    same_noise: bool = False,
) -> np.ndarray:
    """Return an importance-weighted bound of log p(x); see `SSVAE.log_likelihood`.

    Args:
        model: The `SSVAE`.
        images: See above.
        one_hot: float32 array `(n, num_classes)`, for log p(x, y) of this y instead.
        num_samples: Samples of z per class, 1 or more.
        seed: Seed of the noise.
        prior: p(z|y); N(0, I) where none is given.
        same_noise: Whether all images share the noise.

    Returns:
        float64 array `(n,)`, nats.

    Raises:
        ValueError: If there are no samples.
    """
    if num_samples < 1:
        raise ValueError(f"num_samples is {num_samples}; need 1 or more")
    images = as_drawn(model, images)

    def draw(samples):
        count = 1 if same_noise else len(images)
        draws = [
            inference.draw_noise(count, model.noise_size, (seed, sample))
            for sample in samples
        ]
        noise = np.stack(draws, axis=1)
        return np.broadcast_to(noise, (len(images), *noise.shape[1:]))

    if one_hot is None and is_by_class(model, min(SAMPLES, num_samples)):
        return log_likelihood_by_class(model, images, num_samples, prior, draw)
    log_prior = None if prior is None else prior.log_density
    log_weights = partial(bounds.summed_log_weights, model, log_prior=log_prior)
    arrays, rows_each = [images], model.num_classes
    if one_hot is not None:
        arrays, rows_each = [images, one_hot], 1
    return mean_weight(model, log_weights, rows_each, num_samples, draw, arrays)


def score_parts(
    model: Answering,
    images: np.ndarray,
    num_samples: int = 10,
    seed: int = 0,
    known_logits: np.ndarray | None = None,
    surprise: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return deviance and energy, float64 `(n,)`; see `SSVAE.score_parts`."""
    has_density = model.fitted.density is not None
    if known_logits is None or (has_density and surprise is None):
        known_logits, surprise = opinions(model, images)
    if surprise is not None:
        return surprise, -logsumexp(known_logits.astype(np.float64), axis=-1)
    one_hot = class_rows(known_logits.argmax(axis=-1), model.num_classes)
    images = as_drawn(model, images)
    best = in_chunks(model.best_log_px, model.num_classes, images)
    prior = model.fitted.prior
    log_pxy = log_likelihood(
        model, images, one_hot, num_samples, seed, prior, same_noise=True
    )
    return inference.score_parts(
        best, log_pxy, known_logits.astype(np.float64), logsumexp
    )
