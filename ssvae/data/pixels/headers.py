"""Headers of image files: size and kind of the pixels, without decoding them."""

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from ssvae.data.damage import DAMAGE, reading
from ssvae.data.pixels.formats import IMAGE, LOSSY_FORMATS, opened
from ssvae.types import PathLike

if TYPE_CHECKING:
    from PIL import Image

# EXIF tag of how an image is turned, and its values that exchange height and width.
ORIENTATION, ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
# TIFF tags of the size, and of the bits of each channel.
IMAGE_WIDTH, IMAGE_HEIGHT, BITS_PER_SAMPLE = 0x0100, 0x0101, 0x0102
# Kinds of pixels: black and white, 8 bits, whole numbers of more bits, and floats.
BITS, BYTES, WORDS, FLOATS = "bits", "bytes", "words", "floats"


@dataclass(frozen=True)
class Header:
    """What an image file says of its image before the pixels are decoded.

    Attributes:
        height: Height of the image as it is seen, turned by its EXIF orientation,
            pixels.
        width: Width of the image as it is seen, pixels.
        mode: Pillow's name of the kind of pixels, for example `RGB` or `I;16`.
        bits: Bits of a channel in the file.
        frames: Number of pictures or pages; the first is read.
        format: Pillow's name of the format, for example `PNG`.
    """

    height: int
    width: int
    mode: str
    bits: int
    frames: int
    format: str

    @property
    def kind(self) -> str:
        """Kind of the pixels: `BITS`, `BYTES`, `WORDS` or `FLOATS`."""
        return kind_of_pixels(self.mode, self.bits)

    @property
    def is_lossy(self) -> bool:
        """Whether the format changes pixels a little."""
        return self.format in LOSSY_FORMATS

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.height * self.width


def read_header(file: PathLike | IO[bytes], name: object) -> Header:
    """Return what the header of an image file says, without decoding its pixels.

    Args:
        file: Path of the file, or a file opened to read bytes.
        name: Path or name of the file for messages.

    Raises:
        InputError: If the file is no image, or has too many pixels.
    """
    with opened(file, name) as picture:
        height, width = _seen_size(picture, name, turned=True)
        mode, bits = picture.mode, bits_of(picture)
        return Header(height, width, mode, bits, _frames(picture), picture.format or "")


def header_size(
    file: PathLike | IO[bytes], name: object, turned: bool = True
) -> tuple[int, int]:
    """Return height and width of the image in a file, without decoding its pixels.

    Args:
        file: See `read_header`.
        name: See `read_header`.
        turned: Whether the image is turned as its EXIF orientation says.

    Raises:
        InputError: See `read_header`.
    """
    with opened(file, name) as picture:
        return _seen_size(picture, name, turned)


def kind_of_pixels(mode: str, bits: int) -> str:
    """Return the kind of an image's pixels: `BITS`, `BYTES`, `WORDS` or `FLOATS`.

    Args:
        mode: Pillow's mode.
        bits: Bits of a channel in the file.
    """
    if mode == "1":
        return BITS
    if mode.startswith("F"):
        return FLOATS
    return WORDS if mode.startswith("I") or bits > 8 else BYTES


def bits_of(picture: "Image.Image") -> int:
    """Return the bits of a channel in the file of a picture that is not decoded yet."""
    if picture.format == "TIFF":
        stated = picture.tag_v2.get(BITS_PER_SAMPLE, (1,))  # type: ignore[attr-defined]
        return max(stated if isinstance(stated, tuple) else (stated,))
    if picture.mode in ("1", "F"):
        return 1 if picture.mode == "1" else 32
    # Of colors with sixteen bits Pillow keeps the upper eight; the tile says so.
    wide = picture.format == "PNG" and any(";16" in str(tile) for tile in picture.tile)  # type: ignore[attr-defined]
    return 16 if wide or picture.mode.startswith("I") else 8


def is_on_its_side(picture: "Image.Image") -> bool:
    """Return whether EXIF turns a picture so that height and width are exchanged."""
    from PIL import Image

    # The method of PNG images would decode the pixels to look behind them.
    return Image.Image.getexif(picture).get(ORIENTATION) in ON_ITS_SIDE


def _seen_size(picture, name, turned):
    """Return height and width of a picture."""
    width, height = picture.size
    if picture.format == "TIFF":
        # Some versions of Pillow have turned the size already.
        width, height = picture.tag_v2[IMAGE_WIDTH], picture.tag_v2[IMAGE_HEIGHT]
    with reading(name, IMAGE):
        on_its_side = turned and is_on_its_side(picture)
    return (width, height) if on_its_side else (height, width)


def _frames(picture):
    """Return the number of pictures in a file; 1 if that cannot be found out."""
    if picture.format == "MPO":
        # The others are the same picture for the other eye, or a preview.
        return 1
    try:
        return getattr(picture, "n_frames", 1)
    except DAMAGE:
        return 1
