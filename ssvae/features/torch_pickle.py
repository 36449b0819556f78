"""What the pickles of a PyTorch file describe, followed without executing them.

A pickle is a program for a small machine, and it may name any function of Python to be
called. Here the program is followed step by step by a machine that knows tensors only,
and that calls nothing.
"""

import io
import pickle
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

# Types of numbers by the name that PyTorch has for an array of them.
DTYPES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
# Everything else that a file may name: an empty dict, and a tensor.
DICT, TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
# Steps of a program that have an argument of fixed size, and how `struct` reads it.
ARGUMENTS = {
    pickle.PROTO: "<B",
    pickle.BINPUT: "<B",
    pickle.LONG_BINPUT: "<I",
    pickle.BINGET: "<B",
    pickle.LONG_BINGET: "<I",
    pickle.BININT: "<i",
    pickle.BININT1: "<B",
    pickle.BININT2: "<H",
}
# Steps that put a value on the stack which they state themselves.
VALUES = {pickle.NONE: None, pickle.NEWTRUE: True, pickle.NEWFALSE: False}
NUMBERS = {pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG1}
STATED = {*NUMBERS, pickle.BINUNICODE, pickle.GLOBAL}
# Steps that make a tuple of the last values on the stack, and their count.
TUPLES = {pickle.EMPTY_TUPLE: 0, pickle.TUPLE1: 1, pickle.TUPLE2: 2, pickle.TUPLE3: 3}
# Steps that put the last values into a dict or list below them, and their count.
ITEMS = {pickle.APPEND: 1, pickle.SETITEM: 2}


class Storage(NamedTuple):
    """An array of numbers at the end of the file.

    Attributes:
        dtype: Type of the numbers, as NumPy writes it.
        key: The array's name in the file.
        size: Count of its numbers.
    """

    dtype: str
    key: str
    size: int


class Described(NamedTuple):
    """A tensor whose numbers stand at the end of the file.

    Attributes:
        storage: The array that its numbers are in.
        offset: Place of the tensor's first number in the array.
        shape: Shape of the tensor.
        strides: Distances in the array, in numbers, along each axis.
    """

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Name(str):
    """The name of something in Python, which is never looked up."""


def read_pickle(file: io.BytesIO) -> Any:
    """Return the value that the next pickle in a file describes.

    Args:
        file: A file in memory, which no wrong count makes a reader allocate for.

    Returns:
        Numbers, strings, `Described` tensors, and tuples, lists and dicts of these.

    Raises:
        ValueError: If the pickle has a step or names a function that no tensor needs.
            A damaged pickle may raise `LookupError`, `TypeError` or `struct.error`.
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    # Values on the stack below each mark.
    marks: list[int] = []
    while (step := file.read(1)) != pickle.STOP:
        argument = _argument(file, step)
        match step:
            case pickle.BINPUT | pickle.LONG_BINPUT:
                memo[argument] = stack[-1]
            case pickle.BINGET | pickle.LONG_BINGET:
                stack.append(memo[argument])
            case pickle.MARK:
                marks.append(len(stack))
            case pickle.TUPLE:
                stack.append(tuple(_taken(stack, len(stack) - marks.pop())))
            case pickle.SETITEMS | pickle.APPENDS:
                _put(stack, _taken(stack, len(stack) - marks.pop()))
            case _:
                _do(step, argument, stack)
    return stack.pop()


def _argument(file, step):
    """Return what a step of a program states; None if that is nothing."""
    if step in ARGUMENTS:
        return _number(file, ARGUMENTS[step])
    if step == pickle.LONG1:
        return int.from_bytes(file.read(_number(file, "<B")), "little", signed=True)
    if step == pickle.BINUNICODE:
        return file.read(_number(file, "<I")).decode()
    if step == pickle.GLOBAL:
        module, name = (file.readline().decode().rstrip("\n") for _ in range(2))
        return Name(f"{module} {name}")
    return None


def _number(file, form):
    """Return the next number of a file, which `struct` knows how to read."""
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _do(step, argument, stack):
    """Do a step that needs neither marks nor memory."""
    if step in VALUES:
        stack.append(VALUES[step])
    elif step in STATED:
        stack.append(argument)
    elif step in TUPLES:
        stack.append(tuple(_taken(stack, TUPLES[step])))
    elif step in (pickle.EMPTY_DICT, pickle.EMPTY_LIST):
        stack.append({} if step == pickle.EMPTY_DICT else [])
    elif step in ITEMS:
        _put(stack, _taken(stack, ITEMS[step]))
    elif step == pickle.BINPERSID:
        stack.append(_storage(*_taken(stack, 1)))
    elif step == pickle.REDUCE:
        stack.append(_made(*_taken(stack, 2)))
    elif step == pickle.BUILD:
        # Attributes of the dict below: versions of layers, which are of no use here.
        _taken(stack, 1)
    elif step != pickle.PROTO:
        raise ValueError(f"its pickle has the step {step!r}, which no tensor needs")


def _taken(stack, count):
    """Return the last values of a stack and remove them from it."""
    place = len(stack) - count
    if not 0 <= place <= len(stack):
        raise ValueError("a pickle takes values that it has not put")
    values = stack[place:]
    del stack[place:]
    return values


def _put(stack, values):
    """Put values into the dict or list that ends a stack."""
    if type(stack[-1]) is list:
        stack[-1].extend(values)
    elif type(stack[-1]) is dict and are(str, values[::2]):
        stack[-1].update(zip(values[::2], values[1::2], strict=True))
    else:
        raise ValueError("values are put where none can be")


def are(kind: type, values: Iterable[Any]) -> bool:
    """Return whether all values are of a type; a bool is no int here."""
    return all(type(value) is kind for value in values)


def _storage(described):
    """Return the array of numbers that a pickle refers to."""
    kind, dtype, key, _device, size, *_ = described
    # Hashing what a hostile file nests in the place of a number may take for ever.
    plain = type(dtype) is Name and are(str, [key]) and are(int, [size])
    if kind != "storage" or not plain:
        raise ValueError("an array of numbers is described in another way")
    if dtype not in DTYPES:
        raise ValueError(f"it holds {dtype[:80]!r}, need one of {', '.join(DTYPES)}")
    return Storage(DTYPES[dtype], key, size)


def _made(name, arguments):
    """Return what a pickle would call a function for."""
    if type(name) is Name and name == DICT and arguments == ():
        return {}
    if type(name) is Name and name == TENSOR:
        # The rest concerns gradients.
        storage, offset, shape, strides = arguments[:4]
        if type(storage) is Storage:
            return Described(storage, offset, shape, strides)
    shown = repr(name[:80]) if type(name) is Name else "no name"
    raise ValueError(f"it calls {shown}, which makes no tensor")
