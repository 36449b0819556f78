"""Fashion-MNIST: images of clothes, in the number and size of MNIST's digits."""

from pathlib import Path

from ssvae.data.dataset import Dataset
from ssvae.data.idx import load_idx
from ssvae.errors import InputError

# Folder that the package of Debian and Ubuntu installs it in.
FOLDER = "/usr/share/datasets/fashion-mnist"
CLASS_NAMES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def load_fashion_mnist(data_dir: str = "") -> Dataset:
    """Return Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747).

    60,000 training and 10,000 test images, 28 by 28, one channel.

    Args:
        data_dir: Folder of its four IDX files, plain or gzipped; empty for `FOLDER`.

    Raises:
        InputError: If a file is missing or damaged.
    """
    folder = Path(data_dir or FOLDER).expanduser()
    if not folder.is_dir():
        raise InputError(
            f"data set 'fashion-mnist' is not at {folder}: apt-get install "
            "dataset-fashion-mnist installs it there (Debian, Ubuntu); elsewhere name "
            "the folder of its four IDX files with --data-dir"
        )
    return load_idx(folder, "fashion-mnist", CLASS_NAMES)
