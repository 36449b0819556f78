"""Images in files, read some at a time, so that any number of them fits into memory.

A place is an image file, an array file (`.npy`, or `.npz` with an array of images), or
a folder that holds such files at any depth.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ssvae.data import npz
from ssvae.data.decode import IMAGE_SUFFIXES, brought_to, open_image
from ssvae.data.images import as_float_images, checked_images
from ssvae.data.unknown import not_there
from ssvae.errors import InputError
from ssvae.types import PathLike

# Names that the images may have in an `.npz` file, in the order of preference.
ARRAY_NAMES = ("images", "x", "x_test", "x_train", "arr_0")
# Images of one chunk, about; and values of the images of one chunk, at most: larger
# images make smaller chunks, of some hundred megabytes.
CHUNK_IMAGES, CHUNK_VALUES = 2_000, 30_000_000


class ImageFiles:
    """The images of some places, in order.

    Args:
        places: Paths of image files, array files and folders.
        image_shape: Height, width and channels that every image must have.
        skip_broken: Whether to leave out, and list, files that cannot be used. None
            means no, and the error message does not mention `--skip-broken`.
        resize: Whether images of another size are brought to the height and width of
            `image_shape`, see `brought_to`.
        shard: Number of a part, from 1, and number of parts: only this part of the
            images is read. Parts have equal sizes and follow one another.

    Attributes:
        image_shape: Height, width and channels of the images.
        chunk: Number of images that are yielded at once, about.
        files: List of the path of each file, and the range of its rows that are read.
        skipped: Dict from the path of each file left out so far to the reason.
        blank: Names of the images yielded so far whose pixels are all alike.

    Raises:
        InputError: If a place does not exist, or holds no images.
    """

    def __init__(
        self,
        places: Iterable[PathLike],
        image_shape: tuple[int, int, int],
        skip_broken: bool | None = False,
        resize: bool = False,
        shard: tuple[int, int] = (1, 1),
    ) -> None:
        self.image_shape = image_shape
        self.chunk = chunk_images(image_shape)
        self.skip_broken = skip_broken
        self.size: int | tuple[int, int] = image_shape[:2] if resize else 0
        self.skipped: dict[str, str] = {}
        self.blank: list[str] = []
        paths = [path for place in places for path in _files(Path(place))]
        counts = [_num_images(path) for path in paths]
        part = shard_rows(sum(counts), *shard)
        # The first part also opens the files that seem empty, to say why they are.
        self.files: list[tuple[Path, range]] = []
        start = 0
        for path, count in zip(paths, counts, strict=True):
            rows = range(max(part.start - start, 0), min(part.stop - start, count))
            if rows or (not count and shard[0] == 1):
                self.files.append((path, rows))
            start += count

    def count(self) -> int:
        """Return how many images the files say they hold; unreadable ones say none."""
        return sum(len(rows) for _, rows in self.files)

    def __iter__(self) -> Iterator[tuple[np.ndarray, list[str]]]:
        """Yield chunks of images, and one name per image.

        The images are a float32 array `(n, h, w, c)` in [0, 1], n about `chunk`.
        The name of an image is the path of its file, or `path[row]` in an array.

        Raises:
            InputError: If a file cannot be used and `skip_broken` is not true; or, at
                the end, if nothing is on any image.
        """
        images, names, total = [], [], 0
        self.blank = []
        for path, wanted in self.files:
            try:
                for rows, row_names in self._read(path, wanted):
                    images.append(rows)
                    names += row_names
                    total += len(row_names)
                    self._note_blank(rows, row_names)
                    if len(names) >= self.chunk:
                        yield np.concatenate(images), names
                        images, names = [], []
            except InputError as error:
                if not self.skip_broken:
                    asked = self.skip_broken is not None
                    hint = "; --skip-broken leaves it out" if asked else ""
                    raise InputError(f"{error}{hint}") from None
                self.skipped[str(path)] = str(error)
        if names:
            yield np.concatenate(images), names
        if total and len(self.blank) == total:
            raise InputError(
                f"{self.blank[0]!r}{' and all others' if total > 1 else ''}: nothing "
                "but blank images, their pixels are all alike; need images with "
                "something on them"
            )

    def _note_blank(self, images, names):
        """Note which images have nothing on them."""
        alike = ~np.ptp(images.reshape(len(images), -1), axis=1).astype(bool)
        self.blank += [names[row] for row in np.flatnonzero(alike)]

    def _read(self, path, wanted):
        """Yield the wanted rows of one file, checked, and their names."""
        if path.suffix.lower() in IMAGE_SUFFIXES:
            image = open_image(path, path, self.image_shape[2], self.size)
            yield self._checked(path, image[None]), [str(path)]
            return
        array = npz.open_array(path, ARRAY_NAMES)
        if not len(array):
            raise InputError(f"{str(path)!r}: the array is empty; need images")
        if array.ndim < 3:
            raise InputError(
                f"{str(path)!r}: the array has shape {array.shape}; need "
                "(n, height, width) or (n, height, width, channels)"
            )
        for start in wanted[:: self.chunk]:
            rows = array[start : min(start + self.chunk, wanted.stop)]
            names = [f"{path}[{start + row}]" for row in range(len(rows))]
            yield self._checked(path, self._brought(path, rows)), names

    def _brought(self, path, images):
        """Return rows of an array, brought to the size if that is wanted."""
        if not self.size or images.shape[1:3] == self.size:
            return images
        shape = (*images.shape[1:3], self.image_shape[2])
        try:
            images = checked_images(images, shape)
        except ValueError as error:
            raise InputError(f"{str(path)!r}: {error}") from None
        if images.dtype != np.uint8:
            images = np.rint(255 * images).astype(np.uint8)
        return np.stack([brought_to(self.size, image) for image in images])

    def _checked(self, path, images):
        """Return images of one file as floats."""
        if images.ndim >= 3 and images.shape[1:3] != self.image_shape[:2]:
            (height, width), (rows, columns) = images.shape[1:3], self.image_shape[:2]
            raise InputError(
                f"{str(path)!r} is {width} pixels wide and {height} high, the model "
                f"takes {columns} by {rows} only, since it learned from arrays of this "
                "size: bring the images to it first"
            )
        try:
            return as_float_images(images, self.image_shape)
        except ValueError as error:
            raise InputError(f"{str(path)!r}: {error}") from None


def chunk_images(image_shape: tuple[int, ...]) -> int:
    """Return how many images of a shape are read at once, about."""
    return max(1, min(CHUNK_IMAGES, CHUNK_VALUES // math.prod(image_shape)))


def shard_rows(count: int, number: int, num_shards: int) -> range:
    """Return the rows of one part of many rows; parts have equal sizes, in order.

    Args:
        count: Number of all rows.
        number: Number of the part, from 1.
        num_shards: Number of parts.
    """
    return range(
        (number - 1) * count // num_shards,
        number * count // num_shards,
    )


def _num_images(path):
    """Return how many images a file says it holds."""
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return 1
    return npz.num_rows(path, ARRAY_NAMES)


def _files(place):
    """Return the files of a place, sorted."""
    known = IMAGE_SUFFIXES | npz.SUFFIXES
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
        raise InputError(f"no images at {str(place)!r}: {not_there(place)}")
    if place.suffix.lower() not in known:
        raise InputError(
            f"{str(place)!r} has an unknown ending: need an image file, .npy or .npz"
        )
    return [place]
