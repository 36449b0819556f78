"""Colors of images with an ICC profile, as sRGB, which screens and networks expect."""

import functools
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

# Black of the profile becomes black: the flag of LittleCMS.
BLACK_POINT_COMPENSATION = 0x2000
# Modes whose colors a profile may describe, and the mode of the result.
_RESULTS = {"RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB", "L": "RGB"}


def as_srgb(picture: "Image.Image") -> "Image.Image":
    """Return a picture with the colors that its ICC profile means, in sRGB.

    A picture without a profile, with one of sRGB, with a damaged one, or with one for
    another kind of pixels is returned as it is.

    Args:
        picture: Pillow's picture of 8 bits per channel, decoded.
    """
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if _is_transparent(picture) else "RGB")
    if picture.mode == "LA":
        grey, alpha = picture.split()
        grey = _applied(grey, profile)
        grey.putalpha(alpha)
        return grey
    return _applied(picture, profile)


def _is_transparent(picture):
    return picture.mode == "PA" or "transparency" in picture.info


def _applied(picture, profile):
    """Return a picture of one of the modes in `_RESULTS` in sRGB."""
    transform = _transform(profile, picture.mode) if picture.mode in _RESULTS else None
    if transform is None:
        return picture
    if picture.mode == "L":
        return picture.point(transform)
    from PIL import ImageCms

    changed = ImageCms.applyTransform(picture, transform)
    return changed if changed is not None else picture


@functools.lru_cache(maxsize=16)
def _transform(profile, mode):
    """Return the way from a profile to sRGB; None if there is nothing to do.

    For grey pictures it is a table of 256 grey levels.
    """
    from PIL import Image, ImageCms

    # A Pillow without LittleCMS raises `ImportError` at the first use.
    damage = (ImportError, OSError, ValueError, TypeError, ImageCms.PyCMSError)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            _RESULTS[mode],
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            BLACK_POINT_COMPENSATION,
        )
        if mode != "L":
            return transform
        levels = Image.frombytes("L", (256, 1), bytes(range(256)))
        levels = ImageCms.applyTransform(levels, transform)
        return list(levels.tobytes()[1::3])
    except damage:
        # As viewers do: without a usable profile, the numbers are taken for sRGB.
        return None
