"""Image files: decoded safely, and brought to one size."""

from typing import IO

import numpy as np

from ssvae.data.damage import reading, unreadable
from ssvae.data.pixels.formats import IMAGE
from ssvae.data.pixels.grey import as_grey, grey_of
from ssvae.data.pixels.headers import FLOATS, WORDS
from ssvae.data.pixels.profiles import as_srgb
from ssvae.data.pixels.stored import MAX_WORD, brought_to, decoded
from ssvae.data.pixels.values import FULL_BYTES, ValueRange, as_bytes
from ssvae.types import PathLike

# What the upper eight of 16 bits count for.
UPPER = MAX_WORD // 255
# Modes that hold colors beside others, and the plain mode of the same colors.
PLAIN_MODES = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA", "1": "L", "RGBX": "RGB"}


def open_image(
    file: PathLike | IO[bytes],
    name: object,
    channels: int | None = None,
    size: int | tuple[int, int] = 0,
    value_range: ValueRange | None = None,
) -> np.ndarray:
    """Return the pixels of an image file.

    The image is turned as its EXIF orientation says, and its colors become those of
    sRGB as its ICC profile says. What is transparent becomes white; if all is, the
    colors below are shown. Of an animation or of several pages the first is read.

    Args:
        file: Path of the file, or a file opened to read bytes.
        name: Path or name of the file for messages.
        channels: 1 for grey, 3 for color: the image is converted. None for what the
            file shows: 1 if its colors are nearly greys, see `grey_of`, otherwise 3.
        size: Side, or height and width, in pixels that the image is brought to, see
            `brought_to`; 0 to keep its size. Of a large JPEG image a smaller copy is
            decoded, which takes a fraction of the time.
        value_range: Values of black and white, see `find_value_range`. None for the
            range of the file's bits.

    Returns:
        uint8 array `(height, width, channels)`.

    Raises:
        InputError: If the file is no image, is damaged, has too many pixels, or holds
            numbers of which nobody knows what is black and white.
    """
    pixels = decoded(file, name, size)
    picture = _flat(pixels, name, value_range or ValueRange())
    array = brought_to(size, np.asarray(picture))
    if array.shape[2] == 1:
        return np.repeat(array, 3, axis=2) if channels == 3 else array
    if channels == 1:
        return as_grey(array)
    grey = None if channels == 3 else grey_of(array)
    return array if grey is None else grey


def read_values(file: PathLike | IO[bytes], name: object) -> np.ndarray:
    """Return the pixels of an image file with the values that it holds.

    Args:
        file: See `open_image`.
        name: See `open_image`.

    Returns:
        Array `(height, width)` or `(height, width, channels)`: of uint8, or of numbers
        of more bits, or of floats. Without what is transparent in part.

    Raises:
        InputError: If the file is no image, is damaged, or has too many pixels.
    """
    pixels = decoded(file, name)
    if pixels.are_numbers:
        return pixels.numbers()
    with reading(name, IMAGE):
        array = np.asarray(_plain(pixels.picture).convert("RGB"))
    return array.astype(np.uint16) * UPPER if pixels.bits > 8 else array


def _flat(pixels, name, value_range):
    """Return a picture in mode L or RGB, with white where it was transparent."""
    from PIL import Image

    limits = value_range.limits(pixels.kind)
    if pixels.are_numbers:
        array = pixels.numbers()
        limits = limits or _own_limits(array, pixels, name)
        return Image.fromarray(
            as_bytes(array, limits[::-1] if pixels.inverted else limits)
        )
    if limits and pixels.kind == WORDS:
        limits = limits[0] / UPPER, limits[1] / UPPER
    with reading(name, IMAGE):
        picture = _plain(pixels.picture)
        if limits and limits != FULL_BYTES:
            picture = _spread(picture, limits)
        return _opaque(as_srgb(picture))


def _own_limits(array, pixels, name):
    """Return the values of black and white that numbers have by their own bits."""
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
    if pixels.kind == FLOATS and low >= 0 and high <= 1:
        return 0.0, 1.0
    if pixels.kind == WORDS and array.dtype == np.uint16:
        return 0.0, 2.0 ** min(pixels.bits, 16) - 1
    reason = f"its pixels have values from {low:g} to {high:g}: "
    reason += "say in --value-range which are black and white"
    raise unreadable(name, IMAGE, reason)


def _plain(picture):
    """Return a picture in mode L, LA, RGB, RGBA or CMYK; transparent as it was."""
    mode = PLAIN_MODES.get(picture.mode, picture.mode)
    if "transparency" in picture.info and mode in ("L", "P", "RGB"):
        mode = "RGBA"
    if mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        mode = "RGB"
    return picture if mode == picture.mode else picture.convert(mode)


def _spread(picture, limits):
    """Return a picture with the limits as black and white, its alpha unchanged."""
    if picture.mode == "CMYK":
        return picture
    grey_levels = as_bytes(np.arange(256, dtype=np.uint8), limits).tolist()
    bands = picture.getbands()
    # Alpha is the last band.
    table = grey_levels * (len(bands) - ("A" in bands))
    return picture.point(table + list(range(256)) * ("A" in bands))


def _opaque(picture):
    """Return a plain picture in mode L or RGB, on white."""
    from PIL import Image

    if "A" not in picture.getbands():
        return picture if picture.mode == "L" else picture.convert("RGB")
    if picture.getchannel("A").getextrema()[1] == 0:
        # All of it is transparent: the picture is in the colors below.
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")
