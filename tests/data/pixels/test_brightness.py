"""Sets that come out nearly black or white are told, with their cause."""

import re

import numpy as np
import pytest

from ssvae.data.pixels.brightness import darkness_note


def noise(rng, low, high, count=20):
    return rng.integers(low, high + 1, (count, 24, 18, 1), dtype=np.uint8)


@pytest.mark.parametrize(
    ("low", "high", "limits", "words"),
    [
        (0, 9, (0, 255), 'black: their files hold values from 0 to 9, .* "0 9"'),
        (0, 15, (0, 4095), r'0 is black and 4095 white; --value-range "0 240\.9"'),
        (240, 255, (0, 255), 'white: their files hold values from 240 to 255, .* "240'),
        (0, 0, (0, 255), "nearly black: their pixels are all black"),
        (255, 255, (0, 255), "all white; what is transparent in a file becomes white"),
    ],
)
def test_the_cause_and_the_way_out_are_told(rng, low, high, limits, words):
    note = darkness_note(noise(rng, low, high), limits)
    assert note.startswith("100% of the images are nearly ")
    assert re.search(words, note), note


def test_images_with_something_on_them_are_fine(rng):
    assert darkness_note(noise(rng, 0, 90)) == ""
    strokes = np.zeros((20, 28, 28, 1), np.uint8)
    strokes[:, 5:20, 14] = 255
    assert darkness_note(strokes) == darkness_note(255 - strokes) == ""
    assert darkness_note(np.zeros((0, 9, 7, 1), np.uint8)) == ""


def test_a_few_dark_images_are_no_dark_set(rng):
    images = noise(rng, 0, 255)
    images[:9] = 3
    assert darkness_note(images) == ""
    images[:10] = 3
    assert darkness_note(images).startswith("50% of the images are nearly black")
