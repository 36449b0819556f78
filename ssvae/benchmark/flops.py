"""Floating-point operations of networks: those of products and convolutions.

A product and its sum count as two; what goes element by element is not counted.
"""

import math

from keras import layers

from ssvae.vae.sums import KEPT, num_summed


def of_network(network) -> int:
    """Return what one row through a functional model takes, forwards."""
    return sum(_of_layer(layer) for layer in network.layers)


def of_training(model, labeled, unlabeled, sparing=False) -> int:
    """Return what one step takes, forwards and backwards.

    Backwards every product is two, of the gradients of its two factors; the gradient of
    an image is not needed.

    Args:
        model: An `SSVAE` without M1.
        labeled: Labeled images a step.
        unlabeled: Unlabeled images a step.
        sparing: Whether the step learns from few classes, though it sums over all; see
            `sums.over_all_learning_from_few`.
    """
    config, count = model.config, model.num_classes
    classes = num_summed(config, count)
    if classes < count:
        classes += config.sampled_classes
    learned_from = min(KEPT, classes) if sparing else classes
    once = of_network(model.classifier) + of_network(model.encoder_body)
    spared = _of_first(model.classifier) + _of_first(model.encoder_body)
    each = of_network(model.encoder_head)
    each += config.importance_samples * of_network(model.decoder)
    # Forwards, and backwards twice as much.
    rows = 3 * labeled + (classes + 2 * learned_from) * unlabeled
    return (3 * once - spared) * (labeled + unlabeled) + each * rows


def _of_first(network):
    """Return what the first layer takes that takes anything."""
    return next(filter(None, map(_of_layer, network.layers)), 0)


def _of_layer(layer):
    """Return what a row through one layer takes."""
    if isinstance(layer, layers.Dense):
        return 2 * math.prod(layer.kernel.shape)
    # Each place of the smaller side meets every weight of the kernel.
    if isinstance(layer, layers.Conv2DTranspose):
        return 2 * math.prod(layer.kernel.shape) * math.prod(layer.input.shape[1:3])
    if isinstance(layer, layers.Conv2D):
        return 2 * math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
    return 0
