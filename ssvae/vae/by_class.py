"""Sums over y of trained models, some classes at a time: memory stays bounded."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from keras import ops
from scipy.special import log_softmax, logsumexp

from ssvae.types import Tensor
from ssvae.vae import bounds
from ssvae.vae.arrays import CHUNK_AREA, CHUNK_ROWS, in_chunks
from ssvae.vae.interface import Answering
from ssvae.vae.prior import GAUSSIANS, MixturePrior

# Samples of z per image that pass through the networks together, at least.
SAMPLES = 10


def is_by_class(model: Answering, num_samples: int) -> bool:
    """Return whether the classes are too many for all rows of an image at once.

    Args:
        model: An `SSVAE`.
        num_samples: Rows of each image and class.
    """
    too_many = model.num_classes * num_samples > _most_rows(model)
    return too_many or model.num_classes > GAUSSIANS


def elbo_parts_by_class(
    model: Answering, images: np.ndarray, noise: np.ndarray, logits: np.ndarray
) -> np.ndarray:
    """Return what `answers.elbo_parts` does; the encoder runs once per class.

    Args:
        model: An `SSVAE`.
        images: As the model draws them, `(n, h, w, c)`.
        noise: float32 array `(n, noise_size)`.
        logits: float32 array `(n, num_classes)`, the classifier's.

    Returns:
        float32 array `(n, 3)`, nats.
    """
    parts = partial(bounds.class_bound_parts, model)
    log_q = log_softmax(logits.astype(np.float64), axis=1)
    log_ratio = log_q - ops.convert_to_numpy(model.log_prior)
    total = np.zeros((len(images), 3))
    total[:, 2] = np.sum(np.exp(log_q) * log_ratio, axis=1)
    for some, one_hot in _blocks(model, len(images)):
        arrays = [_tiled(array, some) for array in (images, noise)]
        columns = in_chunks(parts, 1, *arrays, one_hot)
        columns = columns.reshape(len(some), len(images), 2)
        q = np.exp(log_q[:, some.start : some.stop])
        total[:, :2] += np.einsum("ny,ync->nc", q, columns)
    return total.astype(np.float32)


def log_likelihood_by_class(
    model: Answering,
    images: np.ndarray,
    num_samples: int,
    prior: MixturePrior | None,
    draw: Callable[[range], np.ndarray],
) -> np.ndarray:
    """Return what `answers.log_likelihood` does; the encoder runs once per class.

    Args:
        model: An `SSVAE`.
        images: As the model draws them, `(n, h, w, c)`.
        num_samples: Samples of z per class.
        prior: p(z|y); N(0, I) where none is given.
        draw: See `mean_weight`.

    Returns:
        float64 array `(n,)`, nats.
    """
    total = np.full(len(images), -np.inf)
    for some, one_hot in _blocks(model, len(images)):
        log_prior = None
        if prior is not None:
            log_prior = partial(_log_density, prior.only(some), some)
        log_weights = partial(bounds.summed_log_weights, model, log_prior=log_prior)

        def draw_for_all(samples, some=some):
            return _tiled(draw(samples), some)

        arrays = [_tiled(images, some), one_hot]
        each = mean_weight(model, log_weights, 1, num_samples, draw_for_all, arrays)
        each = logsumexp(each.reshape(len(some), len(images)), axis=0)
        total = np.logaddexp(total, each)
    return total


def mean_weight(
    model: Answering,
    log_weights: Callable[..., Tensor],
    rows_each: int,
    num_samples: int,
    draw: Callable[[range], np.ndarray],
    arrays: Sequence[np.ndarray],
) -> np.ndarray:
    """Return the logarithm of the mean importance weight over samples of z.

    Args:
        model: An `SSVAE`.
        log_weights: Function of noise `(k, samples, noise_size)` and of rows of the
            arrays that returns `(k, samples)`, nats.
        rows_each: Rows that it makes of each image and sample.
        num_samples: Samples of z.
        draw: Function of the numbers of some samples that returns their noise, float32
            `(n, len(samples), noise_size)`.
        arrays: Arrays `(n, ...)`, the images first.

    Returns:
        float64 array `(n,)`, nats.
    """
    count = len(arrays[0])
    total = np.full(count, -np.inf)
    # Few images pass with many samples at once.
    group = max(SAMPLES, _most_rows(model) // max(1, count * rows_each))
    for start in range(0, num_samples, group):
        samples = range(start, min(start + group, num_samples))
        rows = rows_each * len(samples)
        weights = in_chunks(log_weights, rows, draw(samples), *arrays)
        weights = logsumexp(weights.astype(np.float64), axis=1)
        total = np.logaddexp(total, weights)
    return total - math.log(num_samples)


def _most_rows(model):
    """Return how many rows pass through the decoder at once; see `in_chunks`."""
    height, width, _ = model.pixel_shape
    return CHUNK_ROWS * CHUNK_AREA // max(CHUNK_AREA, height * width)


def _blocks(model, count) -> Iterator[tuple[range, np.ndarray]]:
    """Yield some classes, and rows of weights that name each of them for all images.

    Few images pass with many classes at once.
    """
    size = _most_rows(model) // (SAMPLES * max(1, count))
    size = min(max(1, size), GAUSSIANS)
    for start in range(0, model.num_classes, size):
        some = range(start, min(start + size, model.num_classes))
        one_hot = np.zeros((len(some), count, model.num_classes), np.float32)
        one_hot[np.arange(len(some)), :, some] = 1.0
        yield some, one_hot.reshape(-1, model.num_classes)


def _tiled(array, some):
    """Return an array once per class, one after another."""
    return array if len(some) == 1 else np.concatenate([array] * len(some))


def _log_density(prior, some, z, one_hot):
    """Return log p(z|y) by the prior of some classes, to which all rows belong."""
    return prior.log_density(z, one_hot[:, some.start : some.stop])
