"""The pixels of an image file as they are stored, turned the way they are seen."""

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from ssvae.data.damage import reading
from ssvae.data.pixels.formats import IMAGE, opened
from ssvae.data.pixels.headers import (
    ORIENTATION,
    bits_of,
    is_on_its_side,
    kind_of_pixels,
)
from ssvae.types import PathLike

if TYPE_CHECKING:
    from PIL import Image

# Smallest side of a JPEG image that is decoded quickly, in sides of the wanted size.
# Grey levels of 255 then differ from full decoding by 0.3 on average; at 1, by 0.8.
DRAFT_SIDES = 2
# Smallest side of what other large images are first reduced to by averaging, in sides
# of the wanted size. Grey levels differ from the slow way by 1 at most.
REDUCED_SIDES = 3.0
# TIFF tags: what 0 means, 0 for white; the type of the numbers, 1 if without a sign.
PHOTOMETRIC, SAMPLE_FORMAT = 0x0106, 0x0153
# Largest value of 16 bits.
MAX_WORD = 65535


@dataclass(frozen=True)
class Pixels:
    """A decoded picture, and what its file says of the numbers in it.

    Attributes:
        picture: Pillow's picture.
        bits: Bits of a channel in the file. Of colors with 16 bits Pillow keeps 8.
        inverted: Whether 0 is white in the numbers.
        unsigned: Whether 32 bits are numbers without a sign.
    """

    picture: "Image.Image"
    bits: int
    inverted: bool
    unsigned: bool

    @property
    def kind(self) -> str:
        """Kind of the pixels, see `headers`."""
        return kind_of_pixels(self.picture.mode, self.bits)

    @property
    def are_numbers(self) -> bool:
        """Whether a pixel is a number of more than 8 bits, not a color."""
        return self.picture.mode.startswith(("I", "F"))

    def numbers(self) -> np.ndarray:
        """Return the array `(height, width)` of pixels that `are_numbers`."""
        array = np.asarray(self.picture)
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        if array.dtype == np.int32:
            if self.unsigned:
                array = array.view(np.uint32)
            if array.min() >= 0 and array.max() <= MAX_WORD:
                array = array.astype(np.uint16)
        return array


def decoded(
    file: PathLike | IO[bytes], name: object, size: int | tuple[int, int] = 0
) -> Pixels:
    """Return the pixels of an image file, turned as its EXIF orientation says.

    Args:
        file: Path of the file, or a file opened to read bytes.
        name: Path or name of the file for messages.
        size: Side, or height and width, that the image is to be brought to: a large
            JPEG image is decoded at about this size. 0 to keep its size.

    Raises:
        InputError: If the file is no image, is damaged, or has too many pixels.
    """
    with opened(file, name) as picture, reading(name, IMAGE):
        bits, inverted, unsigned = bits_of(picture), False, False
        if picture.format == "TIFF":
            tags = picture.tag_v2  # type: ignore[attr-defined]
            inverted = tags.get(PHOTOMETRIC) == 0
            unsigned = bits == 32 and 1 in tags.get(SAMPLE_FORMAT, (1,))
        if size:
            picture = _shrunk(picture, *np.broadcast_to(size, 2).tolist())
        return Pixels(_turned(picture), bits, inverted, unsigned)


def brought_to(size: int | tuple[int, int], array: np.ndarray) -> np.ndarray:
    """Scale an image until it covers a square or rectangle, and cut off the rest.

    Args:
        size: Side of the square, or height and width, pixels; 0 to keep the image as it
            is.
        array: uint8 array `(h, w)` or `(h, w, channels)`, with 1 or 3 channels.

    Returns:
        uint8 array `(height, width, channels)`, the middle of the image.
    """
    from PIL import Image, ImageOps

    array = array.reshape(*array.shape[:2], -1)
    height, width = (size, size) if isinstance(size, int) else size
    if not size or array.shape[:2] == (height, width):
        return array
    picture = Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)
    scale = min(array.shape[0] / height, array.shape[1] / width)
    if scale < 2 * REDUCED_SIDES:
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    else:
        picture = _covered(picture, height, width, picture.size)
    return np.asarray(picture).reshape(height, width, -1)


def _covered(picture, height, width, full):
    """Return a large picture at a smaller size, its middle of the same shape.

    Args:
        picture: Pillow's picture.
        height: Height of the result, pixels.
        width: Width of the result, pixels.
        full: Width and height of what the picture shows, in its pixels: the last may
            stand for fewer than the others, so that these are no whole numbers.
    """
    from PIL import Image

    right, bottom = full
    scale = min(right / width, bottom / height)
    left, top = max(0, right - scale * width) / 2, max(0, bottom - scale * height) / 2
    return picture.resize(
        (width, height),
        Image.Resampling.LANCZOS,
        (left, top, right - left, bottom - top),
        REDUCED_SIDES,
    )


def _turned(picture):
    """Return a picture, turned as its EXIF orientation says."""
    from PIL import ImageOps

    picture.load()
    # What is not turned need not be copied.
    upright = picture.getexif().get(ORIENTATION, 1) == 1
    return picture if upright else ImageOps.exif_transpose(picture)


def _shrunk(picture, height, width):
    """Return a large JPEG image at this size, before it is turned; others unchanged.

    It is decoded at a half, a quarter or an eighth of its size, which is quick.
    """
    if is_on_its_side(picture):
        height, width = width, height
    full = picture.size
    draft = picture.draft(None, (DRAFT_SIDES * width, DRAFT_SIDES * height))
    if draft is None or picture.size == full:
        return picture
    return _covered(picture, height, width, draft[1][2:])
