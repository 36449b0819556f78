"""Images in files, read some at a time, so that any number of them fits into memory.

A place is an image file, an array file (`.npy`, or `.npz` with an array of images), a
folder or an archive that holds such files at any depth, or a table that names image
files beside it. The same rules as for data sets say which files are read.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from ssvae.data import npz
from ssvae.data.parallel import in_threads
from ssvae.data.reading.brought import Brought
from ssvae.data.reading.places import Found, found_at
from ssvae.data.tree.account import Account
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
        places: Paths of image files, array files, folders, archives and tables.
        brought: What the images are brought to.
        skip_broken: Whether to leave out, and list, files that cannot be used. None
            means no, and the error message does not mention `--skip-broken`.
        shard: Number of a part, from 1, and number of parts: only this part of the
            images is read. Parts have equal sizes and follow one another.
        file_column: Column of a table with the files, see `choose_columns`.

    Attributes:
        chunk: Number of images that are yielded at once, about.
        files: List of each file, and the range of its rows that are read.
        account: What became of the files that are no images.
        skipped: Dict from the path of each file left out so far to the reason.
        blank: Names of the images yielded so far whose pixels are all alike.
        lacks: Dict from the name of each picture yielded so far that is unlike the
            model's images, before it is brought to their form, to the reason.

    Raises:
        InputError: If a place does not exist, or holds no images.
    """

    def __init__(
        self,
        places: Iterable[PathLike],
        brought: Brought,
        skip_broken: bool | None = False,
        shard: tuple[int, int] = (1, 1),
        file_column: str = "",
    ) -> None:
        self.brought = brought
        self.chunk = chunk_images(brought.image_shape)
        self.skip_broken = skip_broken
        self.skipped: dict[str, str] = {}
        self.blank: list[str] = []
        self.lacks: dict[str, str] = {}
        # A part of the images may be blank by chance.
        self.is_whole = shard[1] == 1
        found, self.account = [], Account()
        for place in places:
            files, account = found_at(Path(place), file_column)
            found += files
            self.account += account
        counts = [_num_images(file) for file in found]
        part = shard_rows(sum(counts), *shard)
        # The first part also opens the files that seem empty, to say why they are.
        self.files: list[tuple[Found, range]] = []
        start = 0
        for file, count in zip(found, counts, strict=True):
            rows = range(max(part.start - start, 0), min(part.stop - start, count))
            if rows or (not count and shard[0] == 1):
                self.files.append((file, rows))
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
        for rows, row_names in self._read_all():
            images.append(rows)
            names += row_names
            total += len(row_names)
            self._note_blank(rows, row_names)
            if len(names) >= self.chunk:
                yield np.concatenate(images), names
                images, names = [], []
        if names:
            yield np.concatenate(images), names
        if total and len(self.blank) == total and self.is_whole:
            raise InputError(
                f"{self.blank[0]!r}{' and all others' if total > 1 else ''}: nothing "
                "but blank images, their pixels are all alike; need images with "
                "something on them"
            )

    def _note_blank(self, images, names):
        """Note which images have nothing on them."""
        alike = ~np.ptp(images.reshape(len(images), -1), axis=1).astype(bool)
        self.blank += [names[row] for row in np.flatnonzero(alike)]

    def _read_all(self):
        """Yield images, one or more, and their names, of all files in order."""
        for is_array, group in groupby(self.files, lambda item: item[0].is_array):
            if is_array:
                for file, wanted in group:
                    try:
                        yield from self._rows(file.where, wanted)
                    except InputError as error:
                        self._refuse(file.where, error)
                continue
            files = [file for file, _ in group]
            results = in_threads(self.brought.image_of, files)
            for file, result in zip(files, results, strict=True):
                if isinstance(result, InputError):
                    self._refuse(file.where, result)
                    continue
                if result.lack:
                    self.lacks[file.where] = result.lack
                yield result.image[None], [file.where]

    def _refuse(self, where, error):
        """Note a file that is left out, or raise its error."""
        if not self.skip_broken:
            asked = self.skip_broken is not None
            hint = "; --skip-broken leaves it out" if asked else ""
            raise InputError(f"{error}{hint}") from None
        self.skipped[where] = str(error)

    def _rows(self, where, wanted):
        """Yield the wanted rows of an array file, checked, and their names."""
        array = npz.open_array(Path(where), ARRAY_NAMES)
        if not len(array):
            raise InputError(f"{where!r}: the array is empty; need images")
        if array.ndim < 3:
            raise InputError(
                f"{where!r}: the array has shape {array.shape}; need "
                "(n, height, width) or (n, height, width, channels)"
            )
        for start in wanted[:: self.chunk]:
            rows = array[start : min(start + self.chunk, wanted.stop)]
            names = [f"{where}[{start + row}]" for row in range(len(rows))]
            yield self.brought.images_of(where, rows), names


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


def _num_images(file):
    """Return how many images a file says it holds."""
    return npz.num_rows(Path(file.where), ARRAY_NAMES) if file.is_array else 1
