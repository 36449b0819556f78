"""Weights written in 16 bits where these hold them exactly."""

import h5py
import numpy as np
import pytest

from ssvae.saving.compact import write_compact


@pytest.fixture
def copied(tmp_path, rng):
    """The arrays of a file before and after, by name."""
    exact = rng.normal(size=(30, 4)).astype(np.float16).astype(np.float32)
    before = {
        "layers/a/vars/0": exact,
        "layers/a/vars/1": exact + np.float32(1e-6),
        "layers/b/vars/0": np.float32([1e6, 0.5]),
        "layers/b/vars/1": np.arange(3, dtype=np.int32),
        "vars/own": exact,
        "vars/scalar": np.float32(2.0),
    }
    with h5py.File(tmp_path / "old.h5", "w") as file:
        for name, values in before.items():
            file[name] = values
        file["layers/a"].attrs["name"] = "first"
    write_compact(tmp_path / "old.h5", tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5") as file:
        assert file["layers/a"].attrs["name"] == "first"
        return before, {name: file[name][()] for name in before}


def test_no_number_changes(copied):
    before, after = copied
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)


def test_only_layers_whose_numbers_fit_have_16_bits(copied):
    kinds = {name: values.dtype.name for name, values in copied[1].items()}
    assert kinds == {
        "layers/a/vars/0": "float16",
        "layers/a/vars/1": "float32",
        "layers/b/vars/0": "float32",
        "layers/b/vars/1": "int32",
        "vars/own": "float32",
        "vars/scalar": "float32",
    }
