"""Data sets: read from their sources, labeled, and cut into batches."""

from pathlib import Path
from typing import Any

from ssvae.config.settings import Config
from ssvae.data import npz
from ssvae.data.apart import set_apart
from ssvae.data.arrays import from_arrays, load_arrays
from ssvae.data.batches import Batches
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.groups import read_groups
from ssvae.data.idx import holds_idx, load_idx
from ssvae.data.images import as_float_images
from ssvae.data.labels import draw_labels
from ssvae.data.reading.reader import load_files
from ssvae.data.reading.understood import holds_files
from ssvae.data.saved_labels import read_labels, save_labels, with_labels_of
from ssvae.data.unknown import unknown_data_set
from ssvae.errors import InputError
from ssvae.types import Say

# Settings of how image files are read, and their usual values.
FILE_SETTINGS: dict[str, Any] = {
    name: getattr(Config(), name)
    for name in (
        "labels_csv",
        "file_column",
        "label_column",
        "label_from",
        "class_depth",
        "value_range",
        "skip_broken",
    )
}

__all__ = [
    "FILE_SETTINGS",
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
    "read_groups",
    "read_labels",
    "save_labels",
    "set_apart",
    "takes_any_size",
    "with_labels_of",
]


def is_named(name: str) -> bool:
    """Return whether this is the name of a known data set, and not a path."""
    return name in ("mnist", "fashion-mnist") or name.startswith("tfds:")


def is_resized(name: str) -> bool:
    """Return whether a data set's images may have many sizes, and can be resized."""
    if is_named(name):
        return name.startswith("tfds:")
    path = Path(name).expanduser()
    if not name or (path.is_dir() and holds_idx(path)):
        return False
    return holds_files(path)


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
    size: int | tuple[int, int] = 0,
) -> Dataset:
    """Return the data set that a config names, with all labels of its source.

    Args:
        config: `Config`; the settings of the data set are used.
        download: See `load_dataset`.
        say: See `load_dataset`.
        size: Side, or height and width, pixels, that a trained model takes: images that
            can be resized are brought to it. 0 to leave it to the config.

    Raises:
        InputError: If there is no such data set, or it does not fit the config.
    """
    if not is_resized(config.dataset):
        size = 0
    groups = read_groups(config.groups) if config.groups else None
    dataset = _of_source(config, download, size or config.image_size, say)
    dataset = set_apart(dataset, groups)
    if not config.test_fraction:
        return dataset
    if dataset.has_test_labels:
        raise InputError(
            f"test_fraction: got {config.test_fraction}, but {dataset.name!r} has a "
            "test part of its own: leave test_fraction out"
        )
    if dataset.read_test is not None and say:
        say("The test part has no labels: labeled images are held back in its place.")
    near = config.split_copies == "near"
    return dataset.split_test(config.test_fraction, config.seed, say, near)


def load_dataset(
    name: str = "mnist",
    data_dir: str = "",
    download: bool = False,
    *,
    image_size: int | tuple[int, int] = 0,
    say: Say | None = None,
    **settings: Any,
) -> Dataset:
    """Return a data set with all labels of its source.

    Args:
        name: `"mnist"`, which comes with ssvae; `"fashion-mnist"`, read from its four
            IDX files; `"tfds:NAME"` or `"tfds:NAME:VERSION"`, read from
            tensorflow-datasets; or the path of a folder or an archive of images, or of
            a table that names them (`ssvae.data.tree`), of a folder of IDX files, or of
            an `.npz` or `.npy` file (`ssvae.data.arrays`).
        data_dir: Folder of Fashion-MNIST's IDX files or of tensorflow-datasets; empty
            for the usual folder of each.
        download: Whether tensorflow-datasets may download a data set that is not
            prepared on this machine.
        image_size: Side, or height and width, in pixels that images of files or of
            tensorflow-datasets are brought to; 0 for what suits them: one size up to
            224 pixels is kept, see `ssvae.data.sizes`.
        say: Function that prints a line about work that takes long.
        settings: Other settings of the data set, by their names in `Config`:
            `labels_csv`, `groups`, `label_from`, `test_fraction` and so on.

    Raises:
        InputError: If there is no such data set, its files are damaged, or a setting
            does not fit it.
    """
    config = Config(dataset=name, data_dir=data_dir, **settings)
    if image_size and not is_resized(name):
        raise _no_image_files("image_size", image_size, name)
    return open_dataset(config, download, say, image_size)


def _of_source(config, download, size, say):
    """Return the data set of a config, without the split that the config states."""
    name = config.dataset
    path = Path(name).expanduser()
    resized = is_resized(name)
    stated = {} if resized else {"image_size": size}
    if not resized or is_named(name):
        stated |= {setting: getattr(config, setting) for setting in FILE_SETTINGS}
    for setting, value in stated.items():
        if value != FILE_SETTINGS.get(setting, 0):
            raise _no_image_files(setting, value, name)
    if name == "mnist":
        from ssvae.data.mnist import load_mnist

        return load_mnist()
    if name == "fashion-mnist":
        from ssvae.data.fashion_mnist import load_fashion_mnist

        return load_fashion_mnist(config.data_dir)
    if name.startswith("tfds:"):
        from ssvae.data.tfds import load_tfds

        title = name.removeprefix("tfds:")
        return load_tfds(title, config.data_dir, download, size, say)
    if name and path.is_dir() and holds_idx(path):
        return load_idx(path, name)
    if resized:
        return load_files(path, config, size, say)
    if path.suffix.lower() in npz.SUFFIXES and path.is_file():
        return load_arrays(path)
    raise unknown_data_set(name)


def _no_image_files(setting, value, name):
    """Return the error for a setting of image files that are none."""
    return InputError(
        f"{setting}: got {value!r}, but {name!r} is no folder of image files: leave "
        f"{setting} out"
    )
