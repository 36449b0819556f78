"""ICC profiles: the colors that a file means, in sRGB."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from ssvae.data.pixels.decode import open_image

# Colorants of sRGB for daylight D50, and its white.
RED, GREEN, BLUE = (0.436, 0.222, 0.014), (0.385, 0.717, 0.097), (0.143, 0.061, 0.714)
WHITE = (0.9642, 1.0, 0.8249)


def numbers(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def icc(space, gamma, colorants=()):
    """Return a profile of version 2 with one gamma, of RGB or grey pixels."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    text = b"test\0"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(79),
        b"wtpt": b"XYZ " + bytes(4) + numbers(*WHITE),
    }
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    for letter, colorant in zip("rgb", colorants, strict=False):
        tags[f"{letter}XYZ".encode()] = b"XYZ " + bytes(4) + numbers(*colorant)
        tags[f"{letter}TRC".encode()] = curve
    start, table, body = 132 + 12 * len(tags), b"", b""
    for tag, content in tags.items():
        content += bytes(-len(content) % 4)
        table += tag + struct.pack(">II", start + len(body), len(content))
        body += content
    size = struct.pack(">I", start + len(body))
    header = size + bytes(4) + b"\2\x10\0\0mntr" + space.ljust(4) + b"XYZ " + bytes(12)
    header += b"acsp" + bytes(28) + numbers(*WHITE)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


RGB = icc(b"RGB", 2.2, (RED, GREEN, BLUE))
EXCHANGED = icc(b"RGB", 2.2, (GREEN, RED, BLUE))
LINEAR = icc(b"GRAY", 1.0)


def opened(pixels, profile, mode=None, **kwargs):
    picture = Image.fromarray(pixels)
    file = io.BytesIO()
    picture = picture.convert(mode) if mode else picture
    picture.save(file, "PNG", icc_profile=profile)
    return open_image(file, "a", **kwargs)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colors_are_those_of_the_profile(mode):
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[:, :3] = 255, 0, 0
    pixels[:, 3:] = 0, 0, 255
    image = opened(pixels, EXCHANGED, mode).astype(int)
    assert np.abs(image[:, :3] - (0, 255, 0)).max() < 12
    assert np.abs(image[:, 3:] - (0, 0, 255)).max() < 12


def test_grey_levels_are_those_of_the_profile():
    pixels = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    image = opened(pixels, LINEAR)
    assert image.shape == (4, 256, 1)
    linear = np.arange(256) / 255
    srgb = np.where(
        linear < 0.0031, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    # Near black the curve is steep, and the library has few points there.
    assert np.abs(image[0, 9:, 0] - 255 * srgb[9:]).max() < 3


@pytest.mark.parametrize(
    "profile",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        b"no profile",
        LINEAR,
    ],
    ids=["sRGB", "damaged", "of grey pixels"],
)
def test_a_profile_that_says_nothing_changes_nothing(rng, profile):
    pixels = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    assert np.array_equal(opened(pixels, profile), pixels)


def test_the_transparent_stays_white_under_a_profile(rng):
    grey = rng.integers(0, 256, (9, 7), dtype=np.uint8)
    file = io.BytesIO()
    alpha = np.zeros((9, 7), np.uint8)
    alpha[0] = 255
    picture = Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha)])
    picture.save(file, "PNG", icc_profile=LINEAR)
    image = open_image(file, "a")
    assert np.all(image[1:] == 255)
    assert np.array_equal(image[:1], opened(grey[:1], LINEAR))
