"""Data sets from folders of image files, with class folders or a list of labels."""

import functools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ssvae.config.settings import Config
from ssvae.data.classes import number_classes
from ssvae.data.dataset import Dataset
from ssvae.data.decode import (
    IMAGE_FORMATS,
    IMAGE_SUFFIXES,
    header_size,
    open_image,
)
from ssvae.data.images import as_byte_images
from ssvae.data.labels_csv import labels_of_csv
from ssvae.data.sizes import MAX_STORED_SIDE, suited_size
from ssvae.data.store import room_for, widened
from ssvae.errors import InputError
from ssvae.types import Say

# Folder of the images without a label, and folders of the two parts.
UNLABELED_FOLDER, TRAIN_FOLDER, TEST_FOLDER = "unlabeled", "train", "test"
# Files read at a time; progress is printed between.
CHUNK = 2_000


def holds_files(path: Path) -> bool:
    """Return whether a path is a folder, which may hold image files."""
    return path.is_dir()


def load_files(
    path: Path, config: Config, size: int | tuple[int, int] = 0, say: Say | None = None
) -> Dataset:
    """Return the data set of the image files at a path.

    Args:
        path: Path of a folder.
        config: `Config`; the settings of image files are read.
        size: Side, or height and width, in pixels that images are brought to, see
            `open_image`; 0 for what suits the images, see `suited_size`. The test part
            gets the size of the training part.
        say: Function that prints a line: the progress, and each file left out.

    Raises:
        InputError: If there are no images, a file cannot be read, or images and labels
            do not fit together.
    """
    folder, labels_csv, skip_broken = path, config.labels_csv, config.skip_broken
    say = say or (lambda text: None)
    parts = [folder / TRAIN_FOLDER, folder / TEST_FOLDER]
    has_parts = all(part.is_dir() for part in parts) and not labels_csv
    root = parts[0] if has_parts else folder
    paths = _image_paths(root)
    stated = labels_of_csv(root, paths, labels_csv) if labels_csv else None

    if not size:
        size = _suited_size(paths, skip_broken, say)
    _check(size, paths[0])

    def part(root, paths, class_names=None):
        texts = stated or [_class_of(path, root) for path in paths]
        images, kept = _decoded(paths, size, skip_broken, say)
        texts = [texts[row] for row in kept]
        where = labels_csv or str(root)
        labels, names = number_classes(np.array(texts, str), where, class_names)
        return images, labels, names, [str(paths[row]) for row in kept]

    images, labels, class_names, files = part(root, paths)
    if not has_parts:
        return Dataset(str(folder), images, labels, class_names, None, files=files)
    test_paths = _image_paths(parts[1])

    @functools.cache
    def read_test():
        test, classes, *_ = part(parts[1], test_paths, class_names)
        if test.shape[1:] != images.shape[1:]:
            raise InputError(
                f"{str(parts[1])!r} has images of shape {test.shape[1:]}, "
                f"{str(root)!r} of {images.shape[1:]}: need both grey or both in color"
            )
        return test, classes

    return Dataset(str(folder), images, labels, class_names, read_test, files=files)


def _image_paths(folder):
    """Return the image files below a folder, sorted; links to folders are not followed.

    Raises:
        InputError: If there are no image files, or a folder may not be read.
    """
    paths = []

    def refuse(error):
        raise InputError(f"cannot read {error.filename!r}: {error.strerror}")

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [
            Path(place, name)
            for name in names
            if Path(name).suffix.lower() in IMAGE_SUFFIXES and not name.startswith(".")
        ]
    if not paths:
        raise InputError(
            f"folder {str(folder)!r} holds no images: need one subfolder per class "
            "with image files in it, or image files and --labels-csv"
        )
    return sorted(paths)


def _class_of(path, root):
    """Return the class that an image's folder names; "" for none."""
    parts = path.relative_to(root).parts
    return "" if len(parts) == 1 or parts[0] == UNLABELED_FOLDER else parts[0]


def _suited_size(paths, skip_broken, say):
    """Return the height and width that suit the images of files."""
    sizes = [
        size
        for size in _each(header_size, paths, skip_broken)
        if not isinstance(size, InputError)
    ]
    # Without a readable header there is nothing to bring to a size.
    return suited_size(sizes, say) if sizes else MAX_STORED_SIDE


def _check(size, path):
    """Raise `InputError` if the networks cannot take images of this size."""
    height, width = np.broadcast_to(size, 2)
    try:
        as_byte_images(np.empty((1, height, width), np.uint8))
    except ValueError as error:
        raise InputError(f"{str(path)!r} and others: {error}") from None


def _decoded(paths, size, skip_broken, say):
    """Return the images of files, and the indices of the paths that could be read."""
    images, kept, tenth = None, [], -(-len(paths) // 10)
    decode = functools.partial(open_image, size=size)
    for row, image in enumerate(_each(decode, paths, skip_broken)):
        if isinstance(image, InputError):
            say(f"Left out: {image}.")
        else:
            if images is None:
                images = room_for(len(paths), image.shape, say)
            if image.shape[2] > images.shape[3]:
                images = widened(images, image.shape[2], say)
            images[len(kept)] = image
            kept.append(row)
        done = row + 1
        if len(paths) > CHUNK and (
            done == len(paths)
            or (done % CHUNK == 0 and done // tenth > (done - CHUNK) // tenth)
        ):
            say(f"{done:,} of {len(paths):,} images decoded.")
    if not kept:
        raise InputError(
            f"none of the {len(paths)} image files can be read: need images in one of "
            f"the formats {', '.join(IMAGE_FORMATS)}"
        )
    return images[: len(kept)], kept


def _each(read, paths, skip_broken) -> Iterator:
    """Yield what `read(path, name)` returns for each path, in order.

    For a file that cannot be read it is the `InputError`, which is raised unless
    `skip_broken` is true.
    """

    def attempt(path):
        try:
            return read(path, path)
        except InputError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), CHUNK):
            for result in pool.map(attempt, paths[start : start + CHUNK]):
                if isinstance(result, InputError) and not skip_broken:
                    pool.shutdown(cancel_futures=True)
                    raise InputError(f"{result}; --skip-broken leaves it out")
                yield result
