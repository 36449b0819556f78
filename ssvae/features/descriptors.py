"""What images are compared by without a trained network: edges and colors.

Each is a Keras layer, as is that of `ssvae.features.texture`: the same code describes
images for training, for answers and in exports. Images of any size become squares of
`SIDE` pixels first.
"""

from typing import Any

import keras
from keras import ops

from ssvae.features import gradients
from ssvae.features.resize import resized
from ssvae.types import Tensor

# Side of the images that are described, pixels: nine windows of ten pixels see edges,
# and three descriptors take a few milliseconds.
SIDE = 96
# Bins of the color histogram along each of its three axes.
NUM_BINS = 6
# Weight of the vector of a quarter of the image beside that of the whole image: the
# four together count as much as the whole.
QUARTER_WEIGHT = 0.5


class Descriptor(keras.layers.Layer):
    """A layer from images to vectors of length `length`, which computes in float32.

    The vector of an image in which there is nothing to describe is 0.

    Args:
        side: Side that images are resized to, pixels, an even number.
        **kwargs: See `keras.layers.Layer`.

    Input shape: `(n, height, width, c)`, floats in [0, 1], c of 1 or 3.
    Output shape: `(n, size)`.
    """

    # Numbers in a vector.
    size: int
    # Length of every vector: how much it counts beside other descriptions. Each output
    # of a backbone has length one.
    length = 1.0

    def __init__(self, side: int = SIDE, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.side = side

    def call(self, images: Tensor) -> Tensor:
        """Return the vectors of images."""
        return self.length * unit_length(self.describe(resized(images, self.side)))

    def describe(self, images: Tensor) -> Tensor:
        """Return vectors of any length of square images."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of the vectors."""
        return (input_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "side": self.side}


@keras.saving.register_keras_serializable(package="ssvae")
class OrientedGradients(Descriptor):
    """Histograms of oriented gradients; see `ssvae.features.gradients`."""

    size = gradients.NUM_CELLS**2 * gradients.NUM_ORIENTATIONS

    def describe(self, images: Tensor) -> Tensor:
        """Return the roots of the counts by row, column and orientation."""
        counts = ops.relu(ops.matmul(_gradients(images), gradients.orientations()))
        windows = gradients.windows(self.side)
        counts = ops.reshape(counts, (-1, self.side, self.side * counts.shape[-1]))
        counts = ops.matmul(windows, counts)
        shape = (-1, gradients.NUM_CELLS, self.side, gradients.NUM_ORIENTATIONS)
        counts = ops.matmul(windows, ops.reshape(counts, shape))
        return ops.sqrt(ops.reshape(counts, (-1, self.size)))


@keras.saving.register_keras_serializable(package="ssvae")
class ColorHistogram(Descriptor):
    """Soft histograms of opponent colors: of the whole image and of its quarters.

    The axes are the lightness (r + g + b) / 3, red against green (r - g) / 2, and
    yellow against blue (r + g - 2 b) / 4. A pixel counts in the two bins next to it
    along each axis. Grey images have a lightness alone.
    """

    size = 5 * NUM_BINS**3
    # Measured: with 1 it does harm where color tells nothing, as on metal.
    length = 0.5

    def describe(self, images: Tensor) -> Tensor:
        """Return the roots of the counts by lightness, red and yellow."""
        places = (0, 1, 2) if images.shape[-1] == 3 else (0, 0, 0)
        red, green, blue = (images[..., place] for place in places)
        light = self._bins((red + green + blue) / 3)
        first = ops.expand_dims(self._bins((red - green) / 2 + 0.5), -1)
        second = ops.expand_dims(self._bins((red + green - 2 * blue) / 4 + 0.5), -2)
        hue = ops.reshape(first * second, (-1, *light.shape[1:-1], NUM_BINS**2))
        counts = ops.matmul(ops.transpose(light, (0, 1, 3, 2)), hue)
        quarters = ops.reshape(counts, (-1, 4, NUM_BINS**3)) / (self.side // 2) ** 2
        whole = ops.mean(quarters, axis=1, keepdims=True)
        vectors = ops.concatenate([whole, quarters * QUARTER_WEIGHT**2], axis=1)
        return ops.sqrt(ops.reshape(vectors, (-1, self.size)))

    def _bins(self, values):
        """Return the weights of bins of values in [0, 1], per quarter and pixel."""
        half = self.side // 2
        values = ops.reshape(values, (-1, 2, half, 2, half))
        values = ops.transpose(values, (0, 1, 3, 2, 4))
        place = ops.clip(values * NUM_BINS - 0.5, 0.0, NUM_BINS - 1.0)
        place = ops.reshape(place, (-1, 4, half * half, 1))
        return ops.relu(1.0 - ops.abs(place - ops.arange(NUM_BINS, dtype="float32")))


def unit_length(vectors: Tensor) -> Tensor:
    """Return vectors `(n, d)` scaled to length one; those of 0 stay so."""
    squares = ops.sum(ops.square(vectors), axis=1, keepdims=True)
    return vectors / ops.maximum(ops.sqrt(squares), 1e-8)


def _gradients(images):
    """Return differences down and to the right and the length, `(n, h, w, 3)`.

    Of several channels, each pixel has those of the channel in which it is steepest.
    """
    padded = ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    right = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    every = [down, right, ops.sqrt(down * down + right * right)]
    best = [part[..., 0] for part in every]
    # Not ops.argmax: Keras writes it as operations that LiteRT does not have.
    for channel in range(1, images.shape[-1]):
        steeper = every[2][..., channel] > best[2]
        best = [
            ops.where(steeper, part[..., channel], kept)
            for part, kept in zip(every, best, strict=True)
        ]
    return ops.stack(best, axis=-1)
