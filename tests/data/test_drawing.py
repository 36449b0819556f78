import numpy as np
import pytest
from scipy import ndimage

from ssvae.data.drawing import laid_out
from ssvae.data.ink_data import InkData, ground_of, layout_of

SHAPE = (28, 28, 1)


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.images[:500]


@pytest.fixture(scope="module")
def layout(digits):
    return layout_of(digits)


def test_mnist_is_laid_out_as_its_paper_says(layout):
    assert layout.extent == pytest.approx(20 / 28, abs=0.001)
    assert layout.by_mass
    assert layout.middle == pytest.approx((14.5 / 28, 14.5 / 28), abs=0.02)
    assert layout.ground == 0
    assert 0.1 < layout.thickness < 0.2


def test_filled_images_have_another_layout(rng):
    images = np.zeros((200, 28, 28, 1))
    for image in images:
        width = rng.integers(8, 28)
        left = (28 - width) // 2
        image[:, left : left + width] = rng.random((28, width, 1)) * 0.5 + 0.5
    layout = layout_of(images)
    assert layout.extent == 1
    assert not layout.by_mass
    assert layout.middle == pytest.approx((0.5, 0.5), abs=0.02)
    assert layout.thickness > 0.4


def test_ink_fits_the_box_and_its_mass_is_in_the_middle(layout):
    drawing = np.zeros((300, 400))
    drawing[200:290, 10:40] = 1
    drawing[280:290, 10:60] = 1
    image = laid_out(drawing, layout, SHAPE)
    assert image.shape == SHAPE
    assert 0 <= image.min() <= image.max() <= 1
    center = np.add(ndimage.center_of_mass(image[..., 0]), 0.5) / 28
    assert center == pytest.approx(layout.middle, abs=0.002)
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


def test_ink_is_dark_where_the_data_set_is_dark_on_white(digits, layout):
    inverted = layout_of(255 - digits, ground=1.0)
    np.testing.assert_allclose(inverted.middle, layout.middle, rtol=1e-5)
    assert inverted._replace(middle=layout.middle) == layout._replace(ground=1.0)
    inverted = inverted._replace(middle=layout.middle)
    drawing = np.zeros((50, 50))
    drawing[10:40, 20:30] = 1
    image = laid_out(drawing, inverted, SHAPE)
    np.testing.assert_allclose(image, 1 - laid_out(drawing, layout, SHAPE))


def test_the_lines_of_a_fine_pen_are_made_thicker(layout):
    drawing = np.zeros((280, 280))
    drawing[40:240, 140:142] = drawing[40:42, 60:140] = 1
    image = laid_out(drawing, layout, SHAPE)[..., 0]
    # Averaged over a pixel, the line would have a fifth of full ink.
    assert np.median(image[8:20].max(axis=1)) > 0.6
    assert (image[14] > 0.1).sum() <= 3


def test_an_empty_drawing_is_refused(layout):
    with pytest.raises(ValueError, match="nothing is drawn"):
        laid_out(np.zeros((50, 50)), layout, SHAPE)


def test_only_images_with_a_plain_ground_are_of_ink(digits, rng):
    assert ground_of(digits) == 0
    assert ground_of(255 - digits) == 1
    photographs = np.uint8(rng.normal(120, 40, (200, 28, 28, 1)).clip(0, 255))
    assert InkData.of(photographs) is None
    assert InkData.of(np.repeat(digits, 3, axis=-1)) is None


def test_what_is_known_of_ink_is_saved_whole(digits):
    ink = InkData.of(255 - digits)
    again = InkData.from_array(ink.as_array())
    assert again.layout == ink.layout
    np.testing.assert_array_equal(again.limits, ink.limits)


def test_arrays_of_another_length_are_refused(digits):
    with pytest.raises(ValueError):
        InkData.from_array(InkData.of(digits).as_array()[:-1])


def test_lines_that_touch_in_a_small_image_are_told_apart_in_a_large_one(digits):
    ink = InkData.of(digits)
    drawing = np.zeros((256, 256))
    for left in range(20, 220, 40):
        drawing[20:236, left : left + 20] = 1
    drawing[226:236, 20:200] = 1
    assert ink.oddity(drawing) == "it has more lines beside each other than usual"
    seven = np.zeros((256, 256))
    seven[20:28, 60:180] = seven[20:230, 172:180] = 1
    # Its lines are thin, which `laid_out` mends.
    assert ink.oddity(seven) == ""
