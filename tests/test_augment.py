import keras
import numpy as np
import pytest

from ssvae.augment import enlarged, shifted, warp
from ssvae.config.settings import Config

STILL = Config(rotation=0, shift=0, scale=0, shear=0, elastic=0)


def run(images, config, seed=0):
    seed = keras.random.SeedGenerator(seed)
    return keras.ops.convert_to_numpy(warp(np.float32(images), config, seed))


def centre(images):
    """Return the centre of mass of each image, in pixels, (row, column)."""
    weights = images[..., 0] / images.sum(axis=(1, 2, 3))[:, None, None]
    rows, columns = np.indices(weights.shape[1:])
    return np.stack([(weights * rows).sum((1, 2)), (weights * columns).sum((1, 2))], -1)


@pytest.fixture
def bar():
    """Sixty-four images of an upright bar right of the centre."""
    images = np.zeros((64, 20, 16, 1), np.float32)
    images[:, 6:14, 9:11] = 1
    return images


@pytest.mark.parametrize("amount", [-0.3, -0.1, 0.0, 0.13, 0.2])
@pytest.mark.parametrize("axis", [1, 2])
def test_shifted_moves_all_images_by_the_same(bar, amount, axis):
    moved = keras.ops.convert_to_numpy(shifted(keras.ops.array(bar), amount, axis))
    expected = np.zeros(2)
    expected[axis - 1] = amount * bar.shape[axis]
    assert moved.shape == bar.shape
    assert centre(moved) - centre(bar) == pytest.approx(
        np.tile(expected, (64, 1)), abs=1e-4
    )
    assert moved.sum() == pytest.approx(bar.sum())


def test_shifted_brings_in_black(rng):
    images = rng.random((2, 10, 10, 1)).astype("float32")
    down = keras.ops.convert_to_numpy(shifted(keras.ops.array(images), 0.25, 1))
    assert np.all(down[:, :2] == 0)
    assert down[:, 2] == pytest.approx(images[:, 0] / 2)
    assert down[:, 3:] == pytest.approx((images[:, :7] + images[:, 1:8]) / 2)


@pytest.mark.parametrize("channels", [1, 3])
def test_limits_of_zero_change_nothing(rng, channels):
    images = rng.random((3, 11, 8, channels))
    assert run(images, STILL) == pytest.approx(images, abs=1e-5)


def test_shift_moves_by_up_to_its_fraction_of_the_side(bar):
    moved = centre(run(bar, STILL.replace(shift=0.1))) - centre(bar)
    limits = 0.1 * np.array([20, 16])
    assert np.all(np.abs(moved) <= limits + 1e-3)
    assert np.all(np.abs(moved).max(axis=0) > 0.8 * limits)


def test_rotation_keeps_size_and_turns_about_the_centre(bar):
    turned = run(bar, STILL.replace(rotation=0.4))
    assert turned.sum((1, 2, 3)) == pytest.approx(bar.sum((1, 2, 3)), rel=0.03)
    middle = np.array([9.5, 7.5])
    distance = np.linalg.norm(centre(turned) - middle, axis=-1)
    # Sides of unequal length turn in units of the side: within a fifth of the radius.
    assert distance == pytest.approx(np.full(64, 2.0), rel=0.2)


def test_scale_changes_the_area_both_ways(bar):
    areas = run(bar, STILL.replace(scale=0.3)).sum((1, 2, 3)) / bar[0].sum()
    assert areas.min() < 0.8
    assert areas.max() > 1.25
    assert np.all((areas > 0.5) & (areas < 2.2))


def test_shear_moves_top_and_bottom_apart(bar):
    sheared = run(bar, STILL.replace(shear=0.5))
    top, bottom = sheared[:, 6:9], sheared[:, 11:14]
    lean = centre(top)[:, 1] - centre(bottom)[:, 1]
    assert lean.max() > 1
    assert lean.min() < -1


def test_a_share_of_the_images_is_mirrored(rng):
    images = rng.random((400, 6, 9, 1))
    seen = run(images, STILL.replace(mirror=0.25))
    mirrored = np.isclose(seen, images[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
    assert seen[~mirrored] == pytest.approx(images[~mirrored], abs=1e-5)
    assert 0.18 < mirrored.mean() < 0.32


def test_elastic_displacement_is_smooth_and_small(bar):
    moved = run(bar, STILL.replace(elastic=0.05))
    assert 0.001 < np.abs(moved - bar).mean() < 0.05
    # A twentieth of the side, and what bicubic enlargement overshoots.
    assert centre(moved) == pytest.approx(centre(bar), abs=1.3)


@pytest.mark.parametrize(("height", "width"), [(28, 28), (9, 64), (5, 3)])
def test_noise_is_enlarged_as_keras_enlarges_images(rng, height, width):
    noise = rng.normal(size=(3, 2, 5, 5)).astype("float32")
    ours = keras.ops.convert_to_numpy(enlarged(keras.ops.array(noise), height, width))
    slow = np.zeros((3, height, width, 2))
    for row in range(height):
        for column in range(width):
            weights = np.outer(cubic(row, height), cubic(column, width))
            slow[:, row, column] = (noise * weights).sum(axis=(2, 3))
    assert ours == pytest.approx(slow, abs=1e-5)
    if keras.backend.backend() == "tensorflow" and width > 5:
        theirs = keras.ops.image.resize(
            noise.transpose(0, 2, 3, 1),
            (height, width),
            "bicubic",
            data_format="channels_last",
        )
        # TensorFlow looks its weights up in a table of 1,024.
        assert ours == pytest.approx(keras.ops.convert_to_numpy(theirs), abs=5e-3)


def cubic(place, size):
    """Return the weights of five places at one of `size`, by the definition."""
    weights = []
    for other in range(5):
        d = abs((place + 0.5) * 5 / size - 0.5 - other)
        if d <= 1:
            weights.append(1.5 * d**3 - 2.5 * d**2 + 1)
        else:
            weights.append((-0.5 * d**3 + 2.5 * d**2 - 4 * d + 2) if d < 2 else 0)
    return np.array(weights) / np.sum(weights)


def test_pixels_from_outside_the_image_are_black():
    white = np.ones((200, 10, 10, 1))
    moved = run(white, STILL.replace(shift=0.9))
    assert moved.min() == 0
    assert moved.max() <= 1 + 1e-6
    assert moved.mean() < 0.6


def test_images_are_warped_differently_and_by_seed(bar):
    first, again, other = run(bar, Config()), run(bar, Config()), run(bar, Config(), 1)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len({image.tobytes() for image in first}) == 64
