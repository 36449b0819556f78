"""Data sets from tensorflow-datasets, which is imported only when it is needed."""

import io
from pathlib import Path

import numpy as np

from ssvae.data.damage import first_line
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.pixels.headers import header_size
from ssvae.data.pixels.stored import brought_to
from ssvae.data.sizes import suited_size
from ssvae.data.store import room_for
from ssvae.errors import InputError
from ssvae.types import Say

# Folder where tensorflow-datasets keeps its data sets.
DEFAULT_FOLDER = "~/tensorflow_datasets"
# Names of the splits of the two parts.
TRAIN, TEST = "train", "test"
# Names that splits of unlabeled images may have.
WITHOUT_LABELS = ("unlabelled", "unlabeled", "unsupervised")
# Images that are read at once.
BATCH_SIZE = 500


def load_tfds(
    name: str,
    data_dir: str = "",
    download: bool = False,
    size: int | tuple[int, int] = 0,
    say: Say | None = None,
) -> Dataset:
    """Return an image classification data set of tensorflow-datasets.

    The split `train` is the training part, together with a split of unlabeled images
    if there is one. The split `test`, if there is one, is the test part.

    Args:
        name: Name in tensorflow-datasets, without `tfds:`; `:VERSION` may follow it.
        data_dir: Folder of prepared data sets; empty for the default of
            tensorflow-datasets, `~/tensorflow_datasets`.
        download: Whether a data set that is not prepared may be downloaded.
        size: Side, or height and width, in pixels that images are brought to, see
            `brought_to`; 0 for what suits the images, see `suited_size`. The test part
            gets the size of the training part.
        say: Function that prints a line if images are brought to a size that nobody
            stated, or are kept in a file.

    Raises:
        InputError: If the data set is unknown, is not prepared and may not be
            downloaded, or has no images with labels in a split `train`.
    """
    folder = Path(data_dir or DEFAULT_FOLDER).expanduser()
    title, _, version = name.partition(":")
    found = (folder / title).rglob("dataset_info.json")
    prepared = any(not version or path.parent.name == version for path in found)
    if not prepared and not download:
        raise InputError(
            f"data set 'tfds:{name}' is not prepared under {folder}: add --download if "
            "this machine has a network; otherwise copy a prepared folder there, or "
            "name the folder above one with --data-dir"
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
        raise InputError(
            f"data set 'tfds:{name}' cannot be opened: {first_line(error)}"
        ) from None
    if not prepared:
        builder.download_and_prepare()
    keys = _checked_keys(name, builder)
    others = [split for split in WITHOUT_LABELS if split in builder.info.splits]
    splits = [TRAIN, *others]
    size = size or _suited_size(name, builder, splits, keys[0], say)
    images, labels = _read(builder, splits, keys, size, say)
    class_names = tuple(builder.info.features[keys[1]].names)
    read_test = None
    if TEST in builder.info.splits:

        def read_test():
            return _read(builder, [TEST], keys, size)

    return Dataset(f"tfds:{name}", images, labels, class_names, read_test)


def _checked_keys(name, builder):
    """Return the names of the features that hold the images and the labels.

    Raises:
        InputError: If the data set lacks something that a classifier needs.
    """
    features = dict(builder.info.features.items())
    keys = builder.info.supervised_keys or ("image", "label")
    for needed, present in (
        (f"a feature {keys[0]!r}", keys[0] in features),
        (f"a feature {keys[1]!r}", keys[1] in features),
        ("labels that are classes", hasattr(features.get(keys[1]), "names")),
        (f"a split {TRAIN!r}", TRAIN in builder.info.splits),
    ):
        if not present:
            raise InputError(f"data set 'tfds:{name}' lacks {needed}: choose another")
    return keys


def _suited_size(name, builder, splits, key, say):
    """Return the size that suits the images of splits, see `suited_size`."""
    import tensorflow_datasets as tfds

    height, width = builder.info.features[key].shape[:2]
    if height and width:
        return suited_size([(height, width)], say)
    encoded = {key: tfds.decode.SkipDecoding()}
    # tensorflow-datasets does not turn images, whatever their EXIF orientation is.
    sizes = [
        header_size(io.BytesIO(some[key]), f"tfds:{name}", turned=False)
        for split in splits
        for some in tfds.as_numpy(builder.as_dataset(split=split, decoders=encoded))
    ]
    return suited_size(sizes, say)


def _read(builder, splits, keys, size, say=None):
    """Return the images and labels of splits, joined."""
    count = sum(builder.info.splits[split].num_examples for split in splits)
    images, labels, end = None, np.full(count, UNLABELED), 0
    for split in splits:
        for some, classes in _batches(builder, split, keys, size):
            if images is None:
                images = room_for(count, some.shape[1:], say)
            start, end = end, end + len(some)
            images[start:end] = some
            if split not in WITHOUT_LABELS:
                labels[start:end] = classes
    return images[:end], labels[:end]


def _batches(builder, split, keys, size):
    """Yield the images and labels of a split, some at a time."""
    import tensorflow_datasets as tfds

    image, label = keys
    shape = builder.info.features[image].shape[:2]
    # Images of mixed sizes cannot be batched before they have one size.
    single = shape != tuple(np.broadcast_to(size, 2))
    batch_size = None if single else BATCH_SIZE
    for some in tfds.as_numpy(builder.as_dataset(split=split, batch_size=batch_size)):
        if single:
            yield brought_to(size, some[image])[None], some[label]
        else:
            yield some[image], some[label]
