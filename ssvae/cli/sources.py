"""The model and the images that a command's arguments name."""

import sys

from ssvae.cli import process
from ssvae.data import is_resized, load_dataset, open_dataset
from ssvae.data.files import CHUNK_IMAGES, ImageFiles, shard_rows
from ssvae.errors import InputError
from ssvae.saving.find import find_model
from ssvae.saving.keras_file import load_model


def open_model(path):
    """Start Keras and load the model at `path`; see `load_model`."""
    # What is not there is said before Keras starts.
    find_model(path)
    process.start_keras()
    return load_model(path)


def open_dataset_of(flags, model):
    """Return the data set that `--dataset` names, or the one a model is of.

    Raises:
        InputError: If there is none, or its images are not of the model's shape.
    """
    if flags.dataset:
        skip_broken = getattr(flags, "skip_broken", False)
        return open_other(flags.dataset, model, flags.data_dir, skip_broken)
    config = model.config
    config = config.replace(data_dir=flags.data_dir or config.data_dir)
    return _of_its_shape(model, open_dataset(config))


def open_other(name, model, data_dir="", skip_broken=False):
    """Return another data set than the one a model is of; see `open_dataset_of`."""
    size = model.config.image_size if is_resized(name) else 0
    dataset = load_dataset(name, data_dir, image_size=size, skip_broken=skip_broken)
    return _of_its_shape(model, dataset)


def _of_its_shape(model, dataset):
    """Return a data set whose images are of a model's shape."""
    if dataset.image_shape != model.image_shape:
        theirs, ours = (
            "x".join(map(str, shape))
            for shape in (dataset.image_shape, model.image_shape)
        )
        raise InputError(
            f"{dataset.name!r} has images of {theirs}, the model is of {ours}: need "
            "the same height, width and channels"
        )
    return dataset


def open_images(flags, model):
    """Return the images that the flags of `add_images` name.

    Args:
        flags: The parsed arguments.
        model: The `SSVAE` they are for.

    Returns:
        An iterable of chunks, float32 `(n, h, w, c)` and a list of n names, with
        `count()` and `skipped`: `ImageFiles`, or the like of it for a data set.

    Raises:
        InputError: If there are no such images.
    """
    if flags.images:
        resize = bool(model.config.image_size)
        images = ImageFiles(
            list(_places(flags.images)),
            model.image_shape,
            flags.skip_broken,
            resize,
            flags.shard,
        )
    else:
        dataset = open_dataset_of(flags, model)
        images = _DatasetImages(dataset, flags.part, flags.shard)
    number, num_shards = flags.shard
    if num_shards > 1 and not images.count():
        raise InputError(
            f"--shard {number}/{num_shards}: no image is left for this part; need at "
            "most as many parts as there are images"
        )
    return images


def _places(arguments):
    """Yield the places that arguments name, `-` for those on standard input."""
    for place in arguments:
        lines = sys.stdin.read().splitlines() if place == "-" else [place]
        yield from (line for line in lines if line)


class _DatasetImages:
    """The images of one part of a data set, as `ImageFiles` gives those of files."""

    def __init__(self, dataset, part, shard):
        self.name = f"{dataset.name}/{part}"
        self.images = dataset.images if part == "train" else dataset.test_part()[0]
        self.rows = shard_rows(len(self.images), *shard)
        self.skipped = {}

    def count(self):
        return len(self.rows)

    def __iter__(self):
        for start in self.rows[::CHUNK_IMAGES]:
            rows = self.images[start : min(start + CHUNK_IMAGES, self.rows.stop)]
            yield rows, [f"{self.name}[{start + row}]" for row in range(len(rows))]
