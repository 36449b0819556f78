"""tensorflow-datasets as a source; imported only when a data set of it is asked for."""

from pathlib import Path

import numpy as np

from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.decode import brought_to
from ssvae.data.store import room_for
from ssvae.errors import InputError

DEFAULT_FOLDER = "~/tensorflow_datasets"
TRAIN, TEST = "train", "test"
# Splits of images without a label, however they are spelt.
WITHOUT_LABELS = ("unlabelled", "unlabeled", "unsupervised")
# Images read at a time.
BATCH_SIZE = 500


def load_tfds(name, data_dir="", download=False, size=0, say=None) -> Dataset:
    """Return an image classification set of tensorflow-datasets.

    Its split `train` is the training part, with what lies in a split of unlabeled
    images; its split `test`, if it has one, is the test part.

    Args:
        name: Name in tensorflow-datasets, without `tfds:`, with `:VERSION` after it or
            not.
        data_dir: Folder of prepared data sets; empty for tensorflow-datasets' own
            default, `~/tensorflow_datasets`.
        download: Whether a data set that is not prepared may be downloaded.
        size: Side in pixels that images are brought to, see `brought_to`; 0 if all have
            the same size.
        say: Function that prints a line about where many images are kept.

    Raises:
        InputError: If the data set is not prepared and may not be downloaded, is
            unknown, or has no images with labels in a train split.
    """
    folder = Path(data_dir or DEFAULT_FOLDER).expanduser()
    title, _, version = name.partition(":")
    found = (folder / title).rglob("dataset_info.json")
    prepared = any(not version or path.parent.name == version for path in found)
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
    keys = _checked_keys(name, builder, size)
    others = [split for split in WITHOUT_LABELS if split in builder.info.splits]
    images, labels = _read(builder, [TRAIN, *others], keys, size, say)
    class_names = tuple(builder.info.features[keys[1]].names)
    read_test = None
    if TEST in builder.info.splits:

        def read_test():
            return _read(builder, [TEST], keys, size)

    return Dataset(f"tfds:{name}", images, labels, class_names, read_test)


def _checked_keys(name, builder, size):
    """Return what the images and the labels are called.

    Raises:
        InputError: Unless the set has what a classifier needs.
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
    shape = features[keys[0]].shape
    if None in shape and not size:
        raise InputError(
            f"data set 'tfds:{name}' has images of mixed sizes {shape}: choose one "
            "with --image-size"
        )
    return keys


def _read(builder, splits, keys, size, say=None):
    """Return the images and labels of splits, one after another."""
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
    """Yield some of a split's images and labels at a time."""
    import tensorflow_datasets as tfds

    image, label = keys
    # What has mixed sizes cannot be batched before it is brought to one.
    batch_size = None if size else BATCH_SIZE
    for some in tfds.as_numpy(builder.as_dataset(split=split, batch_size=batch_size)):
        if size:
            yield brought_to(size, some[image])[None], some[label]
        else:
            yield some[image], some[label]
