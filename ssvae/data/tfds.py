"""tensorflow-datasets as a source; imported only when a data set of it is asked for."""

import functools
from pathlib import Path

import numpy as np

from ssvae.data.dataset import Dataset
from ssvae.errors import InputError

DEFAULT_FOLDER = "~/tensorflow_datasets"


def load_tfds(name: str, data_dir: str = "", download: bool = False) -> Dataset:
    """Return an image classification set of tensorflow-datasets.

    Args:
        name: Name in tensorflow-datasets, `kmnist` say, without `tfds:`.
        data_dir: Folder of prepared data sets; empty for tensorflow-datasets' own
            default, `~/tensorflow_datasets`.
        download: Whether a data set that is not prepared may be downloaded.

    Raises:
        InputError: If the data set is not prepared and may not be downloaded, is
            unknown, or has no images with labels in a train and a test split.
    """
    folder = Path(data_dir or DEFAULT_FOLDER).expanduser()
    prepared = any((folder / name).rglob("dataset_info.json"))
    if not prepared and not download:
        raise InputError(
            f"data set 'tfds:{name}' is not prepared under {folder}: with a network, "
            "add --download; without one, copy a folder prepared elsewhere there, or "
            "name its parent with --data-dir"
        )
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise InputError(
            f"data set 'tfds:{name}' needs tensorflow-datasets ({error}): "
            "pip install tensorflow-datasets"
        ) from None
    try:
        builder = tfds.builder(name, data_dir=str(folder))
    except (tfds.core.registered.DatasetNotFoundError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"data set 'tfds:{name}' cannot be opened: {reason}") from None
    if not prepared:
        builder.download_and_prepare()
    _check(name, builder)
    images, labels = _read(builder, "train")
    class_names = tuple(builder.info.features["label"].names)
    read_test = functools.partial(_read, builder, "test")
    return Dataset(f"tfds:{name}", images, labels, class_names, read_test)


def _check(name: str, builder):
    """Raise `InputError` unless the set has what a classifier needs."""
    features, splits = builder.info.features, builder.info.splits
    for needed, present in (
        ("a feature 'image'", "image" in features),
        ("a feature 'label'", "label" in features),
        ("a split 'train'", "train" in splits),
        ("a split 'test'", "test" in splits),
    ):
        if not present:
            raise InputError(f"data set 'tfds:{name}' lacks {needed}: choose another")
    if None in features["image"].shape:
        raise InputError(
            f"data set 'tfds:{name}' has images of mixed sizes "
            f"{features['image'].shape}: one size is needed, choose another"
        )


def _read(builder, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return one split's images and labels as arrays."""
    import tensorflow_datasets as tfds

    whole = builder.as_dataset(split=split, batch_size=-1)
    arrays = tfds.as_numpy(whole)
    return np.asarray(arrays["image"], np.uint8), arrays["label"].astype(np.int64)
