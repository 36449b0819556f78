"""Images in files, some at a time, so that any number of them fits into memory.

A place is an image file, an array file (`.npy`, or `.npz` with an array of images), or
a folder that holds such files at any depth.
"""

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ssvae.data.images import as_float_images
from ssvae.errors import InputError

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
)
# Whatever a file is called: to read some of the others, Pillow starts programs.
IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
ARRAY_SUFFIXES = frozenset({".npy", ".npz"})
# What an array of images is called in an `.npz` file, in the order of preference.
ARRAY_NAMES = ("images", "x", "x_test", "x_train", "arr_0")
CHUNK_IMAGES = 2_000
# What a file may unpack to: pixels of an image, bytes of an array in an archive. An
# array in a `.npy` file stays on the disk and may have any size.
MAX_PIXELS, MAX_ARRAY_BYTES = 2**26, 2**32


class ImageFiles:
    """The images of some places, in order.

    Args:
        places: List of paths: image files, array files, folders.
        image_shape: Height, width and channels that every image must have.
        skip_broken: Whether to leave out, and note, a file that cannot be used.

    Attributes:
        skipped: Dict of the files left out so far, path to reason.

    Raises:
        InputError: If a place is not there, or holds no images.
    """

    def __init__(self, places, image_shape, skip_broken=False):
        self.image_shape = tuple(image_shape)
        self.skip_broken = skip_broken
        self.skipped = {}
        self.paths = [path for place in places for path in _files(Path(place))]

    def count(self) -> int:
        """Return how many images the files say they hold; unreadable ones hold none."""
        return sum(map(_count, self.paths))

    def __iter__(self) -> Iterator[tuple[np.ndarray, list[str]]]:
        """Yield chunks of images and what each is called.

        The images are a float32 array `(n, h, w, c)` in [0, 1], n about `CHUNK_IMAGES`;
        a name is a file's path, or `path[row]` in an array.

        Raises:
            InputError: If a file cannot be used and broken ones are not to be skipped.
        """
        images, names = [], []
        for path in self.paths:
            try:
                for rows, row_names in self._read(path):
                    images.append(rows)
                    names += row_names
                    if len(names) >= CHUNK_IMAGES:
                        yield np.concatenate(images), names
                        images, names = [], []
            except InputError as error:
                if not self.skip_broken:
                    raise InputError(
                        f"{error}; --skip-broken goes on without"
                    ) from None
                self.skipped[str(path)] = str(error)
        if names:
            yield np.concatenate(images), names

    def _read(self, path):
        """Yield the images of one file, checked, and their names."""
        if path.suffix.lower() in IMAGE_SUFFIXES:
            image = open_image(path, path, self.image_shape[2])
            yield self._checked(path, image[None]), [str(path)]
            return
        array = _open_array(path)
        for start in range(0, len(array), CHUNK_IMAGES):
            rows = array[start : start + CHUNK_IMAGES]
            names = [f"{path}[{start + row}]" for row in range(len(rows))]
            yield self._checked(path, rows), names

    def _checked(self, path, images):
        """Return images of one file as floats, not all of them blank."""
        try:
            images = as_float_images(images, self.image_shape)
        except ValueError as error:
            raise InputError(f"{str(path)!r}: {error}") from None
        if not np.ptp(images.reshape(len(images), -1), axis=1).any():
            raise InputError(
                f"{str(path)!r}: nothing but blank images, every pixel like the next; "
                "need images with something on them"
            )
        return images


def _files(place):
    """Return the files of a place, sorted."""
    known = IMAGE_SUFFIXES | ARRAY_SUFFIXES
    if place.is_dir():
        paths = sorted(
            path for path in place.rglob("*") if path.suffix.lower() in known
        )
        if not paths:
            raise InputError(
                f"folder {str(place)!r} holds no images: need image files, .npy or .npz"
            )
        return paths
    if not place.is_file():
        raise InputError(f"no images at {str(place)!r}: need a file or a folder")
    if place.suffix.lower() not in known:
        raise InputError(
            f"{str(place)!r} is of no kind known here: need an image file, .npy or .npz"
        )
    return [place]


def open_image(file, name, channels) -> np.ndarray:
    """Return the pixels of an image file, of an animation the first picture's.

    Args:
        file: Path, or a file opened to be read as bytes.
        name: What to call it in a message.
        channels: 1 for grey, 3 for color; what the file holds is converted.

    Returns:
        uint8 array `(h, w, channels)`.

    Raises:
        InputError: If it is no image that can be read.
    """
    from PIL import Image

    try:
        with Image.open(file, formats=IMAGE_FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise ValueError(
                    f"it has {width:,} by {height:,} pixels, more than {MAX_PIXELS:,}"
                )
            array = np.asarray(picture.convert({1: "L", 3: "RGB"}[channels]))
    # What Pillow's decoders raise for damaged files is not to be foreseen.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise InputError(f"{str(name)!r} is no readable image: {reason}") from None
    return array.reshape(*array.shape[:2], channels)


def _open_array(path):
    """Return the array of images in an array file; a `.npy` file stays on the disk."""
    try:
        if path.suffix.lower() == ".npy":
            array = np.load(path, mmap_mode="r")
        else:
            array = _array_in_archive(path)
    # What NumPy and zipfile raise for damaged files is not to be foreseen.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise InputError(f"{str(path)!r} is no readable array: {reason}") from None
    if array.ndim < 3:
        raise InputError(
            f"{str(path)!r}: the array has shape {array.shape}; need "
            "(n, height, width) or (n, height, width, channels)"
        )
    return array


def _array_in_archive(path):
    """Return the array of images in an `.npz` file."""
    with zipfile.ZipFile(path) as archive:
        name, (shape, dtype) = _header(archive)
    size = math.prod(shape) * dtype.itemsize
    if size > MAX_ARRAY_BYTES:
        raise ValueError(
            f"{name} has {size:,} bytes, more than {MAX_ARRAY_BYTES:,}; save it as .npy"
        )
    with np.load(path) as arrays:
        return arrays[name]


def _header(archive):
    """Return the name of the array of images in an archive, and its shape and dtype."""
    name = _array_name([name.removesuffix(".npy") for name in archive.namelist()])
    with archive.open(f"{name}.npy") as file:
        major, _ = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0
            if major == 1
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
    return name, (shape, dtype)


def _array_name(names):
    """Return which array of an `.npz` file holds the images."""
    for name in ARRAY_NAMES:
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    raise ValueError(
        f"it holds {', '.join(names) or 'nothing'}; need one array, or one called "
        f"{', '.join(ARRAY_NAMES[:-1])}"
    )


def _count(path):
    """Return how many images a file says it holds, without reading them."""
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return 1
    try:
        if path.suffix.lower() == ".npy":
            return len(np.load(path, mmap_mode="r"))
        with zipfile.ZipFile(path) as archive:
            _, (shape, _) = _header(archive)
            return shape[0]
    # It is said when the file's turn comes.
    except Exception:
        return 0
