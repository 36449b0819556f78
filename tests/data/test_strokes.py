import numpy as np

from ssvae.data.strokes import SIDE, WIDTH, ink_of_lines


def test_a_line_is_as_wide_as_stated_and_has_round_ends():
    ink = ink_of_lines([[(0.25, 0.5), (0.75, 0.5)]])
    assert ink.shape == (SIDE, SIDE)
    middle = SIDE // 2
    assert np.isclose(ink[:, middle].sum(), WIDTH * SIDE, atol=1)
    ends = np.flatnonzero(ink[middle])[[0, -1]]
    expected = np.array([0.25 - WIDTH / 2, 0.75 + WIDTH / 2]) * SIDE
    np.testing.assert_allclose(ends, expected, atol=1.5)


def test_a_point_is_a_dot_and_nothing_is_nothing():
    dot = ink_of_lines([[(0.5, 0.5)]])
    assert np.isclose(dot.sum(), np.pi * (WIDTH * SIDE / 2) ** 2, rtol=0.08)
    assert not ink_of_lines([]).any()


def test_what_lies_beyond_the_picture_is_cut_off():
    assert ink_of_lines([[(-1.0, 0.5), (2.0, 0.5)]])[SIDE // 2].min() == 1
