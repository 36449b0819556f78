"""Images of a set as they come, until it is known whether the set is grey."""

import numpy as np

from ssvae.data.pixels.grey import FEW_IN_COLOR, as_grey, channels_of_set
from ssvae.data.store import CHUNK, room_for, widened
from ssvae.types import Say

# Bytes of the images in color that are kept aside while the set seems to be grey.
ASIDE = 2**27


class Gathered:
    """Images of one size, in an array that has three channels only if it must.

    Args:
        count: Number of images that may come.
        size: Height and width of each, pixels.
        channels: Channels of the set: 1, 3, or 0 for what suits it, see
            `channels_of_set`.
        say: Function that prints a line if the images are kept in a file.
    """

    def __init__(
        self, count: int, size: tuple[int, int], channels: int, say: Say | None = None
    ) -> None:
        self.count, self.channels, self.say = count, channels, say
        self.images = room_for(count, (*size, channels or 1), say)
        self.filled, self.in_color = 0, 0
        # Row and image of those in color, while the array is grey.
        self._aside: list[tuple[int, np.ndarray]] = []

    def add(self, image: np.ndarray) -> None:
        """Take the next image.

        Args:
            image: uint8 array `(height, width, 1)`, or `(height, width, 3)` in color.
        """
        row, in_color = self.filled, image.shape[2] == 3
        self.filled += 1
        self.in_color += in_color
        narrow = in_color and self.images.shape[3] == 1
        self.images[row] = as_grey(image) if narrow else image
        if narrow and not self.channels:
            self._aside.append((row, image))
            if len(self._aside) * image.nbytes > ASIDE or (
                len(self._aside) > FEW_IN_COLOR * self.count
            ):
                self._widen()

    def finished(self) -> np.ndarray:
        """Return the images: uint8 array `(k, height, width, channels)`."""
        channels = self.channels or channels_of_set(self.in_color, self.filled)
        if channels > self.images.shape[3]:
            self._widen()
        if channels < self.images.shape[3]:
            self._narrow()
        return self.images[: self.filled]

    def _widen(self):
        """Give the array three channels, and put the images in color into it."""
        self.images = widened(self.images, 3, self.say)
        for row, image in self._aside:
            self.images[row] = image
        self._aside = []

    def _narrow(self):
        """Take two channels away from the array."""
        grey = room_for(self.filled, (*self.images.shape[1:3], 1), self.say)
        for start in range(0, self.filled, CHUNK):
            rows = slice(start, min(start + CHUNK, self.filled))
            grey[rows] = as_grey(self.images[rows])
        self.images = grey
