"""Image files: decoded safely, and brought to one size."""

import contextlib
import os
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

from ssvae.data.damage import reading, unreadable
from ssvae.types import PathLike

if TYPE_CHECKING:
    from PIL import Image

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
)
# Formats that may be read, whatever a file is called. For some of the others Pillow
# starts programs.
IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
# Largest image, pixels unpacked.
MAX_PIXELS = 2**26
# What messages call the content of a file.
IMAGE = "image"
# EXIF tag of how an image is turned, and its values that exchange height and width.
ORIENTATION, ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
# TIFF tags of the size.
IMAGE_WIDTH, IMAGE_HEIGHT = 0x0100, 0x0101
# Smallest side of a JPEG image that is decoded quickly, in sides of the wanted size.
# Grey levels of 255 then differ from full decoding by 0.3 on average; at 1, by 0.8.
DRAFT_SIDES = 2


def open_image(
    file: PathLike | IO[bytes],
    name: object,
    channels: int | None = None,
    size: int | tuple[int, int] = 0,
) -> np.ndarray:
    """Return the pixels of an image file.

    The image is turned as its EXIF orientation says. What is transparent becomes white.
    Of sixteen bits the upper eight are kept, and of an animation the first picture.

    Args:
        file: Path of the file, or a file opened to read bytes.
        name: Path or name of the file for messages.
        channels: 1 for grey, 3 for color: the image is converted. None for what the
            file shows: 1 if all its colors are greys, otherwise 3.
        size: Side, or height and width, in pixels that the image is brought to, see
            `brought_to`; 0 to keep its size. Of a large JPEG image a smaller copy is
            decoded, which takes a fraction of the time.

    Returns:
        uint8 array `(height, width, channels)`.

    Raises:
        InputError: If the file is no image, is damaged, or has too many pixels.
    """
    picture = _flat(_decoded(file, name, size), name)
    if channels:
        picture = picture.convert({1: "L", 3: "RGB"}[channels])
    array = brought_to(size, np.asarray(picture))
    if not channels and np.array_equal(array[..., :-1], array[..., 1:]):
        array = array[..., :1]
    return array


def header_size(
    file: PathLike | IO[bytes], name: object, turned: bool = True
) -> tuple[int, int]:
    """Return height and width of the image in a file, without decoding its pixels.

    Args:
        file: See `open_image`.
        name: See `open_image`.
        turned: Whether the image is turned as its EXIF orientation says.

    Raises:
        InputError: If the file is no image, or has too many pixels.
    """
    from PIL import Image

    with _opened(file, name) as picture:
        width, height = picture.size
        if picture.format == "TIFF":
            # Some versions of Pillow have turned the size already.
            tags = picture.tag_v2  # type: ignore[attr-defined]
            width, height = tags[IMAGE_WIDTH], tags[IMAGE_HEIGHT]
        with reading(name, IMAGE):
            # The method of PNG images would decode the pixels to look behind them.
            exif = Image.Image.getexif(picture) if turned else {}
        if exif.get(ORIENTATION) in ON_ITS_SIDE:
            return width, height
        return height, width


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
    picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(picture).reshape(height, width, -1)


@contextlib.contextmanager
def _opened(file, name) -> Iterator["Image.Image"]:
    """Open an image file, whose pixels are not decoded yet."""
    from PIL import Image, UnidentifiedImageError

    with contextlib.ExitStack() as stack:
        with reading(name, IMAGE, Image.DecompressionBombError):
            if isinstance(file, str | os.PathLike):
                # Pillow 13 gets turned, uncompressed TIFF files wrong if given a path.
                file = stack.enter_context(open(file, "rb"))
            try:
                picture = stack.enter_context(Image.open(file, formats=IMAGE_FORMATS))
            except UnidentifiedImageError:
                reason = f"it holds none of {', '.join(IMAGE_FORMATS)}"
                raise unreadable(name, IMAGE, reason) from None
        width, height = picture.size
        if width * height > MAX_PIXELS:
            reason = f"it has {width:,} by {height:,} pixels, more than {MAX_PIXELS:,}"
            raise unreadable(name, IMAGE, reason)
        yield picture


def _decoded(file, name, size):
    """Return the picture of a file, turned as its EXIF orientation says."""
    from PIL import ImageOps

    with _opened(file, name) as picture, reading(name, IMAGE):
        if size:
            picture = _shrunk(picture, *np.broadcast_to(size, 2).tolist())
        return ImageOps.exif_transpose(picture)


def _shrunk(picture, height, width):
    """Return a large JPEG image at this size, before it is turned; others unchanged.

    It is decoded at a half, a quarter or an eighth of its size, which is quick.
    """
    from PIL import Image

    if Image.Image.getexif(picture).get(ORIENTATION) in ON_ITS_SIDE:
        height, width = width, height
    full = picture.size
    draft = picture.draft(None, (DRAFT_SIDES * width, DRAFT_SIDES * height))
    if draft is None or picture.size == full:
        return picture
    # The last pixels may stand for fewer than the others: these are no whole numbers.
    *_, right, bottom = draft[1]
    scale = min(right / width, bottom / height)
    left, top = max(0, right - scale * width) / 2, max(0, bottom - scale * height) / 2
    box = left, top, right - left, bottom - top
    return picture.resize((width, height), Image.Resampling.LANCZOS, box)


def _flat(picture, name):
    """Return a picture in mode L or RGB, with white where it was transparent."""
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        array = np.asarray(picture)
        if array.dtype.kind == "f" or array.min() < 0 or array.max() > 65535:
            reason = f"its pixels are {array.dtype}; need 8 or 16 bits"
            raise unreadable(name, IMAGE, reason)
        return Image.fromarray((array >> 8).astype(np.uint8))
    with reading(name, IMAGE):
        if "A" in picture.getbands() or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            white = Image.new("RGBA", picture.size, "white")
            return Image.alpha_composite(white, picture).convert("RGB")
        return picture.convert("L" if picture.mode in ("1", "L") else "RGB")
