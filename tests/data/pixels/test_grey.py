"""Grey or color: of one image whose channels are nearly alike, and of a set."""

import io

import numpy as np
import pytest
from PIL import Image

from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.grey import as_grey, channels_of_set, color_note, grey_of


def nearly_grey(rng, difference, height=60, width=50):
    grey = rng.integers(10, 240, (height, width, 1))
    offsets = rng.integers(0, difference + 1, (height, width, 3))
    return (grey + offsets).astype(np.uint8)


@pytest.mark.parametrize("difference", [0, 1, 4])
def test_a_few_grey_levels_between_channels_are_no_color(rng, difference):
    image = nearly_grey(rng, difference)
    grey = grey_of(image)
    assert grey.shape == (60, 50, 1)
    assert np.abs(grey.astype(int) - image).max() <= difference


def test_a_faint_color_of_a_whole_image_is_one(rng):
    image = nearly_grey(rng, 0)
    image[..., 0] += 8
    assert grey_of(image) is None


def test_a_small_mark_in_color_is_none_and_a_larger_one_is(rng):
    image = nearly_grey(rng, 2)
    image[0, :3] = 255, 0, 0
    assert grey_of(image) is not None
    image[0, :10] = 255, 0, 0
    assert grey_of(image) is None


@pytest.mark.parametrize("quality", [50, 75, 95])
def test_a_grey_image_saved_in_color_is_grey_again(rng, quality):
    rough = rng.integers(0, 256, (9, 7), dtype=np.uint8)
    grey = Image.fromarray(rough).resize((140, 180), Image.Resampling.BICUBIC)
    tinted = np.asarray(grey.convert("RGB")).copy()
    # A shade of color that compression changes, as scanners add it.
    tinted[..., 2] = np.minimum(tinted[..., 2].astype(int) + 1, 255)
    file = io.BytesIO()
    Image.fromarray(tinted).save(file, "JPEG", quality=quality)
    image = open_image(file, "a")
    assert image.shape == (180, 140, 1)
    assert np.abs(image[..., 0].astype(int) - np.asarray(grey)).mean() < 3


def test_grey_is_the_brightness_that_pillow_computes(rng):
    images = rng.integers(0, 256, (3, 9, 7, 3), dtype=np.uint8)
    expected = [np.asarray(Image.fromarray(image).convert("L")) for image in images]
    assert np.array_equal(as_grey(images)[..., 0], expected)


@pytest.mark.parametrize(
    ("in_color", "count", "channels"),
    [
        (0, 9, 1),
        (1, 20, 1),
        (1, 19, 3),
        (5, 100, 1),
        (6, 100, 3),
        (2, 538, 1),
        (9, 9, 3),
    ],
)
def test_a_few_files_do_not_make_a_set_one_of_color(in_color, count, channels):
    assert channels_of_set(in_color, count) == channels


def test_images_that_lose_their_color_are_told():
    assert color_note([], 90, 1) == color_note(["a"], 2, 3) == ""
    words = "1 of 1,200 images is in color and was made grey: 'x/7.png'."
    assert color_note(["x/7.png"], 1200, 1) == words
    words = "2 of 90 images are in color and were made grey, for example 'a'."
    assert color_note(["a", "b"], 90, 1) == words
