"""Lower bounds of log p(x, y) and log p(x), and the importance weights behind them.

A row is one image with one class y. `x` is what `M2.observe` returned for the image,
`(batch, ...)`, and `features` is `model.encoder_body(x)`, `(batch, hidden_units)`.
"""

import math
from collections.abc import Callable

from keras import ops

from ssvae.types import Tensor
from ssvae.vae import losses
from ssvae.vae.interface import Distributions


def bound(
    model: Distributions,
    one_hot: Tensor,
    x: Tensor,
    features: Tensor,
    noise: Tensor,
    kl_weight: float | Tensor = 1.0,
    free_bits: float = 0.0,
) -> Tensor:
    """L(x, y), equation 6, with one sample of z per row.

    Args:
        model: An `SSVAE`.
        one_hot: Float tensor `(batch, num_classes)`, y.
        x: See above.
        features: See above.
        noise: Float tensor `(batch, latent_dim)`, drawn from N(0, I).
        kl_weight: Weight of the KL of z; only 1 gives the bound.
        free_bits: See `losses.gaussian_kl`; only 0 gives the bound.

    Returns:
        Float tensor `(batch,)`, nats.
    """
    log_px, kl = bound_parts(model, one_hot, x, features, noise, free_bits)
    return losses.labeled_bound(log_px, model.log_py(one_hot), kl_weight * kl)


def bound_parts(
    model: Distributions,
    one_hot: Tensor,
    x: Tensor,
    features: Tensor,
    noise: Tensor,
    free_bits: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Return log p(x|y,z) with one sample of z per row, and KL(q(z|x,y) || p(z)).

    The arguments are those of `bound`.

    Returns:
        Two float tensors `(batch,)`, nats.
    """
    mean, log_var = model.posterior(features, one_hot)
    z = mean + ops.exp(0.5 * log_var) * noise
    kl = losses.gaussian_kl(mean, log_var, free_bits)
    return model.log_px(x, z, one_hot), kl


def log_weight(
    model: Distributions,
    one_hot: Tensor,
    x: Tensor,
    features: Tensor,
    noise: Tensor,
    log_prior: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Tensor:
    """Log p(x|y,z) p(y) p(z) / q(z|x,y) of one sample of z; its mean is `bound`.

    Args:
        model: An `SSVAE`.
        one_hot: See `bound`.
        x: See `bound`.
        features: See `bound`.
        noise: See `bound`.
        log_prior: Function of z `(batch, latent_dim)` and `one_hot` that returns
            log p(z|y) `(batch,)`, nats. Default: p(z) = N(0, I).

    Returns:
        Float tensor `(batch,)`, nats.
    """
    mean, log_var = model.posterior(features, one_hot)
    return _log_weight(model, one_hot, x, mean, log_var, noise, log_prior)


def importance_bound(
    model: Distributions, one_hot: Tensor, x: Tensor, features: Tensor, noise: Tensor
) -> Tensor:
    """Log mean_k w_k <= log p(x, y), a tighter bound than L(x, y).

    Burda, Grosse, Salakhutdinov, "Importance Weighted Autoencoders", 2016
    (arXiv:1509.00519), equation 8.

    Args:
        model: An `SSVAE`.
        one_hot: See `bound`.
        x: See `bound`.
        features: See `bound`.
        noise: Float tensor `(batch, num_samples * latent_dim)`, from N(0, I).

    Returns:
        Float tensor `(batch,)`, nats.
    """
    latent_dim = model.config.latent_dim
    count = noise.shape[-1] // latent_dim
    # q(z|x,y) is the same for every sample.
    mean, log_var = model.posterior(features, one_hot)
    one_hot, x, mean, log_var = (
        repeated(tensor, count) for tensor in (one_hot, x, mean, log_var)
    )
    noise = ops.reshape(noise, (-1, latent_dim))
    weights = _log_weight(model, one_hot, x, mean, log_var, noise)
    weights = ops.reshape(weights, (-1, count))
    return ops.logsumexp(weights, axis=-1) - math.log(count)


def _log_weight(model, one_hot, x, mean, log_var, noise, log_prior=None):
    """Return `log_weight` for the mean and log-variance of q(z|x,y)."""
    z = mean + ops.exp(0.5 * log_var) * noise
    log_q = losses.gaussian_log_likelihood(z, mean, 0.5 * log_var)
    if log_prior is None:
        log_pz = losses.gaussian_log_likelihood(z, 0.0, 0.0)
    else:
        log_pz = log_prior(z, one_hot)
    return model.log_px(x, z, one_hot) + model.log_py(one_hot) + log_pz - log_q


def summed_log_weights(
    model: Distributions,
    noise: Tensor,
    images: Tensor,
    one_hot: Tensor | None = None,
    log_prior: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Tensor:
    """Log of the sum over y of the weights of samples of z.

    The mean over the samples is at most log p(x).

    Args:
        model: An `SSVAE`.
        noise: Float tensor `(batch, num_samples, latent_dim + m1_latent_dim)`, from
            N(0, I).
        images: Float tensor `(batch, h, w, c)` in [0, 1].
        one_hot: Float tensor `(batch, num_classes)`, for the weights of this y
            alone. Default: every y.
        log_prior: See `log_weight`.

    Returns:
        Float tensor `(batch, num_samples)`, nats.
    """
    batch, count, width = ops.shape(noise)
    noise = ops.reshape(noise, (-1, width))
    one_hot, rows, ratio = _rows(model, images, noise, one_hot, count)
    x, features, noise = rows
    weights = log_weight(model, one_hot, x, features, noise, log_prior)
    weights = ops.logsumexp(ops.reshape(weights, (batch * count, -1)), axis=-1)
    return ops.reshape(weights + ratio, (batch, count))


def unlabeled_bound_parts(
    model: Distributions, images: Tensor, noise: Tensor, logits: Tensor
) -> Tensor:
    """Return the three terms of U(x), equation 7, with one sample of z per class.

    Args:
        model: An `SSVAE`.
        images: Float tensor `(batch, h, w, c)` in [0, 1].
        noise: Float tensor `(batch, latent_dim + m1_latent_dim)`, from N(0, I).
        logits: Float tensor `(batch, num_classes)`, `model.classify(images)`.

    Returns:
        Float tensor `(batch, 3)`, nats: the expected log p(x|y,z), the expected KL of
        z, and the KL of y. U(x) is the first minus the others.
    """
    one_hot, rows, ratio = _rows(model, images, noise)
    log_px, kl = (
        ops.reshape(part, (-1, model.num_classes))
        for part in bound_parts(model, one_hot, *rows)
    )
    log_q = ops.log_softmax(logits, axis=-1)
    columns = [log_px + ops.expand_dims(ratio, -1), kl, log_q - model.log_prior]
    return ops.stack([ops.sum(ops.exp(log_q) * c, -1) for c in columns], -1)


def class_bound_parts(
    model: Distributions, images: Tensor, noise: Tensor, one_hot: Tensor
) -> Tensor:
    """Return two terms of L(x, y), equation 6, of one class per image.

    Args:
        model: An `SSVAE`.
        images: See `unlabeled_bound_parts`.
        noise: See `unlabeled_bound_parts`.
        one_hot: Float tensor `(batch, num_classes)`, y.

    Returns:
        Float tensor `(batch, 2)`, nats: log p(x|y,z), and the KL of z.
    """
    one_hot, rows, ratio = _rows(model, images, noise, one_hot)
    log_px, kl = bound_parts(model, one_hot, *rows)
    return ops.stack([log_px + ratio, kl], -1)


def _rows(model, images, noise, one_hot=None, num_samples=1):
    """Return y, the other arguments of `bound`, and M1's log ratio, for every sample.

    The encoder's body runs once per image, except with M1, where every sample has an x
    of its own. If no y is given, there is one row per sample and class.
    """
    noise, m1_noise = ops.split(noise, [model.config.latent_dim], axis=-1)
    if one_hot is not None:
        one_hot = repeated(one_hot, num_samples)
    if model.m1 is not None:
        images, num_samples = repeated(images, num_samples), 1
    x, ratio = model.observe(images, m1_noise)
    x, features, ratio = (
        repeated(tensor, num_samples) for tensor in (x, model.encoder_body(x), ratio)
    )
    rows = x, features, noise
    if one_hot is None:
        one_hot, *rows = every_class(model, *rows)
    return one_hot, rows, ratio


def every_class(model: Distributions, *tensors: Tensor) -> tuple[Tensor, ...]:
    """Repeat each image's rows once per class, and return every y with them.

    Args:
        model: An `SSVAE`.
        *tensors: Tensors `(batch, ...)`.

    Returns:
        The one-hot y `(batch * num_classes, num_classes)`, all classes of one image
        after each other, then the repeated tensors.
    """
    count = model.num_classes
    one_hot = ops.tile(ops.eye(count), (ops.shape(tensors[0])[0], 1))
    return one_hot, *(repeated(tensor, count) for tensor in tensors)


def repeated(tensor: Tensor, count: int) -> Tensor:
    """Repeat each row, the copies after each other.

    Args:
        tensor: Tensor `(batch, ...)`.
        count: Number of copies.

    Returns:
        Tensor `(batch * count, ...)`.
    """
    # Not ops.repeat: on TensorFlow its gradient transposes, a broadcast's only sums.
    batch, *row = ops.shape(tensor)
    rows = ops.broadcast_to(ops.expand_dims(tensor, 1), (batch, count, *row))
    return ops.reshape(rows, (-1, *row))
