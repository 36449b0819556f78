"""Number of floating-point operations of networks, in products and convolutions.

A multiplication and the addition that follows are two operations. Work on single
elements, such as activations, is not counted.
"""

import math
from typing import TYPE_CHECKING

import keras
from keras import layers

from ssvae.vae.sums import KEPT, num_summed

if TYPE_CHECKING:
    from ssvae.model import SSVAE


def of_network(network: keras.Model) -> int:
    """Return the operations of one row through a functional model, forwards."""
    return sum(_of_layer(layer) for layer in network.layers)


def of_training(
    model: "SSVAE", labeled: int, unlabeled: int, sparing: bool = False
) -> int:
    """Return the operations of one training step, forwards and backwards.

    Backwards each product becomes two, one for the gradient of each factor. The
    gradient of an image is not needed.

    Args:
        model: An `SSVAE` without M1.
        labeled: Labeled images per step.
        unlabeled: Unlabeled images per step.
        sparing: Whether the gradient leaves out most classes while the value sums over
            all of them; see `sums.over_all_learning_from_few`.
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
    # Forwards once; backwards is twice as much.
    rows = 3 * labeled + (classes + 2 * learned_from) * unlabeled
    return (3 * once - spared) * (labeled + unlabeled) + each * rows


def _of_first(network):
    """Return the operations of the first layer that has any."""
    return next(filter(None, map(_of_layer, network.layers)), 0)


def _of_layer(layer):
    """Return the operations of one row through a layer."""
    if isinstance(layer, layers.Dense):
        return 2 * math.prod(layer.kernel.shape)
    # Each position of the smaller of input and output uses every weight of the kernel.
    if isinstance(layer, layers.Conv2DTranspose):
        return 2 * math.prod(layer.kernel.shape) * math.prod(layer.input.shape[1:3])
    if isinstance(layer, layers.Conv2D):
        return 2 * math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
    return 0
