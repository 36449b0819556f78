"""Weights rounded to numbers of 16 bits."""

import numpy as np
import pytest

from ssvae.features.rounding import rounded


def test_kernels_become_numbers_of_16_bits(rng):
    kernel = rng.normal(scale=0.05, size=(40, 30)).astype(np.float32)
    near = rounded(kernel)
    assert near.dtype == np.float32
    np.testing.assert_array_equal(near.astype(np.float16), near)
    assert near == pytest.approx(kernel, rel=2**-11, abs=1e-7)
    assert not np.array_equal(near, kernel)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_kernels_that_would_lose_much_stay(rng, scale):
    kernel = (scale * rng.normal(size=(40, 30))).astype(np.float32)
    np.testing.assert_array_equal(rounded(kernel), kernel)


def test_vectors_and_whole_numbers_stay(rng):
    for values in (rng.normal(size=9).astype(np.float32), np.arange(6).reshape(2, 3)):
        assert rounded(values) is values
