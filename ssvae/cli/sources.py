"""The model and the images that a command's arguments name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ssvae.cli import process
from ssvae.cli.settings import stated_settings
from ssvae.config.pixel_range import value_limits
from ssvae.data import (
    FILE_SETTINGS,
    Dataset,
    is_named,
    is_resized,
    open_dataset,
    takes_any_size,
)
from ssvae.data.pixels.values import ValueRange
from ssvae.data.reading.brought import Brought
from ssvae.data.reading.files import ImageFiles, chunk_images, shard_rows
from ssvae.errors import InputError
from ssvae.runs.ink import ink_of
from ssvae.runs.source import located
from ssvae.saving.find import find_model
from ssvae.saving.keras_file import load_model
from ssvae.types import PathLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE


class Images(Protocol):
    """Images that are read in chunks, from files or from a data set.

    Iteration yields arrays `(n, h, w, c)`, uint8 or float32 in [0, 1], each with a list
    of n names.

    Attributes:
        skipped: Dict of the files that were left out, path to reason.
        lacks: Dict of the pictures so far that are unlike the model's images, name to
            reason; see `ImageFiles`.
    """

    skipped: dict[str, str]
    lacks: dict[str, str]

    def count(self) -> int:
        """Return how many images there are."""

    def __iter__(self) -> Iterator[tuple[np.ndarray, list[str]]]: ...


def open_model(path: PathLike) -> SSVAE:
    """Start Keras and load the model at `path`; see `load_model`."""
    # A missing model is reported before Keras starts, which takes seconds.
    find_model(path)
    process.start_keras()
    return load_model(path)  # type: ignore[return-value]  # no SavedModel is found


def resizes(model: SSVAE) -> bool:
    """Return whether arrays of other sizes are brought to the model's size.

    They are if classes are told apart by features, which any size has; or if the model
    was trained on images that were brought to its size, or could have been: those who
    trained on files of mixed sizes are not asked for a size again.
    """
    return model.has_features or _learned_from_files(model)


def _learned_from_files(model):
    """Return whether a model learned from files that were brought to its size."""
    return bool(model.config.image_size) or takes_any_size(model.config.dataset)


def brought(
    model: SSVAE, run: PathLike | None = None, value_range: str = "auto"
) -> Brought:
    """Return what pictures, drawings and arrays are brought to for a model.

    Args:
        model: The model.
        run: What names it, as for `open_model`; see `ink_of`.
        value_range: The setting for these images; auto for that of the training.
    """
    height, width, channels = model.image_shape
    limits = value_limits(value_range) or value_limits(model.config.value_range)
    return Brought(
        (height, width, channels),
        resizes(model),
        ValueRange.stated(limits) if limits else None,
        ink_of(model, run),
        finds_ink=not _learned_from_files(model),
    )


def open_own_dataset(model: SSVAE, run: PathLike, **settings: Any) -> Dataset:
    """Return the data set that a model was trained on, at the model's size.

    The size is the model's even if the files have changed, and another size would suit
    them now.

    Args:
        model: The model.
        run: What names it, as for `open_model`.
        settings: Settings that differ from those of its training, for `Config`.

    Raises:
        InputError: See `open_dataset_of`.
    """
    config = located(model.config.replace(**settings), find_model(run).parent)
    height, width, _ = model.image_shape
    return _of_its_shape(model, open_dataset(config, size=(height, width)))


def open_dataset_of(
    flags: argparse.Namespace, model: SSVAE, run: PathLike = ""
) -> Dataset:
    """Return the data set that `--dataset` names, or the one of the model's training.

    Args:
        flags: The parsed arguments.
        model: The model.
        run: What names it; empty for the argument `run`.

    Raises:
        InputError: If there is no such data set, or its images have another shape than
            the model's.
    """
    stated = stated_settings(flags, *FILE_SETTINGS)
    if flags.data_dir:
        stated["data_dir"] = flags.data_dir
    if flags.dataset:
        return open_other(flags.dataset, model, **stated)
    return open_own_dataset(model, run or flags.run, **stated)


def open_other(name: str, model: SSVAE, **settings: Any) -> Dataset:
    """Return a data set by name, for a model that was trained on another one.

    Files are read as those of the training were, but without its table of labels.

    Args:
        name: Name or path of the data set.
        model: The model that will see its images.
        settings: Settings that differ from those of its training, for `Config`.

    Raises:
        InputError: See `open_dataset_of`.
    """
    usual = FILE_SETTINGS
    if is_resized(name) and not is_named(name):
        usual = {key: usual[key] for key in ("labels_csv", "skip_broken")}
    other = {"dataset": name, "data_dir": "", "image_size": 0, "test_fraction": 0.0}
    other["groups"] = ""
    config = model.config.replace(**usual | other | settings)
    height, width, _ = model.image_shape
    size = (height, width) if is_resized(name) and resizes(model) else 0
    return _of_its_shape(model, open_dataset(config, size=size))


def _of_its_shape(model, dataset):
    """Return the data set if its images have a shape that the model takes, or raise."""
    same_channels = dataset.image_shape[2] == model.image_shape[2]
    fits = model.has_features and same_channels
    if not fits and dataset.image_shape != model.image_shape:
        theirs, ours = (
            "x".join(map(str, shape))
            for shape in (dataset.image_shape, model.image_shape)
        )
        raise InputError(
            f"{dataset.name!r} has images of {theirs}, the model is of {ours}: need "
            "the same height, width and channels"
        )
    return dataset


def open_images(flags: argparse.Namespace, model: SSVAE) -> Images:
    """Return the images that the flags of `add_images` name.

    Args:
        flags: The parsed arguments.
        model: The model that will see the images.

    Raises:
        InputError: If there are no such images.
    """
    images: Images
    if flags.images:
        stated = FILE_SETTINGS | stated_settings(flags, *FILE_SETTINGS)
        images = ImageFiles(
            list(_places(flags.images)),
            brought(model, flags.run, stated["value_range"]),
            stated["skip_broken"],
            flags.shard,
            stated["file_column"],
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
    """Yield the paths that arguments name; `-` reads paths from standard input."""
    for place in arguments:
        lines = sys.stdin.read().splitlines() if place == "-" else [place]
        yield from (line for line in lines if line)


class _DatasetImages:
    """The images of one part of a data set, in chunks like those of `ImageFiles`."""

    def __init__(self, dataset, part, shard):
        self.name = f"{dataset.name}/{part}"
        self.images = dataset.images if part == "train" else dataset.test_part()[0]
        self.rows = shard_rows(len(self.images), *shard)
        self.skipped = {}
        self.lacks = {}

    def count(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[np.ndarray, list[str]]]:
        chunk = chunk_images(self.images.shape[1:])
        for start in self.rows[::chunk]:
            rows = self.images[start : min(start + chunk, self.rows.stop)]
            yield rows, [f"{self.name}[{start + row}]" for row in range(len(rows))]
