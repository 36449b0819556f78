"""Formats of image files: which are read, and what is said of the others."""

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from ssvae.data.damage import reading, unreadable
from ssvae.types import PathLike

if TYPE_CHECKING:
    from PIL import Image

# Endings of HEIF images, the photographs of phones. An extra reads them.
HEIF_SUFFIXES = frozenset({".heic", ".heif", ".hif"})
# Endings of the files that are taken for images. Their content decides on the format.
IMAGE_SUFFIXES = HEIF_SUFFIXES | frozenset(
    ".png .apng .jpg .jpeg .jpe .jfif .mpo .jp2 .j2k .bmp .dib .gif .webp .avif .tif "
    ".tiff .pbm .pgm .ppm .pnm .pfm .tga".split()
)
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

_HEIF_WORDS = "a HEIF image: pip install ssvae[heif] adds what reads it"
_DICOM_WORDS = "a DICOM image: export it as PNG or TIFF"
# Files that hold images in a form that is not read: endings, and what to do.
UNREAD = {
    ".dcm .dicom .ima": _DICOM_WORDS,
    ".nii .mha .mhd .nrrd": "a volume: export its slices as PNG or TIFF",
    ".svs .ndpi .mrxs .scn .vms": "a whole slide: export its tiles as PNG or JPEG",
    ".czi .lif .nd2 .oib .oif .vsi": "a microscope's format: export it as TIFF",
    ".fits .fit .fts": "a FITS image: export it as TIFF",
    ".cr2 .cr3 .nef .arw .dng .raf .orf .rw2": "a camera's raw data: export it as JPEG",
    ".svg .eps .ps .pdf .ai .wmf .emf": "a drawing or document: export it as PNG",
    ".psd .xcf .kra": "the file of a paint program: export it as PNG",
    ".mp4 .avi .mov .mkv .webm": "a video: export its frames as PNG or JPEG",
    ".ico .icns .cur": "an icon of several sizes: export one as PNG",
}


def unread_reason(name: str) -> str:
    """Return why a file with this ending is not read, and what to do; "" if it may be.

    Args:
        name: Name or path of the file.
    """
    suffix = PurePath(name.lower().removesuffix(".gz")).suffix
    if suffix in HEIF_SUFFIXES and not importlib.util.find_spec("pillow_heif"):
        return _HEIF_WORDS
    found = (words for known, words in UNREAD.items() if suffix in known.split())
    return next(found, "")


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
        raise unreadable(name, IMAGE, f"it is {_DICOM_WORDS}")
    reason = unread_reason(str(name))
    if reason and reason != _HEIF_WORDS:
        raise unreadable(name, IMAGE, f"it seems to be {reason}")
    raise unreadable(name, IMAGE, f"it holds none of {', '.join(IMAGE_FORMATS)}")


def _heif(file, name):
    """Return the picture of a HEIF image."""
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise unreadable(name, IMAGE, f"it is {_HEIF_WORDS}") from None
    # It is not registered with Pillow: that would change the caller's process.
    file.seek(0)
    return HeifImageFile(file)
