import math

import numpy as np
import pytest

from ssvae.features.deskew import deskew
from ssvae.features.gradients import NUM_CELLS, NUM_ORIENTATIONS, oriented_gradients
from ssvae.features.projection import fit_projection


def bar(slant, row=0.0, column=0.0, size=28):
    """Draw a bar that leans `slant` columns a row, its middle at `row, column`."""
    rows, columns = np.indices((size, size)) - (size - 1) / 2
    distance = np.abs(columns - column - slant * (rows - row))
    inside = np.clip(2 - distance, 0, 1) * (np.abs(rows - row) < 8)
    return inside.astype(np.float32)[..., None]


def moments(image):
    """Return the centre of mass and the slant of an image."""
    weights = image[..., 0] / image.sum()
    rows, columns = np.indices(weights.shape)
    row, column = (weights * rows).sum(), (weights * columns).sum()
    covariance = (weights * (rows - row) * (columns - column)).sum()
    return row, column, covariance / (weights * (rows - row) ** 2).sum()


@pytest.mark.parametrize("slant", [-0.5, 0.0, 0.7])
@pytest.mark.parametrize("place", [(0, 0), (2.5, -3)])
def test_deskewed_bar_stands_upright_in_the_middle(slant, place):
    row, column, left = moments(deskew(bar(slant, *place)[None])[0])
    assert (row, column) == pytest.approx((13.5, 13.5), abs=0.1)
    assert abs(left) < 0.05


def test_deskewing_does_not_change_an_upright_image():
    straight = bar(0)[None]
    assert deskew(straight) == pytest.approx(straight, abs=1e-5)


def test_a_black_image_survives_deskewing():
    assert np.all(np.isfinite(deskew(np.zeros((1, 8, 8, 3), np.float32))))


def slow_oriented_gradients(image):
    """`oriented_gradients` of one image of one channel, pixel by pixel."""
    height, width = image.shape
    angle = 2 * math.pi / NUM_ORIENTATIONS
    counts = np.zeros((NUM_CELLS, NUM_CELLS, NUM_ORIENTATIONS))

    def window(cell, place, side):
        step = side / NUM_CELLS
        weights = [
            math.exp(-0.5 * ((p - (cell + 0.5) * step + 0.5) / (0.42 * step)) ** 2)
            for p in range(side)
        ]
        return weights[place] / sum(weights)

    def at(row, column):
        inside = 0 <= row < height and 0 <= column < width
        return image[row, column] if inside else 0.0

    for row in range(height):
        for column in range(width):
            down = at(row + 1, column) - at(row - 1, column)
            right = at(row, column + 1) - at(row, column - 1)
            length = math.hypot(down, right)
            for k in range(NUM_ORIENTATIONS):
                along = right * math.cos(k * angle) + down * math.sin(k * angle)
                count = max(0.0, along - length * math.cos(angle))
                for r in range(NUM_CELLS):
                    for c in range(NUM_CELLS):
                        weight = window(r, row, height) * window(c, column, width)
                        counts[r, c, k] += weight * count
    vector = np.sqrt(counts).ravel()
    return vector / np.linalg.norm(vector)


def test_oriented_gradients_match_a_loop_over_pixels(rng):
    images = rng.random((2, 10, 8)).astype(np.float32)
    expected = [slow_oriented_gradients(image) for image in images]
    features = oriented_gradients(images[..., None])
    assert features == pytest.approx(np.array(expected), abs=1e-4)


def test_the_channel_with_the_steepest_gradient_counts(rng):
    image = rng.random((1, 9, 9, 1)).astype(np.float32)
    colour = np.concatenate([0.3 * image, image, 0 * image], axis=-1)
    assert oriented_gradients(colour) == pytest.approx(oriented_gradients(image))


def test_brightness_does_not_change_the_features(rng):
    images = rng.random((3, 12, 12, 1)).astype(np.float32)
    features = oriented_gradients(images)
    assert oriented_gradients(0.4 * images) == pytest.approx(features, abs=1e-5)


def test_an_empty_image_has_finite_features():
    assert np.all(oriented_gradients(np.zeros((1, 8, 8, 1), np.float32)) == 0)


def projected_by_itself(features, moves):
    return fit_projection(features, moves)(features)


def test_without_warps_the_projection_is_onto_principal_components(rng):
    features = rng.normal(size=(50, 4)) * [1, 5, 2, 3]
    projected = projected_by_itself(
        features.astype(np.float32), np.zeros((0, 4), np.float32)
    )
    variances = np.linalg.eigvalsh(np.cov(features.T, bias=True))[::-1]
    assert projected.var(axis=0) == pytest.approx(variances, rel=1e-3)


def test_directions_that_warps_change_have_less_variance(rng):
    """Warps move the first of two directions of equal variance."""
    features = rng.normal(size=(500, 2)).astype(np.float32)
    moves = rng.normal(size=(500, 2)).astype(np.float32) * [10, 0.1]
    projected = projected_by_itself(features, moves)
    leading = np.corrcoef(projected[:, 0], features[:, 1])[0, 1]
    assert abs(leading) > 0.99
    assert projected[:, 0].var() > 1.4 * projected[:, 1].var()
