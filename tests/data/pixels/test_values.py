"""Black and white of a set of images: found for all files, or stated."""

import io

import numpy as np
import pytest
from PIL import Image

from ssvae.data.pixels import values
from ssvae.data.pixels.decode import open_image, read_values
from ssvae.data.pixels.headers import read_header
from ssvae.data.pixels.values import ValueRange, as_bytes, find_value_range
from ssvae.errors import InputError


def tiff(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "TIFF")
    return file


def found(*files):
    """Return what `find_value_range` says of files."""
    headers = [read_header(file, "a") for file in files]
    return find_value_range(headers, lambda row: read_values(files[row], "a"))


def noise(rng, low, high, dtype, count=3):
    """Return images of values between two others."""
    return [
        rng.uniform(low, high, (20, 30)).astype(dtype).clip(low, high)
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("low", "high", "dtype", "limits"),
    [
        (0, 256, "uint8", (0, 255)),
        (10, 90, "uint8", (0, 255)),
        (0, 2, "uint8", (0, 1)),
        (0, 2, "uint16", (0, 1)),
        (0, 255, "uint16", (0, 255)),
        (30, 1000, "uint16", (0, 1023)),
        (0, 4000, "uint16", (0, 4095)),
        (0, 16000, "uint16", (0, 16383)),
        (0, 60000, "uint16", (0, 65535)),
        (0, 3000, "int32", (0, 4095)),
        (0, 1, "float32", (0, 1)),
        (0, 255, "float32", (0, 255)),
    ],
)
def test_a_usual_range_is_found(rng, low, high, dtype, limits):
    images = noise(rng, low, high, dtype)
    images[0][0, 0] = high - (high > 1 and dtype != "float32")
    value_range, sentence = found(*map(tiff, images))
    kind = {"uint8": "bytes", "float32": "floats"}.get(dtype, "words")
    assert value_range.limits(kind) == limits
    full = limits == (0, 255) and kind == "bytes"
    assert (sentence == "") == full
    if not full:
        assert f"0 is taken for black and {limits[1]} for white" in sentence
        assert "3 images looked at" in sentence and "--value-range" in sentence


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (-1000, 2000, "int32"),
        (270, 320, "float32"),
        (-1, 1, "float32"),
        (27000, 31000, "uint16"),
        (0.4, 0.45, "float32"),
        (100_000, 900_000, "int32"),
    ],
    ids=["CT", "kelvin", "signed", "thermal", "narrow", "large"],
)
def test_an_unusual_range_comes_from_percentiles(rng, low, high, dtype):
    images = noise(rng, low, high, dtype)
    if dtype == "float32":
        # What is no number, or stands for none, does not count.
        images[0][0, :2] = np.nan, np.inf
    value_range, sentence = found(*map(tiff, images))
    black, white = value_range.limits("floats" if dtype == "float32" else "words")
    assert np.allclose([black, white], [low, high], atol=(high - low) / 50)
    assert "99.8 %" in sentence
    image = open_image(tiff(images[1]), "a", value_range=value_range)
    assert image.min() < 4 and image.max() > 251 and 110 < image.mean() < 145


def test_one_bright_dot_does_not_darken_a_set(rng):
    images = noise(rng, 0, 4000, "uint16")
    images[0][3, 3] = 65535
    assert found(*map(tiff, images))[0].words[1] < 4100


def test_each_kind_of_pixels_has_its_own_range(rng):
    words, small = noise(rng, 0, 4000, "uint16"), noise(rng, 0, 256, "uint8")
    value_range, _ = found(*map(tiff, (*words, *small)))
    assert value_range == ValueRange((0, 255), (0, 4095))


def test_a_dark_image_stays_darker_than_the_others():
    bright, dark = (np.full((9, 7), value, np.uint16) for value in (4000, 400))
    bright[0], dark[0] = 0, 0
    files = tiff(bright), tiff(dark)
    value_range, _ = found(*files)
    first, second = (open_image(file, "a", value_range=value_range) for file in files)
    assert first.max() == 249 and second.max() == 25


def test_black_images_at_the_beginning_do_not_make_a_set_of_zeros_and_ones():
    files = [tiff(np.eye(9, dtype=np.uint8)) for _ in range(40)]
    files[1] = tiff(np.full((9, 9), 200, np.uint8))
    assert found(*files)[0] == ValueRange()


def test_of_many_large_images_a_few_are_decoded(monkeypatch, rng):
    monkeypatch.setattr(values, "SAMPLE_PIXELS", 6_000)
    images = [tiff(image) for image in noise(rng, 0, 4000, "uint16", count=50)]
    headers = [read_header(image, "a") for image in images]
    rows = []

    def read(row):
        rows.append(row)
        return read_values(images[row], "a") if row else None

    assert find_value_range(headers, read)[0].words == (0, 4095)
    assert rows == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]


def test_images_that_cannot_be_read_leave_the_range_open():
    headers = [read_header(tiff(np.zeros((9, 7), np.float32)), "a")]
    assert find_value_range(headers, lambda row: None) == (ValueRange(), "")


def test_a_stated_range_holds_for_every_kind():
    for dtype in ("uint8", "uint16", "int32", "float32"):
        array = np.array([[10, 20, 40, 60]] * 4, dtype)
        image = open_image(tiff(array), "a", value_range=ValueRange.stated((20, 60)))
        assert image[0, :, 0].tolist() == [0, 0, 128, 255]
        image = open_image(tiff(array), "a", value_range=ValueRange.stated((60, 20)))
        assert image[0, :, 0].tolist() == [255, 255, 128, 0]


def test_images_of_eight_bits_keep_theirs_where_a_stated_range_is_beyond_them():
    for limits in ((0, 4095), (-100, 200)):
        assert ValueRange.stated(limits) == ValueRange((0, 255), limits, limits)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float32", "float64"])
def test_values_are_rounded_to_the_nearest_grey_level(rng, dtype):
    array = rng.integers(0, 200, 999).astype(dtype)
    expected = [
        round(255 * min(max((value - 3) / 150, 0), 1)) for value in array.tolist()
    ]
    assert as_bytes(array, (3, 153)).tolist() == expected


def test_what_is_no_number_becomes_black():
    array = np.array([[np.nan, -np.inf, np.inf, 0.5]] * 4, np.float32)
    assert as_bytes(array, (0, 1))[0].tolist() == [0, 0, 255, 128]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([[-5, 70000]] * 4, np.int32), "values from -5 to 70000"),
        (np.array([[270.5, 300]] * 4, np.float32), "values from 270.5 to 300"),
    ],
)
def test_numbers_without_a_known_range_are_refused(array, words):
    with pytest.raises(InputError, match=f"{words}: say in --value-range"):
        open_image(tiff(array), "a")
