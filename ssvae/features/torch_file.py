"""Tensors of a file that PyTorch wrote, read without PyTorch and without its code."""

import io
import math
import struct
from pathlib import Path

import numpy as np

from ssvae.features.torch_pickle import Described, are, read_pickle
from ssvae.types import PathLike

# The first number of a file in the format that PyTorch wrote before version 1.6.
MAGIC = 0x1950A86A20F9469CFC6C
# Exceptions that a damaged file raises.
DAMAGE = (LookupError, OverflowError, TypeError, struct.error)


def read_tensors(path: PathLike) -> dict[str, np.ndarray]:
    """Return the tensors of a PyTorch `state_dict`, by name.

    Memory is needed for the file's content only.

    Args:
        path: Path of a file in the format that PyTorch wrote before version 1.6, with
            tensors of float32 and int64.

    Returns:
        Arrays of float32 and int64 that share memory and cannot be written to.

    Raises:
        ValueError: If the file is something else; the message says what.
    """
    file = io.BytesIO(Path(path).read_bytes())
    try:
        if read_pickle(file) != MAGIC:
            raise ValueError("its first number is not PyTorch's")
        _version, system, tensors, keys = (read_pickle(file) for _ in range(4))
        if not isinstance(system, dict) or system.get("little_endian") is not True:
            raise ValueError("the order of its bytes is not stated")
        arrays = _numbers(file, tensors, keys)
        return {name: _view(arrays, tensor) for name, tensor in tensors.items()}
    except (*DAMAGE, ValueError) as why:
        raise ValueError(f"{str(path)!r} holds no tensors of PyTorch: {why}") from None


def _numbers(file, tensors, keys):
    """Return the arrays of numbers that stand after the pickles, by their names."""
    if type(tensors) is not dict or not are(Described, tensors.values()):
        raise ValueError("it is no dict of tensors alone")
    if type(keys) is not list or not are(str, keys):
        raise ValueError("its arrays have no names")
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    content, arrays = file.getbuffer(), {}
    for key in keys:
        if key not in storages:
            raise ValueError("an array belongs to no tensor")
        dtype, _, size = storages[key]
        count = int.from_bytes(file.read(8), "little")
        if count != size:
            raise ValueError(f"an array has {count} numbers, need {size}")
        # NumPy refuses a count that the content does not have.
        arrays[storages[key]] = np.frombuffer(content, dtype, count, file.tell())
        file.seek(arrays[storages[key]].nbytes, io.SEEK_CUR)
    return arrays


def _view(arrays, tensor):
    """Return a tensor's numbers in its shape, within the bounds of its array."""
    if tensor.storage not in arrays:
        raise ValueError("a tensor has no numbers")
    array = arrays[tensor.storage]
    shape, strides, offset = tensor.shape, tensor.strides, tensor.offset
    counts = (*shape, *strides, offset)
    if not are(int, counts) or min(counts) < 0:
        raise ValueError("a tensor's shape or place is no count")
    count = math.prod(shape)
    reach = sum((side - 1) * step for side, step in zip(shape, strides, strict=True))
    # An array that is seen through strides of 0 may be small and its copy huge.
    if offset + max(reach + 1, count) > len(array):
        raise ValueError("a tensor reaches beyond its numbers")
    bytes_apart = [step * array.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(
        array[offset:], shape, bytes_apart, writeable=False
    )
