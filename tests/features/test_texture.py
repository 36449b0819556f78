import math

import numpy as np
import pytest
from helpers import waves
from keras import ops

from ssvae.features.texture import RADII, THRESHOLD, Texture, pattern_bins

pytestmark = pytest.mark.each_backend

# Side of images that slow loops go through.
SMALL = 24


def vectors(layer, images):
    """The layer's vectors, scaled to length one."""
    result = layer(images.astype(np.float32))
    return ops.convert_to_numpy(result) / layer.length


def slow_texture(image):
    """The counts of local binary patterns of one image, pixel by pixel."""
    grey, border = image.mean(axis=-1), max(RADII)
    uniform = []
    for number in range(256):
        text = f"{number:08b}"
        changes = sum(text[i] != text[i - 1] for i in range(8))
        if changes <= 2:
            uniform.append(number)
    counts = np.zeros((len(RADII), 59))
    places = range(border, len(grey) - border)
    for index, radius in enumerate(RADII):
        for row in places:
            for column in places:
                pattern = 0
                for number in range(8):
                    angle = 2 * math.pi * number / 8
                    there = row - radius * math.sin(angle)
                    beside = column + radius * math.cos(angle)
                    value = bilinear(grey, there, beside)
                    pattern += 2**number * (value - grey[row, column] >= THRESHOLD)
                known = pattern in uniform
                counts[index, uniform.index(pattern) if known else 58] += 1
    vector = np.sqrt(counts.ravel())
    return vector / np.linalg.norm(vector)


def bilinear(grey, row, column):
    total = 0.0
    for y in (math.floor(row), math.floor(row) + 1):
        for x in (math.floor(column), math.floor(column) + 1):
            weight = max(0, 1 - abs(row - y)) * max(0, 1 - abs(column - x))
            if weight > 1e-9:
                total += weight * grey[y, x]
    return total


@pytest.mark.parametrize("channels", [1, 3])
def test_texture_counts_binary_patterns(rng, channels):
    images = waves(rng, 2, SMALL, SMALL, channels)
    wanted = [slow_texture(image) for image in images.astype(np.float64)]
    result = vectors(Texture(side=SMALL), images)
    # A single pixel of 256 in another bin makes 1e-2.
    assert result == pytest.approx(np.array(wanted), abs=1e-4)


def test_all_bytes_that_are_one_grey_level_brighter_count():
    """A rounded difference of one level of 255 stays a difference."""
    levels = np.arange(255)
    tiles = levels[:, None, None] + (np.indices((SMALL, SMALL)).sum(axis=0) % 2)
    images = (tiles / np.float32(255)).astype(np.float32)[..., None]
    first = vectors(Texture(side=SMALL), images)[:, :59]
    # On a chessboard a bright tile has no brighter neighbor. A dark one has four, with
    # darker ones between them, which is no uniform pattern.
    assert np.ptp(first, axis=0) == pytest.approx(0, abs=1e-6)
    assert np.count_nonzero(first[0]) == 2


def test_a_flat_image_has_one_pattern():
    result = vectors(Texture(), np.full((1, 40, 40, 3), 0.3))[0].reshape(3, 59)
    wanted = np.zeros((3, 59))
    wanted[:, 0] = 1 / math.sqrt(3)
    assert result == pytest.approx(wanted, abs=1e-6)


def test_fifty_eight_patterns_have_a_bin_of_their_own():
    bins = pattern_bins()
    assert bins.sum(axis=0).tolist() == [1] * 58 + [256 - 58]
    assert (bins.sum(axis=1) == 1).all()
