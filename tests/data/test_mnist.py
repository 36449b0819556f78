"""The bundled MNIST: whole, and refused where a file is damaged."""

import gzip

import numpy as np
import pytest

from ssvae.data.mnist import CHECKSUMS, FOLDER, load_mnist
from ssvae.errors import InputError


def test_mnist_is_whole(mnist):
    assert mnist.images.shape == (60000, 28, 28, 1)
    assert mnist.images.dtype == np.uint8
    # Class counts and mean pixel as published for the database.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.labels).tolist() == counts
    assert mnist.images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    images, labels = mnist.read_test()
    assert images.shape == (10000, 28, 28, 1)
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]


DAMAGES = ("truncate", "swap", "text", "remove")


@pytest.fixture
def mnist_copy(tmp_path):
    for name in CHECKSUMS:
        (tmp_path / f"{name}.gz").write_bytes((FOLDER / f"{name}.gz").read_bytes())
    return tmp_path


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *(("t10k-labels-idx1-ubyte", damage) for damage in DAMAGES),
        *((name, "flip") for name in CHECKSUMS),
    ],
)
def test_a_damaged_file_is_named(mnist_copy, name, damage):
    path = mnist_copy / f"{name}.gz"
    content = path.read_bytes()
    if damage == "truncate":
        path.write_bytes(content[:-100])
    elif damage == "flip":
        middle = len(content) // 2
        path.write_bytes(
            content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        )
    elif damage == "swap":
        path.write_bytes(gzip.compress(b"other content"))
    elif damage == "text":
        path.write_bytes(b"not gzip at all")
    else:
        path.unlink()
    with pytest.raises(InputError) as error:
        load_mnist(mnist_copy)
    assert path.name in str(error.value)
    assert "\n" not in str(error.value)
