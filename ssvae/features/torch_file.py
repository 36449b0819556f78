"""Tensors of a file that PyTorch wrote, read without PyTorch and without its code.

Such a file holds pickles, and a pickle may name any function to be called. Here it can
name `ALLOWED` only: a dict, a description of a tensor, and types of numbers.
"""

import collections
import pickle
from typing import IO, Any, NamedTuple

import numpy as np

from ssvae.types import PathLike

# The first number of a file in the format that PyTorch wrote before version 1.6.
MAGIC = 0x1950A86A20F9469CFC6C


class Described(NamedTuple):
    """A tensor whose numbers stand at the end of the file.

    Attributes:
        storage: Type, key and size of the numbers' array; see `_Reader`.
        offset: Place of the tensor's first number in it.
        shape: Shape of the tensor.
        strides: Distances in the array, in numbers, along each axis.
    """

    storage: tuple
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _described(storage, offset, shape, strides, *_):
    """Return a tensor's description; the rest concerns gradients."""
    return Described(storage, offset, shape, strides)


# Everything that a pickle may name.
ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _described,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Reader(pickle.Unpickler):
    """Reads pickles that name nothing but `ALLOWED`."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no tensor")
        return ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> tuple:
        """Return type, key and size of an array of numbers."""
        _, dtype, key, _, size, *_ = pid
        return dtype, key, size


def read_tensors(path: PathLike) -> dict[str, np.ndarray]:
    """Return the tensors of a PyTorch `state_dict`, by name.

    Args:
        path: Path of a file in the format that PyTorch wrote before version 1.6, with
            tensors of float32 and int64.

    Raises:
        ValueError: If the file is something else; the message says what.
    """
    try:
        with open(path, "rb") as file:
            if _Reader(file).load() != MAGIC:
                raise ValueError("its first number is not PyTorch's")
            # The version of the format, and the sizes of the writer's types.
            _Reader(file).load(), _Reader(file).load()
            tensors, keys = _Reader(file).load(), _Reader(file).load()
            return _with_numbers(file, tensors, keys)
    except (pickle.UnpicklingError, EOFError, LookupError, TypeError, ValueError) as why:
        raise ValueError(f"{str(path)!r} holds no tensors of PyTorch: {why}") from None


def _with_numbers(file: IO[bytes], tensors, keys) -> dict[str, np.ndarray]:
    """Return the described tensors as arrays; the file continues with their numbers."""
    dtypes = {tensor.storage[1]: tensor.storage[0] for tensor in tensors.values()}
    arrays = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        numbers = file.read(count * dtypes[key].itemsize)
        arrays[key] = np.frombuffer(numbers, dtypes[key], count)
    return {name: _view(arrays, tensor) for name, tensor in tensors.items()}


def _view(arrays, tensor):
    """Return a tensor's numbers in its shape, within the bounds of its array."""
    array = arrays[tensor.storage[1]]
    extent = sum((side - 1) * step for side, step in zip(tensor.shape, tensor.strides))
    if min((*tensor.strides, *tensor.shape, tensor.offset), default=0) < 0 or (
        tensor.offset + extent >= len(array)
    ):
        raise ValueError("a tensor reaches beyond its numbers")
    strides = [step * array.itemsize for step in tensor.strides]
    view = np.lib.stride_tricks.as_strided(
        array[tensor.offset :], tensor.shape, strides, writeable=False
    )
    return np.ascontiguousarray(view)
