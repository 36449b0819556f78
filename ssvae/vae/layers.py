"""Layers that compute in a config's precision and start from seeds of their own."""

from typing import Any

import keras
import numpy as np
from keras import initializers, layers, ops

from ssvae.backends.current import BatchNormalization
from ssvae.config.settings import Config
from ssvae.types import Tensor

# Momentum of batch normalisation's running statistics. They must follow quickly,
# because the averaged weights are measured with them from the first steps on.
BATCH_NORM_MOMENTUM = 0.9


class Layers:
    """Makes layers that compute in a config's precision.

    Every layer draws its weights from a seed of its own, which depends on the config's
    seed, `stream` and the layer's number.

    Args:
        config: `Config`.
        stream: Number of the network, whose seeds differ from those of others.

    Attributes:
        dtype: Name of the Keras precision that the layers compute in.
    """

    def __init__(self, config: Config, stream: int):
        low = config.precision == "bfloat16"
        self.dtype = "mixed_bfloat16" if low else "float32"
        self._seeds = iter(
            np.random.SeedSequence((config.seed, stream)).generate_state(32)
        )

    def dense(
        self, units: int, activation: str | None = None, **kwargs: Any
    ) -> keras.Layer:
        """Return a dense layer."""
        return layers.Dense(units, activation, **self._weights(kwargs))

    def convolution(
        self,
        filters: int,
        kernel: int,
        strides: int = 2,
        transposed: bool = False,
        **kwargs: Any,
    ) -> keras.Layer:
        """Return a convolution that keeps the sides, divided by the strides."""
        layer = layers.Conv2DTranspose if transposed else layers.Conv2D
        return layer(
            filters, kernel, strides=strides, padding="same", **self._weights(kwargs)
        )

    def flat(self, x: Tensor) -> Tensor:
        """Return images as rows."""
        return layers.Flatten(dtype=self.dtype)(x)

    def normalized_relu(self, x: Tensor) -> Tensor:
        """Return ReLU after batch normalisation."""
        x = BatchNormalization(momentum=BATCH_NORM_MOMENTUM, dtype=self.dtype)(x)
        return layers.ReLU(dtype=self.dtype)(x)

    def relu_of_sum(self, x: Tensor, y: Tensor) -> Tensor:
        """Return ReLU of the sum of two tensors."""
        # Not layers.ReLU: TensorFlow 2.21 fails to fuse it with the sum, warns, and
        # then fuses nothing in the whole graph.
        return ops.maximum(layers.Add(dtype=self.dtype)([x, y]), 0.0)

    def _weights(self, kwargs):
        initializer = initializers.GlorotUniform(int(next(self._seeds)))
        return {"dtype": self.dtype, "kernel_initializer": initializer, **kwargs}
