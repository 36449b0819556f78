"""Vectors of a network's maps: how strong each feature is, and how uneven."""

from typing import Any

import keras
from keras import layers, ops

from ssvae.features.descriptors import unit_length
from ssvae.types import Tensor


@keras.saving.register_keras_serializable(package="ssvae")
class Pooled(layers.Layer):
    """Signed roots of pooled maps, scaled to length one; it computes in float32.

    Input shape: maps `(n, height, width, c)`, or vectors `(n, c)`.
    Output shape: `(n, 2 c)`, the mean and the standard deviation of each map; or
    `(n, c)`.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})

    def call(self, maps: Tensor) -> Tensor:
        """Return the vectors of maps."""
        if len(maps.shape) == 4:
            mean = ops.mean(maps, axis=(1, 2), keepdims=True)
            variance = ops.mean(ops.square(maps - mean), axis=(1, 2))
            parts = [ops.mean(maps, axis=(1, 2)), ops.sqrt(variance)]
            maps = ops.concatenate(parts, axis=-1)
        return unit_length(ops.sign(maps) * ops.sqrt(ops.abs(maps)))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of the vectors."""
        count, *_, channels = input_shape
        return (count, channels * (2 if len(input_shape) == 4 else 1))
