"""Headers of image files: what they tell before the pixels are decoded."""

import io

import numpy as np
import pytest
from PIL import Image

from ssvae.data.pixels.headers import read_header
from ssvae.errors import InputError

GREY = np.arange(600, dtype=np.uint8).reshape(20, 30)


def saved(picture, **kwargs):
    file = io.BytesIO()
    if not isinstance(picture, Image.Image):
        picture = Image.fromarray(picture)
    picture.save(file, **kwargs)
    return file


def wide_png():
    """Return a PNG of colors with 16 bits, which Pillow cannot write."""
    content = saved(np.dstack([GREY] * 3), format="PNG").getvalue()
    return io.BytesIO(content[:24] + b"\x10" + content[25:29] + _crc(content))


def _crc(content):
    import zlib

    chunk = content[12:24] + b"\x10" + content[25:29]
    return zlib.crc32(chunk).to_bytes(4, "big") + content[33:]


@pytest.mark.parametrize(
    ("file", "kind", "bits", "form"),
    [
        (saved(GREY, format="PNG"), "bytes", 8, "PNG"),
        (saved(GREY > 9, format="PNG"), "bits", 1, "PNG"),
        (saved(GREY.astype(np.uint16), format="PNG"), "words", 16, "PNG"),
        (saved(GREY.astype(np.uint16), format="TIFF"), "words", 16, "TIFF"),
        (saved(GREY.astype(np.uint16), format="PPM"), "words", 16, "PPM"),
        (saved(GREY.astype(np.int32), format="TIFF"), "words", 32, "TIFF"),
        (saved(GREY.astype(np.float32), format="TIFF"), "floats", 32, "TIFF"),
        (saved(np.dstack([GREY] * 3), format="JPEG"), "bytes", 8, "JPEG"),
        (saved(Image.fromarray(GREY).convert("P"), format="GIF"), "bytes", 8, "GIF"),
        (wide_png(), "words", 16, "PNG"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_kind_of_the_pixels_is_known(file, kind, bits, form):
    header = read_header(file, "a")
    assert (header.height, header.width) == (20, 30)
    assert (header.kind, header.bits, header.format) == (kind, bits, form)
    assert header.is_lossy == (form == "JPEG")
    assert header.frames == 1


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_frames_and_pages_are_counted(kind):
    first, *others = (Image.new("L", (30, 20), 60 * row) for row in range(4))
    file = saved(first, format=kind, save_all=True, append_images=others)
    assert read_header(file, "a").frames == 4


def test_a_photograph_with_a_preview_is_one_picture():
    preview = Image.fromarray(GREY).resize((9, 7))
    file = saved(
        Image.fromarray(GREY), format="MPO", save_all=True, append_images=[preview]
    )
    header = read_header(file, "a")
    assert (header.frames, header.height) == (1, 20)


def test_a_header_turns_as_the_image_does():
    exif = Image.Exif()
    exif[0x0112] = 8
    header = read_header(saved(GREY, format="JPEG", exif=exif), "a")
    assert (header.height, header.width) == (30, 20)


def test_what_is_no_image_has_no_header():
    with pytest.raises(InputError, match="'a' is no readable image"):
        read_header(io.BytesIO(b"text"), "a")
