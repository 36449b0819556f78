"""Image files: decoded safely, and brought to one size."""

import contextlib
from typing import IO

import numpy as np

from ssvae.data.damage import reading, unreadable
from ssvae.types import PathLike

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


def open_image(
    file: PathLike | IO[bytes], name: object, channels: int | None = None, size: int = 0
) -> np.ndarray:
    """Return the pixels of an image file.

    The image is turned as its EXIF orientation says. What is transparent becomes white.
    Of sixteen bits the upper eight are kept, and of an animation the first picture.

    Args:
        file: Path of the file, or a file opened to read bytes.
        name: Path or name of the file for messages.
        channels: 1 for grey, 3 for color: the image is converted. None for what the
            file shows: 1 if all its colors are greys, otherwise 3.
        size: Side in pixels that the image is brought to, see `brought_to`; 0 to keep
            its size.

    Returns:
        uint8 array `(height, width, channels)`.

    Raises:
        InputError: If the file is no image, is damaged, or has too many pixels.
    """
    picture = _flat(_decoded(file, name), name)
    if channels:
        picture = picture.convert({1: "L", 3: "RGB"}[channels])
    array = brought_to(size, np.asarray(picture))
    if not channels and not np.ptp(array, axis=2).any():
        array = array[..., :1]
    return array


def brought_to(size: int, array: np.ndarray) -> np.ndarray:
    """Scale an image until it covers a square, and cut off what is outside.

    Args:
        size: Side of the square, pixels; 0 to keep the image as it is.
        array: uint8 array `(h, w)` or `(h, w, channels)`, with 1 or 3 channels.

    Returns:
        uint8 array `(size, size, channels)`, the middle of the image.
    """
    from PIL import Image, ImageOps

    array = array.reshape(*array.shape[:2], -1)
    if not size or array.shape[:2] == (size, size):
        return array
    picture = Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)
    picture = ImageOps.fit(picture, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(picture).reshape(size, size, -1)


def _decoded(file, name):
    """Return the picture of a file, turned as its EXIF orientation says."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    with contextlib.ExitStack() as stack:
        with reading(name, IMAGE, Image.DecompressionBombError):
            try:
                picture = stack.enter_context(Image.open(file, formats=IMAGE_FORMATS))
            except UnidentifiedImageError:
                reason = f"it holds none of {', '.join(IMAGE_FORMATS)}"
                raise unreadable(name, IMAGE, reason) from None
        width, height = picture.size
        if width * height > MAX_PIXELS:
            reason = f"it has {width:,} by {height:,} pixels, more than {MAX_PIXELS:,}"
            raise unreadable(name, IMAGE, reason)
        with reading(name, IMAGE):
            return ImageOps.exif_transpose(picture)


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
