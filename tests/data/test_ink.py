"""Ink found in pictures: of digits on paper, and of other things."""

import numpy as np
import pytest
from pictures import foreign, photographed
from PIL import Image

from ssvae.data.ink import AT_THE_EDGE, NOT_PLAIN, NOTHING, find_ink

SCENES = ("china", "flower", "portrait", "noise", "soft noise", "waves", "empty paper")


@pytest.fixture(scope="module")
def others():
    return foreign(11)


def as_page(digit, dark=True):
    """Return a digit without light and grain, ten times as large."""
    page = np.kron(digit, np.ones((10, 10), np.uint8))
    return (255 - page if dark else page)[..., None]


@pytest.mark.parametrize("dark", [True, False], ids=["dark ink", "bright ink"])
def test_the_ink_of_a_clean_page_is_what_was_drawn(mnist, dark):
    for digit in mnist.images[:5, ..., 0]:
        ink = find_ink(as_page(digit, dark))
        assert ink.lack == ""
        small = Image.fromarray(ink.amount).resize((28, 28), Image.Resampling.BOX)
        drawn = np.clip((digit / 255 - 0.2) / 0.6, 0, 1)
        assert np.corrcoef(drawn.ravel(), np.ravel(small))[0, 1] > 0.97


def test_light_shadow_and_paper_are_no_ink(mnist, rng):
    for digit in mnist.images[:5, ..., 0]:
        ink = find_ink(photographed(digit, rng))
        assert ink.lack == ""
        # The digit's box is a third of the picture's height, its lines a part of it.
        assert 0.003 < np.mean(ink.amount > 0.5) < 0.08
        assert np.mean(ink.amount > 0) < 0.1


@pytest.mark.parametrize("name", ["white", "black", "grey"])
def test_nothing_is_on_a_plain_picture(others, name):
    ink = find_ink(others[name])
    assert ink.lack == NOTHING
    assert not ink.amount.any()


@pytest.mark.parametrize("name", SCENES)
def test_scenes_have_no_plain_ground(others, name):
    assert find_ink(others[name]).lack in (NOT_PLAIN, NOTHING)


def test_lines_that_reach_the_edge_are_told():
    page = np.full((200, 200, 1), 230, np.uint8)
    page[:120, 90:110] = 20
    assert find_ink(page).lack == ""
    page[100:120] = 20
    assert find_ink(page).lack == AT_THE_EDGE


def test_lines_of_several_colors_are_no_writing():
    page = np.full((200, 200, 3), 230, np.uint8)
    page[40:160, 60:75] = 20, 30, 160
    assert find_ink(page).lack == ""
    page[40:160, 125:140] = 160, 30, 20
    assert find_ink(page).lack == NOT_PLAIN


def test_filled_things_are_whole_if_they_are_expected(others):
    picture = np.full((100, 100, 1), 255, np.uint8)
    picture[10:90, 20:80] = 60
    whole, lines = (find_ink(picture, thin=thin).amount for thin in (False, True))
    assert whole[15:85, 25:75].min() == 1
    # Lines are not that wide: the middle is taken for the ground.
    assert lines[45:55, 45:55].max() < 0.5


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 300, 3), (4, 4, 1)])
def test_tiny_pictures_are_no_error(shape, rng):
    ink = find_ink(rng.integers(0, 256, shape, dtype=np.uint8))
    assert np.isfinite(ink.amount).all()
