"""The sum over y in U(x), equation 7: over every class, or over some of them.

Each way takes the same: the model; the classifier's logits, a float tensor `(batch,
num_classes)`; `rows`, tensors `(batch, ...)` of what a bound needs of an image whatever
its class; and `bound`, a function of y, one-hot `(n, num_classes)`, and of n such rows
that returns L(x, y), `(n,)`. It returns U(x), `(batch,)`, nats.
"""

import math

import keras
from keras import ops

from ssvae.vae import bounds, losses

# Classes an image, on average, whose bound is learned from where the others weigh next
# to nothing.
KEPT = 2


def num_summed(config, num_classes) -> int:
    """Return how many classes U(x) is summed over in training, drawn ones aside."""
    return min(config.top_classes or num_classes, num_classes)


def which_summed(model) -> str:
    """Say which classes U(x) is summed over in training."""
    top, drawn = num_summed(model.config, model.num_classes), ""
    if top == model.num_classes:
        return f"all {top} classes"
    if model.config.sampled_classes:
        drawn = f" and {model.config.sampled_classes} drawn"
    return f"the {top} likeliest{drawn} of {model.num_classes:,} classes"


def over_all(model, logits, rows, bound):
    """Return U(x), the sum over every class."""
    one_hot, *rows = bounds.every_class(model, *rows)
    return _sum(logits, bound(one_hot, *rows))


def over_all_learning_from_few(model, logits, rows, bound):
    """Return U(x), with a gradient that leaves out what weighs next to nothing.

    L(x, y) is learned from in proportion to q(y|x). Of all images' classes the
    likeliest, `KEPT` an image, are learned from, the others count in the value alone;
    but where these weigh more than `config.spared_weight`, every class is.
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


def spared_weight(logits):
    """Return the mean weight of what `over_all_learning_from_few` would leave out."""
    return _likeliest_first(logits)[1]


def over_some(model, logits, rows, bound):
    """Return U(x) with the sum over `some_classes`."""
    classes, log_q, weights = some_classes(model, logits)
    one_hot = ops.one_hot(ops.reshape(classes, (-1,)), model.num_classes)
    rows = [bounds.repeated(tensor, classes.shape[1]) for tensor in rows]
    each = ops.reshape(bound(one_hot, *rows), ops.shape(log_q))
    return losses.unlabeled_bound(log_q, each, weights)


def some_classes(model, logits):
    """Return classes for U(x) to sum over, their log q(y|x), and their weights.

    The likeliest `top_classes`. Alone, q is cut to them; with `sampled_classes`, drawn
    by r(y), q over all others, the rest of the sum is not left out but estimated: a
    drawn y weighs q(y|x) / (S r(y)), r held constant, which is right on average, in
    value and in gradient.

    Args:
        model: The `SSVAE`, of whose config `top_classes` and
            `sampled_classes` are read.
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
    """Return the places of all images' classes in order, and what the last weigh.

    The weights are of all but the first `KEPT` an image, their mean over the images.
    """
    log_q = ops.stop_gradient(ops.log_softmax(logits, axis=-1))
    weights = ops.reshape(ops.exp(log_q), (-1,))
    order = ops.argsort(-weights)
    last = ops.take(weights, order[KEPT * logits.shape[0] :])
    return order, ops.sum(last) / logits.shape[0]


def _sum(logits, each):
    """Return U(x) of the bounds of every class, `(batch * num_classes,)`."""
    log_q = ops.log_softmax(logits, axis=-1)
    each = ops.reshape(each, ops.shape(log_q))
    return losses.unlabeled_bound(log_q, each, ops.exp(log_q))
