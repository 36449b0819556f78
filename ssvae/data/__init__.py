"""Data sets: read from their sources, labeled, and cut into batches."""

from pathlib import Path

from ssvae.config.settings import Config
from ssvae.data import npz
from ssvae.data.arrays import from_arrays, load_arrays
from ssvae.data.batches import Batches
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.folders import load_folder
from ssvae.data.idx import holds_idx, load_idx
from ssvae.data.images import as_float_images
from ssvae.data.labels import draw_labels, read_labels, save_labels
from ssvae.errors import InputError
from ssvae.types import Say

__all__ = [
    "UNLABELED",
    "Batches",
    "Dataset",
    "as_float_images",
    "draw_labels",
    "from_arrays",
    "is_named",
    "is_resized",
    "load_dataset",
    "open_dataset",
    "read_labels",
    "save_labels",
    "takes_any_size",
]


def is_named(name: str) -> bool:
    """Return whether this is the name of a known data set, and not a path."""
    return name in ("mnist", "fashion-mnist") or name.startswith("tfds:")


def is_resized(name: str) -> bool:
    """Return whether a data set's images may have many sizes, and can be resized."""
    if is_named(name):
        return name.startswith("tfds:")
    path = Path(name).expanduser()
    return path.is_dir() and not holds_idx(path)


def takes_any_size(name: str) -> bool:
    """Return whether a model of this data set takes image files of any size.

    A model of image files does, since other files of the same sort may have any size. A
    path that is not on this machine, and not an array file's, counts as a folder.
    """
    path = Path(name).expanduser()
    if is_named(name) or path.suffix.lower() in npz.SUFFIXES or path.exists():
        return is_resized(name)
    return True


def open_dataset(
    config: Config,
    download: bool = False,
    say: Say | None = None,
    size: tuple[int, int] | None = None,
) -> Dataset:
    """Return the data set that a config names, with all labels of its source.

    Args:
        config: `Config`; the settings of the data set are used.
        download: See `load_dataset`.
        say: See `load_dataset`.
        size: Height and width that a trained model takes, pixels: images that can be
            resized are brought to it. None to leave it to the config.

    Raises:
        InputError: If there is no such data set, or it does not fit the config.
    """
    image_size: int | tuple[int, int] = config.image_size
    if size and is_resized(config.dataset):
        image_size = size
    dataset = load_dataset(
        config.dataset,
        config.data_dir,
        download,
        image_size=image_size,
        labels_csv=config.labels_csv,
        skip_broken=config.skip_broken,
        say=say,
    )
    if not config.test_fraction:
        return dataset
    if dataset.read_test is not None:
        raise InputError(
            f"test_fraction: got {config.test_fraction}, but {dataset.name!r} has a "
            "test part of its own: leave test_fraction out"
        )
    return dataset.split_test(config.test_fraction, config.seed, say)


def load_dataset(
    name: str = "mnist",
    data_dir: str = "",
    download: bool = False,
    *,
    image_size: int | tuple[int, int] = 0,
    labels_csv: str = "",
    skip_broken: bool = False,
    say: Say | None = None,
) -> Dataset:
    """Return a data set with all labels of its source.

    Args:
        name: `"mnist"`, which comes with ssvae; `"fashion-mnist"`, read from its four
            IDX files; `"tfds:NAME"` or `"tfds:NAME:VERSION"`, read from
            tensorflow-datasets; or the path of a folder of images
            (`ssvae.data.folders`), of a folder of IDX files, or of an `.npz` or `.npy`
            file (`ssvae.data.arrays`).
        data_dir: Folder of Fashion-MNIST's IDX files or of tensorflow-datasets; empty
            for the usual folder of each.
        download: Whether tensorflow-datasets may download a data set that is not
            prepared on this machine.
        image_size: Side, or height and width, in pixels that images of a folder or of
            tensorflow-datasets are brought to; 0 for what suits them: one size up to
            224 pixels is kept, see `ssvae.data.sizes`.
        labels_csv: Path of a CSV file with the labels of a folder's images; empty if
            the names of its subfolders are the classes.
        skip_broken: Whether to leave out image files that cannot be read.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If there is no such data set, its files are damaged, or a setting
            does not fit it.
    """
    path, resized = Path(name).expanduser(), is_resized(name)
    for setting, value, fits in (
        ("image_size", image_size, resized),
        ("labels_csv", labels_csv, resized and path.is_dir()),
    ):
        if value and not fits:
            raise InputError(
                f"{setting}: got {value!r}, but {name!r} is no folder of image files: "
                f"leave {setting} out"
            )
    if name == "mnist":
        from ssvae.data.mnist import load_mnist

        return load_mnist()
    if name == "fashion-mnist":
        from ssvae.data.fashion_mnist import load_fashion_mnist

        return load_fashion_mnist(data_dir)
    if name.startswith("tfds:"):
        from ssvae.data.tfds import load_tfds

        title = name.removeprefix("tfds:")
        return load_tfds(title, data_dir, download, image_size, say)
    if name and path.is_dir() and holds_idx(path):
        return load_idx(path, name)
    if name and path.is_dir():
        return load_folder(path, image_size, labels_csv, skip_broken, say)
    if path.is_file():
        return load_arrays(path)
    raise InputError(
        f"unknown data set {name!r}: need mnist, fashion-mnist, tfds:NAME, or the path "
        "of a folder of images, of a folder of IDX files, of an .npz or .npy file"
    )
