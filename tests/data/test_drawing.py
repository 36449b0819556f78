import numpy as np
import pytest
from scipy import ndimage

from ssvae.data.drawing import laid_out, layout_of, like_data

SHAPE = (28, 28, 1)


@pytest.fixture(scope="module")
def digits():
    from ssvae.data import load_dataset

    return load_dataset().images[:500]


@pytest.fixture(scope="module")
def layout(digits):
    return layout_of(digits)


def test_mnist_is_laid_out_as_its_paper_says(layout):
    assert layout.extent == pytest.approx(20 / 28, abs=0.001)
    assert layout.by_mass
    assert layout.middle == pytest.approx((14, 14), abs=0.5)


def test_filled_images_have_another_layout(rng):
    images = np.zeros((200, 28, 28, 1))
    for image in images:
        width = rng.integers(8, 28)
        left = (28 - width) // 2
        image[:, left : left + width] = rng.random((28, width, 1)) * 0.5 + 0.5
    layout = layout_of(images)
    assert layout.extent == 1
    assert not layout.by_mass
    assert layout.middle == pytest.approx((13.5, 13.5), abs=0.3)


def test_ink_fits_the_box_and_its_mass_is_in_the_middle(layout):
    drawing = np.zeros((300, 400))
    drawing[200:290, 10:40] = 1
    drawing[280:290, 10:60] = 1
    image = laid_out(drawing, layout, SHAPE)
    assert image.shape == SHAPE
    assert 0 <= image.min() <= image.max() <= 1
    center = ndimage.center_of_mass(image[..., 0])
    assert center == pytest.approx(layout.middle, abs=0.05)
    rows = np.flatnonzero(image.max(axis=(1, 2)) > 0.5)
    assert 19 <= rows[-1] - rows[0] + 1 <= 21
    # The proportions are kept: 90 by 50 pixels.
    columns = np.flatnonzero(image.max(axis=(0, 2)) > 0.5)
    assert 10 <= columns[-1] - columns[0] + 1 <= 12


@pytest.mark.parametrize("size", [(28, 28), (40, 90), (1, 1), (500, 500)])
def test_size_and_place_of_the_drawing_do_not_matter(layout, size):
    whole = np.zeros((900, 900))
    whole[300 : 300 + size[0], 100 : 100 + size[1]] = 1
    alone = np.ones(size)
    images = [laid_out(drawing, layout, SHAPE) for drawing in (whole, alone)]
    assert images[0] == pytest.approx(images[1])


def test_an_image_of_the_data_set_hardly_changes(digits, layout):
    for image in digits[:20, ..., 0] / 255:
        again = laid_out(image, layout, SHAPE)[..., 0]
        assert np.corrcoef(image.ravel(), again.ravel())[0, 1] > 0.85


def test_a_photograph_of_ink_on_paper_becomes_a_digit(digits, layout, rng):
    for digit in digits[:5, ..., 0] / 255:
        page = np.full((400, 300), 0.85)
        page[40:320, 10:290] -= 0.7 * np.kron(digit, np.ones((10, 10)))
        page += rng.normal(0, 0.01, page.shape)
        photograph = np.uint8(255 * np.clip(page, 0, 1))[..., None]
        image = like_data(photograph, layout, SHAPE)[..., 0]
        assert np.corrcoef(image.ravel(), digit.ravel())[0, 1] > 0.85


def test_a_picture_of_the_right_size_is_not_changed(digits, layout):
    assert like_data(digits[0], layout, SHAPE) == pytest.approx(digits[0] / 255)


def test_a_picture_in_color_is_resized(layout, rng):
    picture = rng.integers(0, 255, (64, 32, 3), np.uint8)
    assert like_data(picture, layout, (16, 16, 3)).shape == (16, 16, 3)


@pytest.mark.parametrize("size", [(1, 1, 1), (50, 60, 1)])
def test_an_empty_picture_is_refused(layout, size):
    with pytest.raises(ValueError, match="nothing is on the picture"):
        like_data(np.full(size, 255, np.uint8), layout, SHAPE)


def test_an_empty_drawing_is_refused(layout):
    with pytest.raises(ValueError, match="nothing is drawn"):
        laid_out(np.zeros((50, 50)), layout, SHAPE)
