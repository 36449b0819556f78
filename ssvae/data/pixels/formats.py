"""Formats of image files: which are read, and what is said of the others."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from ssvae.data.damage import reading, unreadable
from ssvae.data.suffixes import DICOM_WORDS, HEIF_WORDS, unread_reason
from ssvae.types import PathLike

if TYPE_CHECKING:
    from PIL import Image

# Formats that may be read, whatever a file is called. For some of the others Pillow
# starts programs.
IMAGE_FORMATS = (
    *("PNG", "JPEG", "BMP", "GIF", "WEBP", "AVIF", "TIFF", "PPM"),
    "JPEG2000",
)
# Formats whose first bytes may be anything: only the file's name tells them.
NAMED_FORMATS = {".tga": "TGA", ".dib": "DIB"}
# Formats that lose details: what had one color has many similar ones afterwards.
LOSSY_FORMATS = frozenset({"JPEG", "MPO", "WEBP", "AVIF", "JPEG2000", "HEIF"})
# Brands at the beginning of HEIF images.
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
# Largest image, pixels unpacked.
MAX_PIXELS = 2**26
# What messages call the content of a file.
IMAGE = "image"


@contextlib.contextmanager
def opened(file: PathLike | IO[bytes], name: object) -> Iterator["Image.Image"]:
    """Open an image file, whose pixels are not decoded yet.

    Args:
        file: Path of the file, or a file opened to read bytes.
        name: Path or name of the file for messages.

    Raises:
        InputError: If the file is no image, or has too many pixels.
    """
    from PIL import Image

    with contextlib.ExitStack() as stack:
        with reading(name, IMAGE, Image.DecompressionBombError):
            if isinstance(file, str | os.PathLike):
                # Pillow 13 gets turned, uncompressed TIFF files wrong if given a path.
                file = stack.enter_context(open(file, "rb"))
            picture = stack.enter_context(_identified(file, name))
        width, height = picture.size
        if width * height > MAX_PIXELS:
            reason = f"it has {width:,} by {height:,} pixels, more than {MAX_PIXELS:,}"
            raise unreadable(name, IMAGE, reason)
        yield picture


def _identified(file, name):
    """Return Pillow's picture of a file."""
    from PIL import Image, UnidentifiedImageError

    Image.init()
    named = NAMED_FORMATS.get(PurePath(str(name)).suffix.lower())
    # Older versions of Pillow do not know all of them.
    known = [kind for kind in (*IMAGE_FORMATS, named) if kind in Image.OPEN]
    try:
        return Image.open(file, formats=known)
    except UnidentifiedImageError:
        file.seek(0)
        head = file.read(132)
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return _heif(file, name)
    if head[128:] == b"DICM":
        raise unreadable(name, IMAGE, f"it is {DICOM_WORDS}")
    reason = unread_reason(str(name))
    if reason and reason != HEIF_WORDS:
        raise unreadable(name, IMAGE, f"it seems to be {reason}")
    raise unreadable(name, IMAGE, f"it holds none of {', '.join(IMAGE_FORMATS)}")


def _heif(file, name):
    """Return the picture of a HEIF image."""
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise unreadable(name, IMAGE, f"it is {HEIF_WORDS}") from None
    # It is not registered with Pillow: that would change the caller's process.
    file.seek(0)
    return HeifImageFile(file)
