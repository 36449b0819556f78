"""A folder of image files as a data set: class folders, or a list of labels."""

import csv
import functools
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ssvae.data.classes import number_classes
from ssvae.data.dataset import Dataset
from ssvae.data.decode import IMAGE_SUFFIXES, open_image
from ssvae.data.images import as_byte_images
from ssvae.data.store import room_for, widened
from ssvae.errors import InputError

# Folders that hold images of no known class, and those of the two parts.
UNLABELED_FOLDER, TRAIN_FOLDER, TEST_FOLDER = "unlabeled", "train", "test"
COLUMNS = ["file", "label"]
# Files decoded at a time, before it is said how far that is.
CHUNK = 2_000


def load_folder(folder, size=0, labels_csv="", skip_broken=False, say=None) -> Dataset:
    """Return the images in a folder.

    Their classes are the names of the folders they lie in, `unlabeled` for none, or
    stand in a CSV file. Where there are the folders `train` and `test`, these hold the
    two parts, else there is no test part.

    Args:
        folder: Path of the folder.
        size: Side in pixels that images are brought to, see `open_image`; 0 if all
            have the same size.
        labels_csv: Path of a CSV file with the columns `file`, a path in the folder,
            and `label`; files that it does not name, or names without a label, are
            unlabeled. Empty for class folders.
        skip_broken: Whether to leave out files that cannot be read.
        say: Function that prints a line: how far that is, what was left out.

    Raises:
        InputError: If the folder holds no images, or something does not fit.
    """
    folder, say = Path(folder), say or (lambda text: None)
    parts = [folder / TRAIN_FOLDER, folder / TEST_FOLDER]
    has_parts = all(part.is_dir() for part in parts) and not labels_csv
    root = parts[0] if has_parts else folder
    paths = _image_paths(root)
    stated = _labels_of_csv(root, paths, labels_csv) if labels_csv else None

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
                f"{str(root)!r} of {images.shape[1:]}: need the same height and width, "
                "or --image-size, and both grey or both in color"
            )
        return test[classes >= 0], classes[classes >= 0]

    return Dataset(str(folder), images, labels, class_names, read_test, files=files)


def _image_paths(folder):
    """Return the image files below a folder, sorted; links to folders are not followed.

    Raises:
        InputError: If there are none, or a folder may not be read.
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
            f"folder {str(folder)!r} holds no images: need a folder a class with image "
            "files in it, or image files and --labels-csv"
        )
    return sorted(paths)


def _class_of(path, root):
    """Return the class that an image's folder names; "" for none."""
    parts = path.relative_to(root).parts
    return "" if len(parts) == 1 or parts[0] == UNLABELED_FOLDER else parts[0]


def _labels_of_csv(root, paths, labels_csv):
    """Return the label of each path that a CSV file states, "" where it states none."""
    where = f"labels {labels_csv!r}"
    try:
        with open(labels_csv, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [
                name for name in COLUMNS if name not in (reader.fieldnames or [])
            ]
            if missing:
                raise InputError(
                    f"{where}: no column {missing[0]!r}; need {' and '.join(COLUMNS)} "
                    "in the first line"
                )
            rows = [(row["file"] or "", row["label"] or "") for row in reader]
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{where} is no CSV file: {error}") from None
    stated = {}
    for name, label in rows:
        if stated.setdefault(os.path.normpath(name), label) != label:
            raise InputError(f"{where}: {name!r} has two labels; need one a file")
    names = [str(path.relative_to(root)) for path in paths]
    unknown = stated.keys() - set(names)
    if unknown:
        raise InputError(
            f"{where}: {min(unknown)!r} is no image in {str(root)!r}; need paths as "
            f"seen from there, like {names[0]!r}"
        )
    return [stated.get(name, "") for name in names]


def _decoded(paths, size, skip_broken, say):
    """Return the images of files, and the rows of the paths that could be read."""
    images, kept, tenth = None, [], -(-len(paths) // 10)

    def decode(path):
        try:
            return open_image(path, path, size=size)
        except InputError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), CHUNK):
            some = paths[start : start + CHUNK]
            for row, image in enumerate(pool.map(decode, some), start):
                if isinstance(image, InputError):
                    if not skip_broken:
                        pool.shutdown(cancel_futures=True)
                        raise InputError(f"{image}; --skip-broken goes on without")
                    say(f"Left out: {image}.")
                    continue
                if images is None:
                    _check(image, paths[row])
                    images = room_for(len(paths), image.shape, say)
                elif image.shape[:2] != images.shape[1:3]:
                    raise _of_mixed_sizes(images, paths[kept[0]], image, paths[row])
                if image.shape[2] > images.shape[3]:
                    images = widened(images, image.shape[2], say)
                images[len(kept)] = image
                kept.append(row)
            done = start + len(some)
            if len(paths) > CHUNK and (
                done == len(paths) or done // tenth > start // tenth
            ):
                say(f"{done:,} of {len(paths):,} images decoded.")
    if not kept:
        raise InputError(f"none of the {len(paths)} image files could be read")
    return images[: len(kept)], kept


def _check(image, path):
    """Raise `InputError` if an image has a size that the networks are not made for."""
    try:
        as_byte_images(image[None])
    except ValueError as error:
        raise InputError(f"{str(path)!r} and others: {error}") from None


def _of_mixed_sizes(images, first, image, path):
    """Return the error that two images of different sizes make."""
    (_, height, width, _), (other_height, other_width, _) = images.shape, image.shape
    return InputError(
        f"images of mixed sizes: {str(first)!r} has {width} by {height} pixels, "
        f"{str(path)!r} {other_width} by {other_height}: choose one with --image-size"
    )
