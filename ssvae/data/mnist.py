"""MNIST: four gzipped IDX files that come with the package."""

import hashlib
from pathlib import Path

import numpy as np

from ssvae.data.dataset import Dataset
from ssvae.data.idx import idx_array, read_bytes
from ssvae.errors import InputError

FOLDER = Path(__file__).parent / "mnist_files"

# SHA-256 of the unpacked bytes of each file.
CHECKSUMS = {
    "train-images-idx3-ubyte": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "train-labels-idx1-ubyte": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "t10k-labels-idx1-ubyte": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}


def load_mnist(folder: Path = FOLDER) -> Dataset:
    """Return MNIST: 60,000 training and 10,000 test images, 28 by 28, one channel.

    All four files are checked against their SHA-256. The test part is used only when
    `Dataset.read_test` is called.

    Args:
        folder: Folder with the four `.gz` files.

    Raises:
        InputError: If a file is missing, or does not hold MNIST.
    """
    content = {name: _read_checked(folder / f"{name}.gz") for name in CHECKSUMS}

    def part(prefix):
        images = idx_array(content[f"{prefix}-images-idx3-ubyte"])
        labels = idx_array(content[f"{prefix}-labels-idx1-ubyte"])
        return images[..., None], labels.astype(np.int64)

    images, labels = part("train")
    class_names = tuple(str(digit) for digit in range(10))
    return Dataset("mnist", images, labels, class_names, lambda: part("t10k"))


def _read_checked(path: Path) -> bytes:
    """Return the unpacked bytes of one of the four files."""
    mend = "reinstall ssvae to restore it"
    try:
        content = read_bytes(path)
    except InputError as error:
        raise InputError(f"MNIST {error}, or {mend}") from None
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[path.stem]:
        raise InputError(f"MNIST file {path} does not match its SHA-256: {mend}")
    return content
