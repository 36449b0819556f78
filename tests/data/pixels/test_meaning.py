"""What the pixels of unusual files mean: inverted, transparent, in parts, in print."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from ssvae.data.pixels.decode import open_image, read_values
from ssvae.data.pixels.stored import brought_to
from ssvae.data.pixels.values import ValueRange

STEPS = np.array([[0, 60, 120], [180, 240, 255]], np.uint8).repeat(4, 0).repeat(4, 1)


def saved(picture, kind="PNG", **kwargs):
    file = io.BytesIO()
    if not isinstance(picture, Image.Image):
        picture = Image.fromarray(picture)
    picture.save(file, kind, **kwargs)
    return file


def inverted(array, **kwargs):
    """Return a TIFF file whose numbers are inverted, as scanners write it."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    content = saved(array, "TIFF", tiffinfo=tags, **kwargs).getvalue()
    # The entry of PhotometricInterpretation: a short, 1 for black is zero.
    entry = struct.pack("<HHIHH", 262, 3, 1, 1, 0)
    assert content.count(entry) == 1
    return io.BytesIO(content.replace(entry, struct.pack("<HHIHH", 262, 3, 1, 0, 0)))


def grey(file, **kwargs):
    image = open_image(file, "a", **kwargs)
    assert image.shape[2] == 1
    return image[..., 0]


def test_inverted_tiff_files_are_seen_as_they_should():
    assert np.array_equal(grey(inverted(STEPS)), 255 - STEPS)
    words = STEPS.astype(np.uint16) * 257
    assert np.array_equal(grey(inverted(words)), 255 - STEPS)
    twelve = ValueRange(words=(0, 4080))
    file = inverted(STEPS.astype(np.uint16) * 16)
    assert np.array_equal(grey(file, value_range=twelve), 255 - STEPS)
    assert np.array_equal(grey(inverted(STEPS > 99)), np.where(STEPS > 99, 0, 255))


def test_sixteen_bits_are_rounded_to_eight():
    words = np.array([[0, 128, 129, 65406, 65407, 65535]] * 4, np.uint16)
    assert grey(saved(words)).tolist()[0] == [0, 0, 1, 254, 255, 255]


def test_numbers_without_a_sign_use_all_bits():
    # Pillow cannot write them: the tag of the type of the numbers is changed.
    content = saved(np.array([[-1, 0, 2**31 - 1]] * 4, np.int32), "TIFF").getvalue()
    entry, changed = (struct.pack("<HHIH", 339, 3, 1, kind) for kind in (2, 1))
    assert content.count(entry) == 1
    array = read_values(io.BytesIO(content.replace(entry, changed)), "a")
    assert array[0].tolist() == [2**32 - 1, 0, 2**31 - 1]


def test_the_largest_value_of_a_pgm_file_is_white():
    for top, kind in ((1, ">u1"), (100, ">u1"), (1023, ">u2"), (4095, ">u2")):
        pixels = np.array([[0, top]] * 4, kind).tobytes()
        file = io.BytesIO(b"P5 2 4 %d\n" % top + pixels)
        assert grey(file)[0].tolist() == [0, 255]


def test_an_image_of_zeros_and_ones_is_black_and_white_in_every_mode():
    bits = (STEPS > 99).astype(np.uint8)
    range_of_set = ValueRange(bytes=(0, 1))
    color = np.dstack([bits] * 3)
    clear = np.dstack([color, np.full(bits.shape, 255, np.uint8)])
    indexed = Image.fromarray(color).quantize(2)
    for picture in (bits, color, clear, indexed, bits > 0):
        image = grey(saved(picture), value_range=range_of_set)
        assert np.array_equal(image, 255 * bits)


def test_where_all_is_transparent_the_colors_below_are_shown(rng):
    pixels = rng.integers(0, 256, (9, 7, 4), dtype=np.uint8)
    pixels[..., 3] = 0
    assert np.array_equal(open_image(saved(pixels), "a"), pixels[..., :3])
    pixels[0, 0, 3] = 255
    image = open_image(saved(pixels), "a")
    assert np.array_equal(image[0, 0], pixels[0, 0, :3]) and np.all(image[1:] == 255)


def test_premultiplied_colors_are_divided_by_their_alpha():
    straight = np.array([200, 100, 40, 128], np.uint8)
    premultiplied = straight.astype(int) * 128 // 255
    premultiplied[3] = 128
    pixels = np.tile(premultiplied.astype(np.uint8), (8, 8, 1))
    content = saved(pixels, "TIFF").getvalue()
    # The entry of ExtraSamples: 2 for plain alpha, 1 for premultiplied.
    entry, changed = (struct.pack("<HHIH", 338, 3, 1, kind) for kind in (2, 1))
    assert content.count(entry) == 1
    image = open_image(io.BytesIO(content.replace(entry, changed)), "a")
    seen = straight[:3] * (128 / 255) + 255 * (127 / 255)
    assert np.abs(image[0, 0] - seen).max() < 3


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_color_of_a_palette_is_white(kind):
    indexed = Image.fromarray(np.array([[0, 1]] * 4, np.uint8), "P")
    indexed.putpalette([255, 0, 0, 0, 0, 0])
    image = open_image(saved(indexed, kind, transparency=0), "a", channels=3)
    assert image[0].tolist() == [[255] * 3, [0] * 3]


def test_colors_of_print_become_those_of_a_screen():
    inks = np.zeros((8, 8, 4), np.uint8)
    inks[:, 4:] = 0, 255, 255, 0
    for kind in ("JPEG", "TIFF"):
        image = open_image(saved(Image.fromarray(inks, "CMYK"), kind), "a").astype(int)
        assert np.abs(image[:, 0] - 255).max() < 4
        assert np.abs(image[:, -1] - (255, 0, 0)).max() < 4


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_of_several_frames_is_read(kind):
    first, second = Image.fromarray(STEPS), Image.new("L", STEPS.shape[::-1], 255)
    file = saved(first, kind, save_all=True, append_images=[second])
    assert np.abs(grey(file).astype(int) - STEPS).max() < 40


@pytest.mark.parametrize("shape", [(1000, 700), (700, 1300), (901, 901)])
def test_large_images_are_scaled_quickly_and_well(rng, shape):
    rough = Image.fromarray(rng.integers(0, 256, (30, 20), dtype=np.uint8))
    large = rough.resize(shape[::-1], Image.Resampling.BICUBIC)
    middle = min(shape)
    left, top = ((side - middle) / 2 for side in large.size)
    box = left, top, left + middle, top + middle
    slow = large.resize((64, 64), Image.Resampling.LANCZOS, box)
    quick = brought_to(64, np.asarray(large))[..., 0].astype(int)
    assert np.abs(quick - np.asarray(slow)).max() <= 2


def test_many_bits_become_few_before_a_size_is_wanted(rng):
    words = rng.integers(0, 65536, (90, 70), dtype=np.uint16)
    assert np.array_equal(
        open_image(saved(words), "a", size=20), brought_to(20, grey(saved(words)))
    )
