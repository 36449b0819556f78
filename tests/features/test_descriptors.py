import math

import numpy as np
import pytest
from helpers import waves
from keras import ops

from ssvae.features.descriptors import (
    NUM_BINS,
    SIDE,
    ColorHistogram,
    OrientedGradients,
)
from ssvae.features.gradients import oriented_gradients
from ssvae.features.resize import Resized, resized
from ssvae.features.texture import Texture

pytestmark = pytest.mark.each_backend

DESCRIPTORS = (OrientedGradients, ColorHistogram, Texture)
# Side of images that slow loops go through.
SMALL = 24


def vectors(layer, images):
    """The layer's vectors, scaled to length one."""
    result = layer(images.astype(np.float32))
    return ops.convert_to_numpy(result) / layer.length


def slow_resized(image, side):
    """`resized` of one image, pixel by pixel."""

    def weights(size, place):
        step = size / side
        center = (place + 0.5) * step - 0.5
        near = [max(0, 1 - abs(p - center) / max(step, 1)) for p in range(size)]
        return np.array(near) / sum(near)

    height, width, channels = image.shape
    result = np.zeros((side, side, channels))
    for row in range(side):
        for column in range(side):
            along, across = weights(height, row), weights(width, column)
            for channel in range(channels):
                result[row, column, channel] = along @ image[..., channel] @ across
    return result


@pytest.mark.parametrize("shape", [(5, 31, 1), (40, 13, 3), (16, 16, 3)])
def test_images_of_any_size_are_resized(rng, shape):
    image = rng.random(shape, np.float32)
    result = ops.convert_to_numpy(resized(image[None], 16))[0]
    assert result == pytest.approx(slow_resized(image, 16), abs=1e-5)


def test_resizing_is_that_of_keras(rng):
    images = rng.random((2, 50, 130, 3), np.float32)
    wanted = ops.image.resize(images, (96, 96), antialias=True)
    result = ops.convert_to_numpy(Resized(96)(images))
    assert result == pytest.approx(ops.convert_to_numpy(wanted), abs=1e-4)


@pytest.mark.parametrize("channels", [1, 3])
def test_gradients_are_those_of_numpy(rng, channels):
    images = waves(rng, 4, SIDE, SIDE, channels)
    result = vectors(OrientedGradients(), images)
    assert result == pytest.approx(oriented_gradients(images), abs=1e-4)


def slow_colors(image):
    """The color histograms of one image, pixel by pixel."""
    side, half = len(image), len(image) // 2
    bins = (NUM_BINS, NUM_BINS, NUM_BINS)
    whole, quarters = np.zeros(bins), np.zeros((4, *bins))

    def shares(value):
        place = min(max(value * NUM_BINS - 0.5, 0), NUM_BINS - 1)
        before = min(math.floor(place), NUM_BINS - 2)
        return ((before, before + 1 - place), (before + 1, place - before))

    for row in range(side):
        for column in range(side):
            red, green, blue = (
                image[row, column, i % image.shape[-1]] for i in (0, 1, 2)
            )
            quarter = 2 * (row >= half) + (column >= half)
            for light, a in shares((red + green + blue) / 3):
                for first, b in shares((red - green) / 2 + 0.5):
                    for second, c in shares((red + green - 2 * blue) / 4 + 0.5):
                        whole[light, first, second] += a * b * c
                        quarters[quarter, light, first, second] += a * b * c
    parts = [np.sqrt(whole.ravel() / side**2)]
    parts += [np.sqrt(part.ravel() / half**2) / 2 for part in quarters]
    vector = np.concatenate(parts)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("channels", [1, 3])
def test_colors_are_counted_in_the_bins_next_to_them(rng, channels):
    images = rng.random((2, SMALL, SMALL, channels))
    wanted = [slow_colors(image) for image in images]
    result = vectors(ColorHistogram(side=SMALL), images)
    assert result == pytest.approx(np.array(wanted), abs=1e-4)


def test_pure_colors_fall_into_bins_known_by_hand():
    image = np.zeros((1, SMALL, SMALL, 3))
    image[..., 0] = 1.0
    whole = vectors(ColorHistogram(), image)[0, : NUM_BINS**3]
    # Red has lightness 1/3, place 1.5; first axis 1, last bin; second 3/4, place 4.
    counted = {(1, 5, 4): 0.5, (2, 5, 4): 0.5}
    wanted = np.zeros((NUM_BINS,) * 3)
    for place, count in counted.items():
        wanted[place] = math.sqrt(count / 2)
    assert whole.reshape(wanted.shape) == pytest.approx(wanted, abs=1e-4)


def test_a_color_counts_in_its_own_quarter_and_in_the_whole():
    image = np.zeros((1, SIDE, SIDE, 3))
    image[:, SIDE // 2 :, : SIDE // 2, 1] = 1.0
    parts = vectors(ColorHistogram(), image).reshape(5, -1)
    black = parts[1] > 0
    assert [bool((part[~black] > 0).any()) for part in parts] == [
        True, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("kind", DESCRIPTORS)
@pytest.mark.parametrize("shape", [(1, 70, 130, 1), (2, 30, 17, 3), (1, 96, 96, 3)])
def test_descriptors_take_images_of_any_size(rng, kind, shape):
    images = rng.random(shape)
    layer = kind()
    result = vectors(layer, images)
    assert result.dtype == np.float32
    assert result.shape == (shape[0], layer.size)
    assert np.linalg.norm(result, axis=1) == pytest.approx(1, abs=1e-5)
    squares = np.stack([slow_resized(image, SIDE) for image in images])
    # A pixel whose neighbor is as bright as the threshold may change its pattern.
    assert result == pytest.approx(vectors(layer, squares), abs=1e-2)


@pytest.mark.parametrize("kind", DESCRIPTORS)
def test_a_black_image_is_described(kind):
    result = vectors(kind(), np.zeros((1, 20, 20, 3)))
    assert np.isfinite(result).all()


@pytest.mark.parametrize("kind", DESCRIPTORS)
def test_descriptors_compute_in_float32_whatever_the_policy(rng, kind):
    import keras

    images = rng.random((1, 20, 20, 3), np.float32)
    wanted = vectors(kind(), images)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        result = vectors(kind(), images)
    finally:
        keras.config.set_dtype_policy(before)
    assert np.array_equal(result, wanted)
