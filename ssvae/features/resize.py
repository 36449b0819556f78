"""Images of any size brought to one, by operations that every export format has."""

from typing import Any

import keras
from keras import ops

from ssvae.types import Tensor


def resized(images: Tensor, side: int, width: int = 0) -> Tensor:
    """Return images of one size, by antialiased bilinear interpolation.

    The whole image is kept, whatever its aspect ratio. The result is that of
    `keras.ops.image.resize(..., antialias=True)`. It is computed as two products of
    matrices, because neither ONNX nor LiteRT knows TensorFlow's operation.

    Args:
        images: float32 tensor `(n, height, width, c)`; all but c may be unknown while
            TensorFlow traces a function.
        side: Height of the result, pixels.
        width: Width of the result, pixels; 0 if it is the height.

    Returns:
        float32 tensor `(n, side, width, c)`.
    """
    width = width or side
    if tuple(images.shape[1:3]) == (side, width):
        return images
    _, rows, columns, _ = ops.shape(images)
    channels = images.shape[-1]
    x = ops.reshape(images, (-1, rows, columns * channels))
    x = ops.matmul(_weights(rows, side), x)
    # Columns come last, so that the second product is a single large one.
    x = ops.transpose(ops.reshape(x, (-1, side, columns, channels)), (0, 1, 3, 2))
    x = ops.matmul(
        ops.reshape(x, (-1, columns)), ops.transpose(_weights(columns, width))
    )
    return ops.transpose(ops.reshape(x, (-1, side, channels, width)), (0, 1, 3, 2))


def _weights(size, side):
    """Return the weights `(side, size)` of the pixels along one side."""
    step = ops.cast(size, "float32") / side
    centers = (ops.arange(side, dtype="float32") + 0.5) * step - 0.5
    places = ops.cast(ops.arange(size, dtype="int32"), "float32")
    distances = places - ops.expand_dims(centers, 1)
    # A pixel of a smaller image covers several, and all of them count.
    weights = ops.relu(1.0 - ops.abs(distances) / ops.maximum(step, 1.0))
    return weights / ops.sum(weights, axis=1, keepdims=True)


@keras.saving.register_keras_serializable(package="ssvae")
class Resized(keras.layers.Layer):
    """The layer of `resized`, which computes in float32.

    Args:
        side: Side of the result, pixels.
        **kwargs: See `keras.layers.Layer`.
    """

    def __init__(self, side: int, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.side = side

    def call(self, images: Tensor) -> Tensor:
        """Return the resized images."""
        return resized(images, self.side)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of the resized images."""
        return (input_shape[0], self.side, self.side, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "side": self.side}
