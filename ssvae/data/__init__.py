"""Sources of images and labels."""

from ssvae.data.batches import Batches
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.images import as_float_images
from ssvae.data.labels import draw_labels, read_labels, save_labels
from ssvae.errors import InputError

__all__ = [
    "UNLABELED",
    "Batches",
    "Dataset",
    "as_float_images",
    "draw_labels",
    "load_dataset",
    "read_labels",
    "save_labels",
]


def load_dataset(name="mnist", data_dir="", download=False) -> Dataset:
    """Return a data set with every label its source has.

    Args:
        name: `"mnist"`, bundled; `"fashion-mnist"`, from its four IDX files; or
            `"tfds:NAME"`, from tensorflow-datasets.
        data_dir: Folder of those IDX files or of prepared tensorflow-datasets; empty
            for the usual place of each.
        download: Whether a tensorflow-datasets set that is not prepared may be
            downloaded.

    Raises:
        InputError: If there is no such data set, or its files are damaged.
    """
    if name == "mnist":
        from ssvae.data.mnist import load_mnist

        return load_mnist()
    if name == "fashion-mnist":
        from ssvae.data.fashion_mnist import load_fashion_mnist

        return load_fashion_mnist(data_dir)
    if name.startswith("tfds:"):
        from ssvae.data.tfds import load_tfds

        return load_tfds(name.removeprefix("tfds:"), data_dir, download)
    raise InputError(
        f"unknown data set {name!r}: need mnist, fashion-mnist, or tfds:NAME, one "
        "of tensorflow-datasets"
    )
