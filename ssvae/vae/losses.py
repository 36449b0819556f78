"""The mathematics: one pure function per term, which returns nats per image.

Equation numbers are those of Kingma, Rezende, Mohamed and Welling, "Semi-supervised
Learning with Deep Generative Models", 2014 (arXiv:1406.5298). There J is minimised;
the bounds here are to be maximised, so their signs are the opposite.
"""

import math

from keras import ops

from ssvae.data.coarse import RULED_OUT
from ssvae.types import Tensor


def bernoulli_log_likelihood(x: Tensor, logits: Tensor) -> Tensor:
    """Log p(x|y,z) = sum_d x_d l_d - softplus(l_d), with l the decoder's logits.

    Args:
        x: Float tensor `(batch, ...)` in [0, 1]; a grey value is the mean of a binary
            pixel.
        logits: Float tensor of the same shape.

    Returns:
        Float tensor `(batch,)`, nats.
    """
    rows = ops.reshape(logits, (-1, math.prod(logits.shape[1:])))
    return _sum_pixels(x * logits) - _sum_of_softplus(rows)


def bernoulli_entropy(x: Tensor) -> Tensor:
    """-sum_d x_d log x_d + (1 - x_d) log(1 - x_d), the lowest -log p(x|y,z).

    Args:
        x: Float tensor `(batch, ...)` in [0, 1].

    Returns:
        Float tensor `(batch,)`, nats, never negative.
    """
    # 0 log 0 is 0.
    part = [p * ops.log(ops.maximum(p, 1e-30)) for p in (x, 1.0 - x)]
    return -_sum_pixels(part[0] + part[1])


def gaussian_log_likelihood(
    x: Tensor, mean: Tensor | float, log_scale: Tensor | float
) -> Tensor:
    """Log p(x|y,z) = sum_d log N(x_d; mean_d, sigma^2), sigma = exp(log_scale).

    Args:
        x: Float tensor `(batch, ...)`.
        mean: Float tensor of the same shape.
        log_scale: Float scalar tensor, or one that broadcasts to `x`.

    Returns:
        Float tensor `(batch,)`, nats of a density (so it can be positive).
    """
    scaled = (x - mean) * ops.exp(-log_scale)
    constant = 0.5 * math.log(2.0 * math.pi)
    return _sum_pixels(-0.5 * ops.square(scaled) - log_scale - constant)


def logistic_log_likelihood(x: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """Log p(x|y,z) = sum_d log(F((x_d + h - mean_d) / s) - F((x_d - h - mean_d) / s)).

    A logistic distribution cut into the 256 steps of a byte: F is the sigmoid, s =
    exp(log_scale), h is half a step. The mass below 0 counts as 0, the mass above 1 as
    1 (Kingma et al. 2016, appendix D).

    Args:
        x: Float tensor `(batch, ...)`, whole multiples of 1/255 in [0, 1].
        mean: Float tensor of the same shape.
        log_scale: Float scalar tensor, or one that broadcasts to `x`.

    Returns:
        Float tensor `(batch,)`, nats of a probability (so it is never positive).
    """
    inverse, half = ops.exp(-log_scale), 0.5 / 255.0
    above, below = (x + half - mean) * inverse, (mean - x + half) * inverse
    # F(a) - F(-b) = F(a) F(b) (1 - exp(-a - b)), and a + b is one step.
    step = ops.log(-ops.expm1(-2.0 * half * inverse))
    lowest, highest = x < half, x > 1.0 - half
    log_p = ops.where(highest, 0.0, ops.log_sigmoid(above))
    log_p += ops.where(lowest, 0.0, ops.log_sigmoid(below))
    return _sum_pixels(log_p + ops.where(lowest | highest, 0.0, step))


def gaussian_kl(mean: Tensor, log_var: Tensor, free_bits: float = 0.0) -> Tensor:
    """KL(q(z|x,y) || N(0, I)) = sum_j (mean_j^2 + var_j - log var_j - 1) / 2.

    Args:
        mean: Float tensor `(batch, latent_dim)`.
        log_var: Float tensor of the same shape.
        free_bits: Nats. A dimension whose KL, averaged over the batch, is below counts
            this constant instead, so that its KL does not fall further (Kingma et al.
            2016, equation 15, with one group per dimension). 0 gives the exact KL.

    Returns:
        Float tensor `(batch,)`, nats, never negative.
    """
    kl = 0.5 * (ops.square(mean) + ops.exp(log_var) - log_var - 1.0)
    if free_bits:
        spared = ops.mean(kl, axis=0, keepdims=True) < free_bits
        kl = ops.where(spared, free_bits, kl)
    return ops.sum(kl, axis=-1)


def labeled_bound(log_px: Tensor, log_py: Tensor, kl: Tensor) -> Tensor:
    """L(x, y) = E_q(z|x,y)[log p(x|y,z)] + log p(y) - KL(q(z|x,y) || p(z)).

    Equation 6; L(x, y) <= log p(x, y).

    Args:
        log_px: Float tensor, an estimate of the expected log p(x|y,z), nats.
        log_py: Float tensor that broadcasts to it, log p(y), nats.
        kl: Float tensor of its shape, nats.

    Returns:
        Float tensor of the shape of `log_px`, nats.
    """
    return log_px + log_py - kl


def unlabeled_bound(log_q: Tensor, bounds: Tensor, weights: Tensor) -> Tensor:
    """U(x) = sum_y q(y|x) (L(x, y) - log q(y|x)).

    Equation 7; U(x) <= logsumexp_y L(x, y) <= log p(x). The first two are equal
    exactly when q(y|x) is proportional to exp L(x, y).

    Args:
        log_q: Float tensor `(batch, k)`, log q(y|x) of k classes, nats.
        bounds: Float tensor `(batch, k)`, L(x, y) of these classes, nats.
        weights: Float tensor `(batch, k)`, the weight of each class in the sum: q(y|x)
            if all classes are given.

    Returns:
        Float tensor `(batch,)`, nats.
    """
    return ops.sum(weights * (bounds - log_q), axis=-1)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """-sum_y t(y) log q(y|x), the classifier's term of equation 9 where t is one-hot.

    Args:
        logits: Float tensor `(batch, num_classes)`, unnormalised log q(y|x).
        targets: Float tensor `(batch, num_classes)`, rows that sum to one.

    Returns:
        Float tensor `(batch,)`, nats, never negative.
    """
    return -ops.sum(targets * ops.log_softmax(logits, axis=-1), axis=-1)


def group_cross_entropy(logits: Tensor, allowed: Tensor) -> Tensor:
    """-log sum_{y in g} q(y|x), the classifier's term for a label of a group g.

    Args:
        logits: Float tensor `(batch, num_classes)`, unnormalised log q(y|x).
        allowed: Bool tensor `(batch, num_classes)`, the classes of the group, one or
            more in every row.

    Returns:
        Float tensor `(batch,)`, nats, never negative; 0 if the group holds all classes.
    """
    within = ops.logsumexp(kept_to_group(logits, allowed), axis=-1)
    return ops.relu(ops.logsumexp(logits, axis=-1) - within)


def kept_to_group(logits: Tensor, allowed: Tensor) -> Tensor:
    """Return the logits of q(y|x, g), which is 0 for classes outside the group g.

    With them `unlabeled_bound` is the sum over the group's classes alone, a lower bound
    of log p(x, y in g): equation 7 with q(y|x, g) in the place of q(y|x).

    Args:
        logits: Float tensor `(batch, num_classes)`, unnormalised log q(y|x).
        allowed: See `group_cross_entropy`.

    Returns:
        Float tensor of the shape of `logits`.
    """
    return ops.where(allowed, logits, RULED_OUT)


@ops.custom_gradient
def _sum_of_softplus(x):
    """Sum_d max(x_d, 0) + log(1 + exp(-|x_d|)), with one logarithm for many d.

    The logarithm is of a product of factors from 1 to 2. In float32 the product of up
    to 127 of them is finite.

    Args:
        x: Float tensor `(batch, d)`.

    Returns:
        Float tensor `(batch,)`, and the function of its gradient.
    """
    size = x.shape[-1]
    group = next(n for n in range(min(size, 127), 0, -1) if size % n == 0)
    factors = ops.reshape(1.0 + ops.exp(-ops.abs(x)), (-1, size // group, group))
    logs = ops.log(ops.prod(factors, axis=-1))

    def gradient(*args, upstream=None):
        upstream = args[0] if upstream is None else upstream
        return ops.expand_dims(upstream, -1) * ops.sigmoid(x)

    return ops.sum(ops.relu(x), axis=-1) + ops.sum(logs, axis=-1), gradient


def _sum_pixels(x):
    return ops.sum(ops.reshape(x, (ops.shape(x)[0], -1)), axis=-1)
