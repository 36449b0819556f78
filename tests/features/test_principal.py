"""The main directions of features."""

import numpy as np
import pytest

from ssvae.features.principal import principal_directions


def test_the_first_direction_is_that_of_the_largest_variance(rng):
    features = rng.normal(size=(400, 6)) * [1, 1, 9, 1, 3, 1] + 5
    directions = principal_directions(features.astype(np.float32), 2, seed=0)
    assert np.abs(directions.kernel[2, 0]) > 0.99
    assert np.abs(directions.kernel[4, 1]) > 0.98
    vectors = directions.project(features.astype(np.float32))
    assert vectors.mean(axis=0) == pytest.approx(0, abs=0.05)


def test_features_in_a_file_are_projected_part_by_part(rng, tmp_path):
    """The same vectors, whatever the dtype on disk that they come from."""
    features = rng.normal(size=(9000, 2000)).astype(np.float16)
    np.save(tmp_path / "features.npy", features)
    mapped = np.load(tmp_path / "features.npy", mmap_mode="r")
    directions = principal_directions(mapped, 3, seed=0)
    wanted = features.astype(np.float32) @ directions.kernel + directions.bias
    vectors = directions.project(mapped)
    assert vectors.dtype == np.float32
    assert vectors == pytest.approx(wanted, abs=1e-3)
