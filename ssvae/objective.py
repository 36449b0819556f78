"""What training minimises: the bounds of M2 and the classifier's lessons."""

import keras
from keras import ops

from ssvae import losses
from ssvae.augment import warp

TERMS = ("unlabeled_elbo", "labeled_elbo", "cross_entropy", "consistency", "accuracy")


def loss_terms(model, batch, training):
    """Return every term of the objective, a value an image.

    Args:
        model: The `SSVAE`.
        batch: Dict with `labeled` and `labels`, or `unlabeled`, or all three: uint8
            images `(batch, height, width, channels)` and int classes `(batch,)`;
            `guesses` at the classes of the unlabeled stand in for the teacher, or
            precede it.
        training: Whether to warp, to ask the teacher, and to weaken the KL.

    Returns:
        Dict of float tensors `(batch,)`: `labeled_elbo` L(x, y), `unlabeled_elbo`
        U(x), `cross_entropy` of the labeled images, `consistency` with the targets
        of the unlabeled, all in nats; `accuracy` on the labeled images, 0 or 1.
    """
    labeled, unlabeled = (
        ops.cast(batch[kind], "float32") / 255.0 if kind in batch else None
        for kind in ("labeled", "unlabeled")
    )
    taught = training and model.config.consistency_weight and unlabeled is not None
    warped = training and model.config.augment == "warp"
    parts = {"labeled": labeled, "unlabeled": unlabeled}
    logits = _classify(
        model,
        {
            kind: _view(model, images, warped)
            for kind, images in parts.items()
            if images is not None
        },
        training,
    )

    terms = {}
    if unlabeled is not None:
        terms["unlabeled_elbo"] = _unlabeled_bound(
            model, unlabeled, logits["unlabeled"], training
        )
    if labeled is not None:
        one_hot = ops.one_hot(batch["labels"], model.num_classes)
        rows = _bound_inputs(model, labeled)
        terms["labeled_elbo"] = _bound(model, one_hot, *rows, training)
        terms["cross_entropy"] = losses.cross_entropy(logits["labeled"], one_hot)
        hits = ops.equal(ops.argmax(logits["labeled"], -1), ops.argmax(one_hot, -1))
        terms["accuracy"] = ops.cast(hits, "float32")
    if taught:
        targets = _targets(model, unlabeled, batch.get("guesses"))
        terms["consistency"] = losses.cross_entropy(logits["unlabeled"], targets)
    return terms


def total_loss(config, terms):
    """Return the weighted sum of the terms' means, nats per image, to minimise.

    The two bounds count as one mean over labeled and unlabeled images.
    """
    bounds = [terms[name] for name in TERMS[:2] if name in terms]
    loss = -config.elbo_weight * ops.mean(ops.concatenate(bounds))
    if "cross_entropy" in terms:
        loss += config.classifier_weight * ops.mean(terms["cross_entropy"])
    if "consistency" in terms:
        loss += config.consistency_weight * ops.mean(terms["consistency"])
    return loss


def _view(model, images, warped):
    """Return the images, warped or as they are."""
    if not warped:
        return images
    return warp(images, model.config, model.seed_generator)


def _classify(model, views, training):
    """Return the logits of each view.

    One pass over all: in training they share the statistics of batch normalisation.
    """
    logits = model.classify(ops.concatenate(list(views.values())), training)
    parts, start = {}, 0
    for name, view in views.items():
        end = start + view.shape[0]
        parts[name], start = logits[start:end], end
    return parts


def _targets(model, images, guesses):
    """Return what the classifier is to say of unlabeled images, `(batch, classes)`.

    The guesses, where there are any, or what the teacher says, or first the ones and
    then the other.
    """
    config = model.config
    if guesses is not None:
        guesses = ops.one_hot(guesses, model.num_classes)
        if not config.propagation_steps:
            return guesses
    targets = model.teacher.targets(model.classifier, images, config.sharpening)
    if guesses is not None:
        early = ops.less(model.step, config.propagation_steps)
        targets = ops.where(early, guesses, targets)
    return targets


def _unlabeled_bound(model, images, logits, training):
    """Return U(x), in training summed over the likeliest classes alone.

    Both q(y|x) of a warped view and q(y|x) cut to some classes are distributions over
    y, so that U stays a lower bound.
    """
    rows = _bound_inputs(model, images)
    count = model.config.top_classes
    if training and 0 < count < model.num_classes:
        logits, classes = ops.top_k(logits, count)
        one_hot = ops.one_hot(ops.reshape(classes, (-1,)), model.num_classes)
        rows = [ops.repeat(tensor, count, axis=0) for tensor in rows]
    else:
        one_hot, *rows = model.every_class(*rows)
    bounds = _bound(model, one_hot, *rows, training)
    return losses.unlabeled_bound(logits, ops.reshape(bounds, ops.shape(logits)))


def _bound_inputs(model, images):
    """Return what `SSVAE.bound` needs of each image, whatever its class."""
    shape = (ops.shape(images)[0], model.config.latent_dim)
    noise = keras.random.normal(shape, seed=model.seed_generator)
    return images, model.encoder_body(images), noise


def _bound(model, one_hot, images, features, noise, training):
    """Return L(x, y), in training with warm-up and free bits."""
    config = model.config
    weight, free_bits = 1.0, 0.0
    if training:
        free_bits = config.free_bits
        if config.kl_warmup_epochs:
            steps = config.kl_warmup_epochs * model.steps_per_epoch
            weight = ops.minimum(1.0, ops.cast(model.step, "float32") / steps)
    return model.bound(one_hot, images, features, noise, weight, free_bits)
