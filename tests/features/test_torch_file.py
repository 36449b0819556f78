"""Files of PyTorch are read without PyTorch, and nothing in them is executed."""

import os
import pickle
import tracemalloc

import numpy as np
import pytest

from ssvae.features.torch_file import MAGIC, read_tensors

torch = pytest.importorskip("torch")


@pytest.fixture
def save(tmp_path):
    """Return a function that writes values as PyTorch's old format has them."""

    def save(values):
        path = tmp_path / "weights.pth"
        torch.save(values, path, _use_new_zipfile_serialization=False)
        return path

    return save


@pytest.fixture
def network(save):
    """Return a small network of PyTorch and the file of its tensors."""
    layers = [torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)]
    network = torch.nn.Sequential(*layers)
    return network, save(network.state_dict())


def pickled(*values):
    return b"".join(pickle.dumps(value, protocol=2) for value in values)


def file_with(tensors, *rest):
    """Return the bytes of a file with pickled tensors, and what follows them."""
    return pickled(MAGIC, 1001, {"little_endian": True}) + tensors + b"".join(rest)


def pickled_tensor(size=4, offset=0, shape=(4,), strides=(1,), kind="torch\nFloat"):
    """Return the pickle of a dict with one tensor `a` in the array `0`."""
    # A pickle of protocol 2 without its first two bytes and its last.
    inner = [pickle.dumps(value, protocol=2)[2:-1] for value in (size, (), ())]
    place = b"".join(
        pickle.dumps(value, protocol=2)[2:-1] for value in (offset, shape, strides)
    )
    storage = b"(X\x07\x00\x00\x00storagec" + kind.encode() + b"Storage\n"
    storage += b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpu" + inner[0] + b"NtQ"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + place
    tensor += b"\x89ccollections\nOrderedDict\n)RtR"
    return b"\x80\x02}X\x01\x00\x00\x00a" + tensor + b"s."


def refused(tmp_path, content, match):
    path = tmp_path / "bad.pth"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=match):
        read_tensors(path)


NUMBERS = (4).to_bytes(8, "little") + np.arange(4, dtype="<f4").tobytes()


def test_tensors_are_those_that_pytorch_wrote(network):
    network, path = network
    tensors = read_tensors(path)
    assert tensors.keys() == network.state_dict().keys()
    for name, tensor in network.state_dict().items():
        np.testing.assert_array_equal(tensors[name], tensor.numpy(), strict=True)


def test_transposed_and_cut_tensors_keep_their_order(save):
    whole = torch.arange(24.0).reshape(4, 6)
    parts = {"turned": whole.T, "cut": whole[1:3, ::2], "none": whole[:0]}
    parts["one"] = whole[2, 3]
    tensors = read_tensors(save(parts))
    for name, part in parts.items():
        np.testing.assert_array_equal(tensors[name], part.numpy(), strict=True)


def test_the_file_written_by_hand_is_whole(tmp_path):
    path = tmp_path / "whole.pth"
    path.write_bytes(file_with(pickled_tensor(), pickled(["0"]), NUMBERS))
    np.testing.assert_array_equal(read_tensors(path)["a"], [0, 1, 2, 3])


def test_a_function_that_a_pickle_names_is_not_called(tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    with pytest.raises(ValueError, match="'posix mkdir'"):
        content = file_with(pickled({"a": Hostile()}), pickled(["0"]), NUMBERS)
        path = tmp_path / "bad.pth"
        path.write_bytes(content)
        read_tensors(path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "tensor",
    [
        {"shape": (5,)},
        {"offset": 1},
        {"shape": (2, 2), "strides": (3, 1)},
        {"shape": (2**40,), "strides": (0,)},
        {"shape": (2**62, 4), "strides": (0, 1)},
        {"offset": -1},
        {"strides": (-1,)},
        {"shape": ("4",)},
        {"shape": (4, 1)},
        {"shape": 4},
    ],
    ids=str,
)
def test_a_tensor_beyond_its_numbers_is_refused(tmp_path, tensor):
    content = file_with(pickled_tensor(**tensor), pickled(["0"]), NUMBERS)
    refused(tmp_path, content, "bad.pth.*tensor|zip|iterable")


@pytest.mark.parametrize(
    "content, match",
    [
        (b"", "pickle"),
        (b"PK\x03\x04" + bytes(30), "holds no tensors"),
        (pickled(5, 1001, {}), "first number"),
        (pickled(MAGIC, 1001, {"little_endian": False}), "order|pickle"),
        (file_with(pickled({"a": 1}), pickled(["0"])), "dict of tensors alone"),
        (file_with(pickled([1]), pickled(["0"])), "dict of tensors alone"),
        (file_with(pickled_tensor(), pickled([]), NUMBERS), "no numbers"),
        (file_with(pickled_tensor(), pickled(["1"]), NUMBERS), "no tensor"),
        (file_with(pickled_tensor(), pickled([1]), NUMBERS), "no names"),
        (file_with(pickled_tensor(), pickled(["0"]), NUMBERS[:-1]), "buffer"),
        (file_with(pickled_tensor(size=5), pickled(["0"]), NUMBERS), "4 numbers"),
        (
            file_with(pickled_tensor(kind="torch\nBool"), pickled(["0"]), NUMBERS),
            "torch BoolStorage",
        ),
        (file_with(b"\x80\x02K\x01K\x02\x86\x86."), "has not put"),
        (file_with(b"\x80\x02K\x05a."), "index"),
        (file_with(b"\x80\x02c__main__\nA\n)\x81."), "step"),
    ],
    ids=range(15),
)
def test_another_file_is_refused(tmp_path, content, match):
    refused(tmp_path, content, match)


def test_counts_without_numbers_take_no_memory(tmp_path):
    huge = 2**44
    count = huge.to_bytes(8, "little")
    array = file_with(pickled_tensor(huge, 0, (huge,)), pickled(["0"]), count)
    string = b"\x80\x02X\xff\xff\xff\x7fa."
    memory = b"\x80\x02Nr\xff\xff\xff\x7f."
    tracemalloc.start()
    for content in (array, string, memory, b"\x80\x02\x8e" + b"\xff" * 8 + b"."):
        refused(tmp_path, content, "holds no tensors")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**22


def test_nested_values_take_no_time(tmp_path):
    # Each tuple holds the one before twice: to hash or print it takes for ever.
    nested = b")" + b"".join(b"q%ch%c\x86" % (i, i) for i in range(90))
    refused(tmp_path, file_with(b"\x80\x02}" + nested + b"Ns."), "can be")
    refused(tmp_path, file_with(b"\x80\x02" + nested + b")R."), "calls no name")
    refused(tmp_path, file_with(b"\x80\x02" + nested + b"Q."), "holds no tensors")


def test_damaged_files_raise_only_value_errors(network, tmp_path, rng):
    content = network[1].read_bytes()
    path = tmp_path / "damaged.pth"
    for _ in range(500):
        damaged = bytearray(content[: rng.integers(1, len(content) + 1)])
        for place in rng.integers(0, len(damaged), 3):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            read_tensors(path)
        except ValueError as error:
            assert "damaged.pth" in str(error)
