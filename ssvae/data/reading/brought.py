"""Images brought to what a trained model takes: size, channels and values."""

from dataclasses import dataclass
from typing import IO, NamedTuple

import numpy as np

from ssvae.data.drawing import laid_out
from ssvae.data.images import as_float_images, as_floats, checked_images
from ssvae.data.ink import NOTHING, find_ink
from ssvae.data.ink_data import InkData, Layout
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.grey import as_grey
from ssvae.data.pixels.stored import brought_to
from ssvae.data.pixels.values import ValueRange
from ssvae.data.reading.places import Found
from ssvae.errors import InputError
from ssvae.types import PathLike

# Greatest difference of a picture's border from the data set's ground.
OTHER_GROUND = 0.5


class Prepared(NamedTuple):
    """A picture as a model takes it.

    Attributes:
        image: float32 array `(h, w, c)` in [0, 1].
        lack: Why the picture, as it was, is unlike the model's images; "" if it may be
            like them. It completes the sentence "the picture is unusual: …".
    """

    image: np.ndarray
    lack: str = ""


@dataclass(frozen=True)
class Brought:
    """What pictures, drawings and arrays are brought to before a model sees them.

    There is this one way, for commands and for the app. A picture is brought to the
    model's size as training does it with files: it is scaled until it covers the size,
    and cut around the center. A model that learned from arrays of ink, as MNIST's, gets
    the ink that is found in the picture, scaled and placed as in its data set.

    Attributes:
        image_shape: Height, width and channels that every image must have.
        resize: Whether arrays of another size are brought to the height and width, see
            `brought_to`.
        value_range: Values of black and white in image files; None for those of each
            file's bits.
        ink: What is known of the data set's ink; None if it is not one of ink.
        finds_ink: Whether ink is looked for in pictures of files.
    """

    image_shape: tuple[int, int, int]
    resize: bool = False
    value_range: ValueRange | None = None
    ink: InkData | None = None
    finds_ink: bool = False

    @property
    def layout(self) -> Layout | None:
        """How ink is laid out in the data set; None if it is not one of ink."""
        return self.ink.layout if self.ink else None

    @property
    def size(self) -> int | tuple[int, int]:
        """Height and width that arrays are brought to; 0 to keep their size."""
        return self.image_shape[:2] if self.resize else 0

    def prepared(self, file: PathLike | IO[bytes], name: object) -> Prepared:
        """Return the picture of a file as the model takes it.

        Args:
            file: Path of the file, or a file opened to read bytes.
            name: Path or name of the file for messages.

        Raises:
            InputError: If the file is no image, or is damaged; see `open_image`.
        """
        height, width, channels = self.image_shape
        size = height, width
        if self.ink is not None and self.finds_ink:
            picture = open_image(file, name, value_range=self.value_range)
            if picture.shape[:2] != size or self._other_ground(picture):
                return self._of_ink(*find_ink(picture, self.ink.is_lines))
            picture = picture if picture.shape[2] == 1 else as_grey(picture)
        else:
            picture = open_image(file, name, channels, size, self.value_range)
        alike = not np.ptp(picture.reshape(-1, channels), axis=0).any()
        return Prepared(as_floats(picture), NOTHING if alike else "")

    def drawn(self, ink: np.ndarray) -> Prepared:
        """Return a drawing as the model takes it.

        Args:
            ink: Float array `(h, w)` in [0, 1], 1 for full ink, of any size.

        Raises:
            ValueError: If the model's images are not of ink.
        """
        if self.ink is None:
            raise ValueError("the model's images are not of ink: need a picture")
        return self._of_ink(ink, "")

    def _of_ink(self, ink, lack):
        """Return ink as the model takes it, with what the picture lacks."""
        layout = self.ink.layout
        if not ink.any():
            return Prepared(
                np.full(self.image_shape, layout.ground, np.float32), NOTHING
            )
        image = laid_out(ink, layout, self.image_shape).astype(np.float32)
        return Prepared(image, lack or self.ink.oddity(ink))

    def _other_ground(self, picture):
        """Return whether a picture has another ground than the data set of lines."""
        grey = as_floats(picture).mean(axis=-1)
        border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        away = abs(np.median(border) - self.ink.layout.ground)
        return away > OTHER_GROUND and self.ink.is_lines

    def image_of(self, file: Found) -> Prepared | InputError:
        """Return what `prepared` returns for a file, or why there is nothing."""
        try:
            with file.open() as content:
                return self.prepared(content, file.where)
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
