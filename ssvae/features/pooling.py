"""Vectors of a network's maps: how strong each feature is, and how uneven."""

from typing import Any

import keras
from keras import layers, ops

from ssvae.features.descriptors import unit_length
from ssvae.types import Tensor

# What bounds the slope of a root in training: at 0 it would be infinite, and then no
# layer below could learn. It is small beside the usual means of maps, 0.05 to 0.5.
SOFT = 0.01


@keras.saving.register_keras_serializable(package="ssvae")
class Pooled(layers.Layer):
    """Signed roots of pooled maps, scaled to length one; it computes in float32.

    Input shape: maps `(n, height, width, c)`, or vectors `(n, c)`.
    Output shape: `(n, 2 c)`, the mean and the standard deviation of each map; or
    `(n, c)`.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})

    def call(self, maps: Tensor, training: bool = False) -> Tensor:
        """Return the vectors of maps; in `training` the slope of roots is bounded."""
        root = _soft_root if training else ops.sqrt
        if len(maps.shape) == 4:
            mean = ops.mean(maps, axis=(1, 2), keepdims=True)
            variance = ops.mean(ops.square(maps - mean), axis=(1, 2))
            parts = [ops.mean(maps, axis=(1, 2)), root(variance)]
            maps = ops.concatenate(parts, axis=-1)
        return unit_length(ops.sign(maps) * root(ops.abs(maps)))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of the vectors."""
        count, *_, channels = input_shape
        return (count, channels * (2 if len(input_shape) == 4 else 1))


def _soft_root(values):
    """Return roots of values, 0 or more; the gradient is that of x / sqrt(x + SOFT)."""
    soft = values / ops.sqrt(values + SOFT)
    # The first part is constant for the gradient, and the others are 0 together.
    return ops.stop_gradient(ops.sqrt(values) - soft) + soft
