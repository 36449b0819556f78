"""Image files, decoded safely, and brought to one size by one rule."""

import numpy as np

from ssvae.errors import InputError

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
)
# Whatever a file is called: to read some of the others, Pillow starts programs.
IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
# What a file may unpack to.
MAX_PIXELS = 2**26


def open_image(file, name, channels=None, size=0) -> np.ndarray:
    """Return the pixels of an image file, of an animation the first picture's.

    Turned as its EXIF orientation says; what is transparent shows white; of sixteen
    bits the upper eight count.

    Args:
        file: Path, or a file opened to be read as bytes.
        name: What to call it in a message.
        channels: 1 for grey, 3 for color; what the file holds is converted. None for
            what it shows: 1 if all its colors are greys, else 3.
        size: Side in pixels to bring it to, see `brought_to`; 0 to leave it.

    Returns:
        uint8 array `(h, w, channels)`.

    Raises:
        InputError: If it is no image that can be read.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(file, formats=IMAGE_FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise ValueError(
                    f"it has {width:,} by {height:,} pixels, more than {MAX_PIXELS:,}"
                )
            picture = _flat(ImageOps.exif_transpose(picture))
            if channels:
                picture = picture.convert({1: "L", 3: "RGB"}[channels])
            array = brought_to(size, np.asarray(picture))
    # What Pillow's decoders raise for damaged files is not to be foreseen.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise InputError(f"{str(name)!r} is no readable image: {reason}") from None
    if not channels and not np.ptp(array, axis=2).any():
        array = array[..., :1]
    return array


def brought_to(size, array) -> np.ndarray:
    """Scale an image until it covers a square, and cut it around its centre.

    Args:
        size: Side of the square, pixels; 0 to leave the image as it is.
        array: uint8 array `(h, w)` or `(h, w, channels)`, with 1 or 3 channels.

    Returns:
        uint8 array `(size, size, channels)`.
    """
    from PIL import Image, ImageOps

    array = array.reshape(*array.shape[:2], -1)
    if not size or array.shape[:2] == (size, size):
        return array
    picture = Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)
    picture = ImageOps.fit(picture, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(picture).reshape(size, size, -1)


def _flat(picture):
    """Return a picture in mode L or RGB, what is transparent in it on white."""
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        array = np.asarray(picture)
        if array.dtype.kind == "f" or array.min() < 0 or array.max() > 65535:
            raise ValueError(f"its pixels are {array.dtype}, not of 8 or 16 bits")
        return Image.fromarray((array >> 8).astype(np.uint8))
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")
