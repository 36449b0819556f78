"""What images are compared by without a trained network: patterns of close pixels."""

import math

import keras
import numpy as np
from keras import ops

from ssvae.features.descriptors import Descriptor
from ssvae.types import Tensor

# Distances of the neighbors in binary patterns from their center, pixels.
RADII = (1, 2, 4)
# Difference by which a neighbor is brighter: a grey level, less what rounding changes.
THRESHOLD = 0.99 / 255


@keras.saving.register_keras_serializable(package="ssvae")
class Texture(Descriptor):
    """Histograms of local binary patterns (Ojala, Pietikäinen and Mäenpää 2002).

    A pattern tells which of eight neighbors on a circle are brighter than their center.
    Those with two changes around the circle at most are counted one by one, all others
    together; once for each radius.
    """

    size = len(RADII) * 59
    length = 0.7

    def describe(self, images: Tensor) -> Tensor:
        """Return the roots of the counts by radius and pattern."""
        grey = ops.mean(images, axis=-1)
        counts = [self._counts(grey, radius) for radius in RADII]
        return ops.sqrt(ops.concatenate(counts, axis=1))

    def _counts(self, grey, radius):
        """Return the counts `(n, 59)` of the patterns at one radius."""
        # All radii see the same centers, whose neighbors are within the image.
        border = max(RADII)
        inner = self.side - 2 * border

        def at(row, column):
            top, left = border + row, border + column
            return grey[:, top : top + inner, left : left + inner]

        level = at(0, 0) + THRESHOLD
        halves = []
        for start in (0, 4):
            half = 0.0
            for number in range(4):
                angle = (start + number) * math.pi / 4
                value = _between(
                    at, -radius * math.sin(angle), radius * math.cos(angle)
                )
                half = half + ops.cast(value >= level, "float32") * 2.0**number
            # The pattern's number in base 16: two digits, each as a one-hot row.
            half = ops.reshape(half, (-1, inner * inner, 1))
            digits = ops.arange(16, dtype="float32")
            halves.append(ops.cast(ops.equal(half, digits), "float32"))
        low, high = halves
        counts = ops.matmul(ops.transpose(high, (0, 2, 1)), low)
        return ops.matmul(ops.reshape(counts, (-1, 256)), pattern_bins())


def pattern_bins() -> np.ndarray:
    """Return the bin of each pattern of eight bits as a row `(256, 59)`, float32."""
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    bins = np.where(uniform, np.cumsum(uniform) - 1, 58)
    return np.eye(59, dtype=np.float32)[bins]


def _between(at, row, column):
    """Return the values at an offset of the centers, interpolated bilinearly.

    Args:
        at: Returns the values at an offset of whole pixels.
        row: Offset down, pixels.
        column: Offset to the right, pixels.
    """
    # Sine and cosine leave remainders of 1e-16 where the offset is whole.
    top, left = math.floor(row + 1e-6), math.floor(column + 1e-6)
    total = 0.0
    for down, height in ((0, 1 - (row - top)), (1, row - top)):
        for right, width in ((0, 1 - (column - left)), (1, column - left)):
            if height * width > 1e-6:
                total = total + height * width * at(top + down, left + right)
    return total
