"""Files of weights in which numbers take 16 bits where these hold them exactly."""

from pathlib import Path

import numpy as np

# Group of the variables that belong to no layer.
OWN = "/vars"


def write_compact(source: Path, target: Path) -> None:
    """Copy an HDF5 file of weights; no number changes.

    Weights of layers in float32 that are all numbers of float16 are written as float16.
    Networks that do not learn are rounded before they are used, see
    `ssvae.features.rounding`; what was learned stays in float32. Keras reads both into
    variables of float32. What belongs to no layer is copied as it is.

    Args:
        source: Path of the file that Keras wrote.
        target: Path of the new file.
    """
    import h5py

    with h5py.File(source) as old, h5py.File(target, "w") as new:
        _copy(old, new)


def _copy(old, new):
    """Copy what is in a group of an HDF5 file into another group."""
    new.attrs.update(old.attrs)
    for name, part in old.items():
        if part.name == OWN:
            old.copy(part, new)
        elif hasattr(part, "items"):
            _copy(part, new.create_group(name))
        else:
            made = new.create_dataset(name, data=_compact(part[()]))
            made.attrs.update(part.attrs)


def _compact(values):
    """Return an array in float16 if it holds the same numbers, else as it is."""
    if not isinstance(values, np.ndarray) or values.dtype != np.float32:
        return values
    # What is too large becomes infinite, and so differs.
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    return half if np.array_equal(half, values) else values
