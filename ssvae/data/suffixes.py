"""Endings of image files: which are read, and what is said of the others."""

import importlib.util
from pathlib import PurePath

# Endings of HEIF images, the photographs of phones. An extra reads them.
HEIF_SUFFIXES = frozenset({".heic", ".heif", ".hif"})
# Endings of the files that are taken for images. Their content decides on the format.
IMAGE_SUFFIXES = HEIF_SUFFIXES | frozenset(
    ".png .apng .jpg .jpeg .jpe .jfif .mpo .jp2 .j2k .bmp .dib .gif .webp .avif .tif "
    ".tiff .pbm .pgm .ppm .pnm .pfm .tga".split()
)
# What is said of the two kinds that their content tells too.
HEIF_WORDS = "a HEIF image: pip install ssvae[heif] adds what reads it"
DICOM_WORDS = "a DICOM image: export it as PNG or TIFF"
# Files that hold images in a form that is not read: endings, and what to do.
UNREAD = {
    ".dcm .dicom .ima": DICOM_WORDS,
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
        return HEIF_WORDS
    found = (words for known, words in UNREAD.items() if suffix in known.split())
    return next(found, "")
