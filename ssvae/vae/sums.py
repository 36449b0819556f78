"""The sum over y in U(x), equation 7: over every class, or over some of them.

The functions `over_...` take the same arguments and return U(x), `(batch,)`, nats:

- `model`, the `SSVAE`;
- `logits`, the classifier's, a float tensor `(batch, num_classes)`;
- `rows`, the inputs of a bound that do not depend on y, tensors `(batch, ...)`;
- `bound`, a function of y, one-hot `(n, num_classes)`, and of n of these rows, that
  returns L(x, y), `(n,)`.
"""

import math
from collections.abc import Callable, Sequence

import keras
from keras import ops

from ssvae.config.settings import Config
from ssvae.types import Tensor
from ssvae.vae import bounds, losses
from ssvae.vae.interface import Distributions

# Classes per image, on average, whose bounds are learned from if the other classes have
# almost no weight.
KEPT = 2


def num_summed(config: Config, num_classes: int) -> int:
    """Return how many classes U(x) is summed over in training, without drawn ones."""
    return min(int(config.top_classes) or num_classes, num_classes)


def which_summed(model: Distributions) -> str:
    """Say which classes U(x) is summed over in training."""
    top, drawn = num_summed(model.config, model.num_classes), ""
    if top == model.num_classes:
        return f"all {top} classes"
    if model.config.sampled_classes:
        drawn = f" and {model.config.sampled_classes} drawn"
    likeliest = "the likeliest" if top == 1 else f"the {top} likeliest"
    return f"{likeliest}{drawn} of {model.num_classes:,} classes"


def over_all(
    model: Distributions,
    logits: Tensor,
    rows: Sequence[Tensor],
    bound: Callable[..., Tensor],
) -> Tensor:
    """Return U(x), the sum over every class."""
    one_hot, *repeated = bounds.every_class(model, *rows)
    return _sum(logits, bound(one_hot, *repeated))


def over_all_learning_from_few(
    model: Distributions,
    logits: Tensor,
    rows: Sequence[Tensor],
    bound: Callable[..., Tensor],
) -> Tensor:
    """Return U(x), the sum over every class, with a gradient from few of them.

    The gradient of L(x, y) has the weight q(y|x). Only the likeliest pairs of image and
    class have a gradient, `KEPT` pairs per image on average; the others count in the
    value alone. If the others together weigh `config.spared_weight` per image or more,
    every pair has a gradient.
    """
    kept = KEPT * logits.shape[0]
    order, spared = _likeliest_first(logits)

    def pairs(places):
        images, classes = places // model.num_classes, places % model.num_classes
        one_hot = ops.one_hot(classes, model.num_classes)
        return bound(one_hot, *(ops.take(tensor, images, axis=0) for tensor in rows))

    def few():
        parts = pairs(order[:kept]), ops.stop_gradient(pairs(order[kept:]))
        count = logits.shape[0] * model.num_classes
        return ops.scatter(ops.expand_dims(order, -1), ops.concatenate(parts), (count,))

    def every():
        one_hot, *repeated = bounds.every_class(model, *rows)
        return bound(one_hot, *repeated)

    each = ops.cond(spared < model.config.spared_weight, few, every)
    return _sum(logits, each)


def spared_weight(logits: Tensor) -> Tensor:
    """Return the weight that `over_all_learning_from_few` would leave out, per image.

    Args:
        logits: Float tensor `(batch, num_classes)`.
    """
    return _likeliest_first(logits)[1]


def over_some(
    model: Distributions,
    logits: Tensor,
    rows: Sequence[Tensor],
    bound: Callable[..., Tensor],
) -> Tensor:
    """Return U(x) with the sum over `some_classes`."""
    classes, log_q, weights = some_classes(model, logits)
    one_hot = ops.one_hot(ops.reshape(classes, (-1,)), model.num_classes)
    rows = [bounds.repeated(tensor, classes.shape[1]) for tensor in rows]
    each = ops.reshape(bound(one_hot, *rows), ops.shape(log_q))
    return losses.unlabeled_bound(log_q, each, weights)


def some_classes(model: Distributions, logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return classes for U(x) to sum over, their log q(y|x), and their weights.

    The classes are the likeliest `top_classes` of an image. Without `sampled_classes`,
    q is cut to them. With S `sampled_classes`, the rest of the sum is estimated: S
    classes are drawn from r(y), which is q cut to all others, and each weighs
    q(y|x) / (S r(y)), r held constant. The estimate has the right mean, in value and in
    gradient.

    Args:
        model: The `SSVAE`; its config has `top_classes` and `sampled_classes`.
        logits: Float tensor `(batch, num_classes)`.

    Returns:
        Int tensor and two float tensors, `(batch, top_classes + sampled_classes)`.
    """
    top = num_summed(model.config, model.num_classes)
    drawn = model.config.sampled_classes
    highest, classes = ops.top_k(logits, top)
    if not drawn:
        log_q = ops.log_softmax(highest, axis=-1)
        return classes, log_q, ops.exp(log_q)
    taken = ops.sum(ops.one_hot(classes, model.num_classes), axis=1)
    others = ops.stop_gradient(ops.where(taken > 0, -1e9, logits))
    sample = keras.random.categorical(others, drawn, seed=model.seed_generator)
    classes = ops.concatenate([ops.cast(classes, "int32"), sample], axis=1)
    log_r = ops.take_along_axis(ops.log_softmax(others, axis=-1), sample, axis=1)
    log_q = ops.take_along_axis(ops.log_softmax(logits, axis=-1), classes, axis=1)
    log_weights = [log_q[:, :top], log_q[:, top:] - log_r - math.log(drawn)]
    return classes, log_q, ops.exp(ops.concatenate(log_weights, axis=1))


def _likeliest_first(logits):
    """Return the order of all pairs of image and class, and the weight of the last.

    The order begins with the likeliest pair. The weight is that of all but the first
    `KEPT` pairs per image, as a mean per image.
    """
    log_q = ops.stop_gradient(ops.log_softmax(logits, axis=-1))
    weights = ops.reshape(ops.exp(log_q), (-1,))
    order = ops.argsort(-weights)
    last = ops.take(weights, order[KEPT * logits.shape[0] :])
    return order, ops.sum(last) / logits.shape[0]


def _sum(logits, each):
    """Return U(x) for the bounds of every class, `(batch * num_classes,)`."""
    log_q = ops.log_softmax(logits, axis=-1)
    each = ops.reshape(each, ops.shape(log_q))
    return losses.unlabeled_bound(log_q, each, ops.exp(log_q))
