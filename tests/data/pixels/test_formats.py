"""Formats of image files: known by content, or refused with what to do."""

import io

import numpy as np
import pytest
from PIL import Image, features

from ssvae.data.pixels.decode import open_image
from ssvae.data.suffixes import IMAGE_SUFFIXES, unread_reason
from ssvae.errors import InputError

PIXELS = np.kron(np.array([[0, 250], [120, 60]], np.uint8), np.ones((8, 12), np.uint8))
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")


def saved(kind, pixels=PIXELS, **kwargs):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **kwargs)
    return file


@pytest.mark.parametrize("kind", FORMATS)
def test_the_content_decides_whatever_the_name_says(kind):
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow reads no AVIF here")
    for name in ("a.jpg", "a.png", "a"):
        image = open_image(saved(kind), name)
        assert image.shape == (16, 24, 1)
        assert np.abs(image[..., 0].astype(int) - PIXELS).mean() < 3


@pytest.mark.parametrize("suffix", [".tga", ".dib"])
def test_formats_without_a_mark_are_known_by_name_alone(suffix):
    kind = suffix[1:].upper()
    assert np.array_equal(open_image(saved(kind), f"a{suffix}")[..., 0], PIXELS)
    with pytest.raises(InputError, match="it holds none of PNG"):
        open_image(saved(kind), "a.png")


@pytest.mark.parametrize("suffix", [".pbm", ".pgm", ".ppm", ".jfif", ".jpe", ".jp2"])
def test_the_endings_that_pillow_writes_are_taken_for_images(suffix, tmp_path):
    assert suffix in IMAGE_SUFFIXES
    Image.fromarray(PIXELS).save(tmp_path / f"a{suffix}")
    assert open_image(tmp_path / f"a{suffix}", "a").shape[:2] == PIXELS.shape


@pytest.mark.parametrize(
    ("head", "name", "words"),
    [
        (bytes(128) + b"DICM", "a.png", "it is a DICOM image: export it as PNG"),
        (b"\0\0\0\x18ftypheic", "a.jpg", r"pip install ssvae\[heif\]"),
        (b"SVG", "a.svg", "it seems to be a drawing or document: export it as PNG"),
        (b"something", "a.png", "it holds none of PNG, JPEG"),
    ],
)
def test_a_format_that_is_not_read_is_named(monkeypatch, head, name, words):
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(InputError, match=words) as error:
        open_image(io.BytesIO(head.ljust(200, b"\0")), name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("scan.DCM", "a DICOM image"),
        ("brain.nii.gz", "a volume"),
        ("slide.svs", "a whole slide"),
        ("photo.CR2", "a camera's raw data"),
        ("clip.mp4", "a video"),
    ],
)
def test_an_ending_that_is_not_read_has_a_reason(name, words):
    assert unread_reason(name).startswith(words)
    assert " export it" in unread_reason(name) or " export its" in unread_reason(name)


def test_an_ending_that_is_read_or_unknown_has_no_reason():
    assert not [
        suffix
        for suffix in IMAGE_SUFFIXES - {".heic", ".heif", ".hif"}
        if unread_reason(f"a{suffix}")
    ]
    assert unread_reason("notes.txt") == unread_reason("README") == ""
