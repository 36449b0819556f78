"""Shapes of ink, and what is odd about them."""

import numpy as np
import pytest

from ssvae.data.shapes import limits_of, measures, oddities


@pytest.fixture(scope="module")
def limits(mnist):
    return limits_of(mnist.images[:6000, ..., 0] / 255)


def image(*boxes):
    """Return an image with boxes of ink, each of top, left, bottom and right."""
    drawn = np.zeros((28, 28))
    for top, left, bottom, right in boxes:
        drawn[top:bottom, left:right] = 1
    return drawn


def test_measures_of_two_bars():
    # Two bars of 20 by 3 and of 10 by 3 pixels, in a box of 20 by 9.
    (found,) = measures(image((4, 4, 24, 7), (4, 10, 14, 13))[None])
    expected = [3 / 20, 60 / 90, 10 / 20, 90 / 180, 30 / 20, 6 / 9, 9 / 20]
    np.testing.assert_allclose(found, expected)


def test_measures_do_not_depend_on_the_other_images():
    images = np.stack([image((4, 4, 24, 7)), image((0, 0, 28, 28)), image()])
    together = measures(images)
    np.testing.assert_array_equal(together, [measures(one[None])[0] for one in images])
    assert not together[2].any()


def test_many_images_are_measured_in_parts(mnist, monkeypatch):
    some = mnist.images[:50, ..., 0]
    whole = measures(some)
    monkeypatch.setattr("ssvae.data.shapes.CHUNK", 7 * 28 * 28)
    np.testing.assert_array_equal(measures(some), whole)


def test_measures_do_not_depend_on_the_strength_of_the_ink():
    lines = image((4, 4, 24, 7), (4, 10, 14, 13))
    np.testing.assert_array_equal(measures(lines[None]), measures(lines[None] / 5))


def test_hardly_any_digit_is_odd(mnist, limits):
    odd = oddities(mnist.images[10_000:12_000, ..., 0] / 255, limits)
    assert np.mean([bool(text) for text in odd]) < 0.01


@pytest.mark.parametrize(
    ("boxes", "reason"),
    [
        ([(4, 4, 24, 24)], "its lines are thicker than usual"),
        ([(4, 2, 24, 5), (4, 20, 24, 23)], "it is in more pieces than usual"),
        ([(10, 2, 12, 26), (16, 2, 18, 26), (10, 2, 18, 4)], "it is wider than usual"),
        (
            [(4, left, 24, left + 2) for left in range(4, 24, 4)] + [(22, 4, 24, 22)],
            "it has more lines beside each other than usual",
        ),
    ],
)
def test_what_no_digit_has_is_odd(limits, boxes, reason):
    assert oddities(image(*boxes)[None], limits) == [reason]
