"""The objective of training: the bounds of M2 and the classifier's cross-entropies."""

from functools import partial

import keras
from keras import ops

from ssvae.augment import warp
from ssvae.config.settings import Config
from ssvae.types import Tensor
from ssvae.vae import bounds, inference, losses, sums
from ssvae.vae.interface import Distributions

TERMS = (
    "unlabeled_elbo",
    "labeled_elbo",
    "cross_entropy",
    "pseudo_cross_entropy",
    "group_cross_entropy",
    "accuracy",
)


def loss_terms(
    model: Distributions, batch: dict[str, Tensor], training: bool
) -> dict[str, Tensor]:
    """Return every term of the objective, one value per image.

    Args:
        model: The `SSVAE`.
        batch: Dict with `labeled` and `labels`, or `unlabeled`, or all three: uint8
            images `(batch, height, width, channels)` and int classes `(batch,)`. With
            `unlabeled` there may be `pseudo_labels`, int classes, -1 for none, and
            `unlabeled_allowed`, bool `(batch, num_classes)`, the classes that labels of
            groups allow. A model of features takes the logits of q(y|x) too,
            `labeled_logits` and `unlabeled_logits`, and images of its `pixel_shape`.
        training: Whether to warp images, to add noise, and to weaken the KL.

    Returns:
        Dict of float tensors `(batch,)`: `labeled_elbo` L(x, y), `unlabeled_elbo`
        U(x), `cross_entropy` of the labeled images, and `pseudo_cross_entropy` of the
        unlabeled images, 0 for an image without a pseudo-label, all in nats;
        `accuracy` on the labeled images, 0 or 1. With labels of groups U(x) is summed
        over the group, and `group_cross_entropy` is 0 for images without such a label.
    """
    images = {
        kind: pixels(model, batch[kind], training)
        for kind in ("labeled", "unlabeled")
        if kind in batch
    }
    if model.has_features:
        logits = {kind: batch[f"{kind}_logits"] for kind in images}
    else:
        logits = _classify(model, images, training)

    terms = {}
    if "unlabeled" in images:
        over = logits["unlabeled"]
        if "unlabeled_allowed" in batch:
            group = batch["unlabeled_allowed"]
            terms["group_cross_entropy"] = losses.group_cross_entropy(over, group)
            over = losses.kept_to_group(over, group)
        terms["unlabeled_elbo"] = _unlabeled_bound(
            model, images["unlabeled"], over, training
        )
    if "labeled" in images:
        one_hot = ops.one_hot(batch["labels"], model.num_classes)
        rows, ratio = _bound_inputs(model, images["labeled"])
        terms["labeled_elbo"] = _bound(model, one_hot, *rows, training=training) + ratio
        terms["cross_entropy"] = losses.cross_entropy(logits["labeled"], one_hot)
        hits = ops.equal(ops.argmax(logits["labeled"], -1), ops.argmax(one_hot, -1))
        terms["accuracy"] = ops.cast(hits, "float32")
    if "pseudo_labels" in batch:
        one_hot = ops.one_hot(batch["pseudo_labels"], model.num_classes)
        terms["pseudo_cross_entropy"] = losses.cross_entropy(
            logits["unlabeled"], one_hot
        )
    return terms


def pixels(model: Distributions, images: Tensor, training: bool) -> Tensor:
    """Return the images whose likelihood is bounded.

    Args:
        model: The `SSVAE`.
        images: uint8 `(batch, height, width, channels)`.
        training: Whether to draw binary pixels, if the config asks for them.

    Returns:
        Float tensor of the same shape, in [0, 1].
    """
    grey = inference.as_floats(images)
    if not training or model.config.pixels == "grey":
        return grey
    chance = keras.random.uniform(ops.shape(grey), seed=model.seed_generator)
    return ops.cast(chance < grey, "float32")


def total_loss(config: Config, terms: dict[str, Tensor]) -> Tensor:
    """Return the weighted sum of the terms' means, nats per image, to minimise.

    The two bounds count as one mean over labeled and unlabeled images.

    Args:
        config: `Config` with the weights.
        terms: What `loss_terms` returned.
    """
    bounds = [terms[name] for name in TERMS[:2] if name in terms]
    loss = -config.elbo_weight * ops.mean(ops.concatenate(bounds))
    if "cross_entropy" in terms:
        loss += config.classifier_weight * ops.mean(terms["cross_entropy"])
    if "group_cross_entropy" in terms:
        loss += config.classifier_weight * ops.mean(terms["group_cross_entropy"])
    if "pseudo_cross_entropy" in terms:
        loss += config.pseudo_label_weight * ops.mean(terms["pseudo_cross_entropy"])
    return loss


def _view(model, images, training):
    """Return the classifier's input: in training warped images with noise."""
    if not training:
        return model.observe(images)[0]
    if model.config.augment != "none":
        images = warp(images, model.config, model.seed_generator)
    if model.config.pixel_noise:
        noise = keras.random.normal(ops.shape(images), seed=model.seed_generator)
        images = images + model.config.pixel_noise * noise
    return model.observe(images, _m1_noise(model, images))[0]


def _m1_noise(model, images):
    """Return noise for M1's sample of each image; None without M1."""
    if model.m1 is None:
        return None
    shape = (ops.shape(images)[0], model.config.m1_latent_dim)
    return keras.random.normal(shape, seed=model.seed_generator)


def _classify(model, images, training):
    """Return the logits of views of each kind of image.

    All kinds pass together: in training they share the statistics of batch
    normalisation.
    """
    every = _view(model, ops.concatenate(list(images.values())), training)
    logits = model.classifier(every, training=training)
    parts, start = {}, 0
    for kind, part in images.items():
        end = start + part.shape[0]
        parts[kind], start = logits[start:end], end
    return parts


def _unlabeled_bound(model, images, logits, training):
    """Return U(x); in training the sum may be over some classes only.

    q(y|x) of a warped view is a distribution over y, and so is q(y|x) cut to some
    classes: with both, U(x) is still a lower bound.
    """
    config, count = model.config, model.num_classes
    rows, ratio = _bound_inputs(model, images)
    over = sums.over_all
    if training and sums.num_summed(config, count) < count:
        over = sums.over_some
    elif training and config.spared_weight and count > sums.KEPT:
        over = sums.over_all_learning_from_few
    return over(model, logits, rows, partial(_bound, model, training=training)) + ratio


def _bound_inputs(model, images):
    """Return the inputs of a bound that do not depend on y, and M1's log ratio."""
    width = model.config.importance_samples * model.config.latent_dim
    shape = (ops.shape(images)[0], width)
    noise = keras.random.normal(shape, seed=model.seed_generator)
    x, ratio = model.observe(images, _m1_noise(model, images))
    return (x, model.encoder_body(x), noise), ratio


def _bound(model, one_hot, x, features, noise, *, training):
    """Return L(x, y); in training with warm-up of the KL and free bits."""
    config = model.config
    if config.importance_samples > 1:
        return bounds.importance_bound(model, one_hot, x, features, noise)
    weight, free_bits = 1.0, 0.0
    if training:
        free_bits = config.free_bits
        if config.kl_warmup_epochs:
            steps = config.kl_warmup_epochs * model.steps_per_epoch
            weight = ops.minimum(1.0, ops.cast(model.step, "float32") / steps)
    return bounds.bound(model, one_hot, x, features, noise, weight, free_bits)
