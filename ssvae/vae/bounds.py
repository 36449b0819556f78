"""Lower bounds of log p(x, y) and log p(x), and the importance weights behind them."""

import math

from keras import ops

from ssvae.vae import losses


def bound(model, one_hot, x, features, noise, kl_weight=1.0, free_bits=0.0):
    """L(x, y), equation 6, with one sample of z a row.

    Args:
        model: An `SSVAE`.
        one_hot: Float tensor `(batch, num_classes)`.
        x: Float tensor `(batch, ...)`, what `M2.observe` returned.
        features: Float tensor `(batch, hidden_units)`, `model.encoder_body(x)`.
        noise: Float tensor `(batch, latent_dim)`, drawn from N(0, I).
        kl_weight: Weight of the KL of z; 1 gives the bound.
        free_bits: See `losses.gaussian_kl`; 0 gives the bound.

    Returns:
        Float tensor `(batch,)`, nats.
    """
    log_px, kl = bound_parts(model, one_hot, x, features, noise, free_bits)
    return losses.labeled_bound(log_px, model.log_py(one_hot), kl_weight * kl)


def bound_parts(model, one_hot, x, features, noise, free_bits=0.0):
    """Return log p(x|y,z) of one sample of z a row, and KL(q(z|x,y) || p(z)).

    The arguments are those of `bound`; two float tensors `(batch,)`, nats.
    """
    mean, log_var = model.posterior(features, one_hot)
    z = mean + ops.exp(0.5 * log_var) * noise
    kl = losses.gaussian_kl(mean, log_var, free_bits)
    return model.log_px(x, z, one_hot), kl


def log_weight(model, one_hot, x, features, noise, log_prior=None):
    """Log p(x|y,z) p(y) p(z) / q(z|x,y) of one sample of z; its mean is `bound`.

    Args:
        model: An `SSVAE`.
        one_hot: See `bound`.
        x: See `bound`.
        features: See `bound`.
        noise: See `bound`.
        log_prior: Function of z `(batch, latent_dim)` and `one_hot` that returns
            log p(z|y) `(batch,)`, nats, instead of that of N(0, I).

    Returns:
        Float tensor `(batch,)`, nats.
    """
    moments = model.posterior(features, one_hot)
    return _log_weight(model, one_hot, x, *moments, noise, log_prior)


def importance_bound(model, one_hot, x, features, noise):
    """Log mean_k w_k <= log p(x, y), L(x, y) but tighter.

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
    rows = one_hot, x, *model.posterior(features, one_hot)
    rows = [repeated(tensor, count) for tensor in rows]
    weights = _log_weight(model, *rows, ops.reshape(noise, (-1, latent_dim)))
    weights = ops.reshape(weights, (-1, count))
    return ops.logsumexp(weights, axis=-1) - math.log(count)


def _log_weight(model, one_hot, x, mean, log_var, noise, log_prior=None):
    """Return the weight of one sample of z a row, of q(z|x,y) with these moments."""
    z = mean + ops.exp(0.5 * log_var) * noise
    log_q = losses.gaussian_log_likelihood(z, mean, 0.5 * log_var)
    if log_prior is None:
        log_pz = losses.gaussian_log_likelihood(z, 0.0, 0.0)
    else:
        log_pz = log_prior(z, one_hot)
    return model.log_px(x, z, one_hot) + model.log_py(one_hot) + log_pz - log_q


def summed_log_weights(model, noise, images, one_hot=None, log_prior=None):
    """Log sum_y of the weights of samples of z; their means are below log p(x).

    Args:
        model: An `SSVAE`.
        noise: Float tensor `(batch, num_samples, latent_dim + m1_latent_dim)`, from
            N(0, I).
        images: Float tensor `(batch, h, w, c)` in [0, 1].
        one_hot: Float tensor `(batch, num_classes)`, for the weights of these y
            alone.
        log_prior: See `log_weight`.

    Returns:
        Float tensor `(batch, num_samples)`, nats.
    """
    batch, count, width = ops.shape(noise)
    noise = ops.reshape(noise, (-1, width))
    one_hot, rows, ratio = _rows(model, images, noise, one_hot, count)
    weights = log_weight(model, one_hot, *rows, log_prior)
    weights = ops.logsumexp(ops.reshape(weights, (batch * count, -1)), axis=-1)
    return ops.reshape(weights + ratio, (batch, count))


def unlabeled_bound_parts(model, images, noise):
    """Return what U(x), equation 7, consists of, with one sample of z a class.

    Args:
        model: An `SSVAE`.
        images: Float tensor `(batch, h, w, c)` in [0, 1].
        noise: Float tensor `(batch, latent_dim + m1_latent_dim)`, from N(0, I).

    Returns:
        Float tensor `(batch, 3)`, nats: the expected log p(x|y,z), from which the
        expected KL of z and the KL of y are to be taken.
    """
    one_hot, rows, ratio = _rows(model, images, noise)
    log_px, kl = (
        ops.reshape(part, (-1, model.num_classes))
        for part in bound_parts(model, one_hot, *rows)
    )
    log_q = ops.log_softmax(model.classify(images), axis=-1)
    columns = [log_px + ops.expand_dims(ratio, -1), kl, log_q - model.log_prior]
    return ops.stack([ops.sum(ops.exp(log_q) * c, -1) for c in columns], -1)


def _rows(model, images, noise, one_hot=None, num_samples=1):
    """Return y, what `bound` needs beside it, and M1's log ratio, a row a sample.

    The encoder's body is asked once an image: x is a sample's own to M1 alone. Where no
    y is given there is a row for every class.
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


def every_class(model, *tensors):
    """Repeat each image's rows once a class and put every y beside them.

    Args:
        model: An `SSVAE`.
        *tensors: Tensors `(batch, ...)`.

    Returns:
        The one-hot y `(batch * num_classes, num_classes)`, the classes of one
        image side by side, then the repeated tensors.
    """
    count = model.num_classes
    one_hot = ops.tile(ops.eye(count), (ops.shape(tensors[0])[0], 1))
    return one_hot, *(repeated(tensor, count) for tensor in tensors)


def repeated(tensor, count):
    """Repeat each row, the copies side by side.

    Args:
        tensor: Tensor `(batch, ...)`.
        count: How often.

    Returns:
        Tensor `(batch * count, ...)`.
    """
    # The gradient of ops.repeat transposes on TensorFlow, that of a broadcast sums.
    batch, *row = ops.shape(tensor)
    rows = ops.broadcast_to(ops.expand_dims(tensor, 1), (batch, count, *row))
    return ops.reshape(rows, (-1, *row))
