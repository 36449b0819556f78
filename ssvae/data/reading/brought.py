"""Images brought to what a trained model takes: size, channels and values."""

from dataclasses import dataclass

import numpy as np

from ssvae.data.images import as_float_images, checked_images
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.stored import brought_to
from ssvae.data.pixels.values import ValueRange
from ssvae.data.reading.places import Found
from ssvae.errors import InputError


@dataclass(frozen=True)
class Brought:
    """What the images of files are brought to.

    Attributes:
        image_shape: Height, width and channels that every image must have.
        resize: Whether images of another size are brought to the height and width, see
            `brought_to`.
        value_range: Values of black and white in image files; None for those of each
            file's bits.
    """

    image_shape: tuple[int, int, int]
    resize: bool = False
    value_range: ValueRange | None = None

    @property
    def size(self) -> int | tuple[int, int]:
        """Height and width that images are brought to; 0 to keep their size."""
        return self.image_shape[:2] if self.resize else 0

    def image_of(self, file: Found) -> np.ndarray | InputError:
        """Return the image of a file, float32 `(1, h, w, c)`, or why there is none."""
        try:
            with file.open() as content:
                image = open_image(
                    content,
                    file.where,
                    self.image_shape[2],
                    self.size,
                    self.value_range,
                )
            return self._checked(file.where, image[None])
        except InputError as error:
            return error

    def images_of(self, where: str, rows: np.ndarray) -> np.ndarray:
        """Return rows of an array file as float32 `(n, h, w, c)` in [0, 1].

        Args:
            where: Path of the file, for messages.
            rows: uint8 array, or float array in [0, 1].

        Raises:
            InputError: If they are something else, or have another shape.
        """
        if not self.size or rows.shape[1:3] == self.size:
            return self._checked(where, rows)
        shape = (*rows.shape[1:3], self.image_shape[2])
        try:
            rows = checked_images(rows, shape)
        except ValueError as error:
            raise InputError(f"{where!r}: {error}") from None
        if rows.dtype != np.uint8:
            rows = np.rint(255 * rows).astype(np.uint8)
        images = np.stack([brought_to(self.size, image) for image in rows])
        return self._checked(where, images)

    def _checked(self, where, images):
        """Return images of one file as floats, if their shape is right."""
        if images.ndim >= 3 and images.shape[1:3] != self.image_shape[:2]:
            (height, width), (rows, columns) = images.shape[1:3], self.image_shape[:2]
            raise InputError(
                f"{where!r} is {width} pixels wide and {height} high, the model takes "
                f"{columns} by {rows} only, since it learned from arrays of this size: "
                "bring the images to it first"
            )
        try:
            return as_float_images(images, self.image_shape)
        except ValueError as error:
            raise InputError(f"{where!r}: {error}") from None
