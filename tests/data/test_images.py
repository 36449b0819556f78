"""Images are checked without a copy, and bytes become floats in one way."""

import numpy as np
import pytest

from ssvae.data.images import as_float_images, as_floats, checked_images


def test_bytes_become_floats_by_a_float32_division():
    levels = np.arange(256, dtype=np.uint8)
    floats = as_floats(levels)
    assert floats.dtype == np.float32
    assert np.array_equal(floats, (levels / 255).astype(np.float32))
    assert np.array_equal(np.rint(255 * floats), levels)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_images_as_they_should_be_are_not_copied(dtype):
    images = np.ones((2, 9, 7, 1), dtype)
    assert np.shares_memory(checked_images(images, (9, 7, 1)), images)


def test_floats_of_another_precision_become_float32():
    for dtype in (np.float16, np.float64):
        images = as_float_images(np.full((2, 9, 7), 0.5, dtype), (9, 7, 1))
        assert images.dtype == np.float32
        assert np.all(images == 0.5)
    assert checked_images(np.zeros((0, 9, 7)), (9, 7, 1)).shape == (0, 9, 7, 1)


def test_bytes_and_floats_with_or_without_channels_are_accepted(rng):
    grey = rng.integers(0, 256, (4, 9, 7), dtype=np.uint8)
    first = as_float_images(grey, (9, 7, 1))
    assert first.shape == (4, 9, 7, 1)
    assert first.dtype == np.float32
    for other in (grey[..., None], grey / 255, (grey / 255).astype(np.float32)):
        assert np.allclose(as_float_images(other, (9, 7, 1)), first)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((2, 9, 8)), r"shape \(2, 9, 8\); need \(n, 9, 7, 1\) or \(n, 9, 7\)"),
        (np.zeros((9, 7)), "shape"),
        (np.zeros((2, 9, 7, 3)), "shape"),
        (np.full((2, 9, 7), 1.5), "values from 1.5 to 1.5"),
        (np.full((2, 9, 7), -0.1), "values"),
        (np.full((2, 9, 7), np.nan), "values"),
        (np.zeros((2, 9, 7), np.int64), "dtype int64; need uint8"),
        (np.full((2, 9, 7), "x", object), "dtype object"),
    ],
)
def test_other_images_are_refused(images, words):
    with pytest.raises(ValueError, match=words):
        as_float_images(images, (9, 7, 1))
