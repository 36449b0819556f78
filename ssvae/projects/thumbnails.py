"""Small pictures of all images of a project, made once, in one file."""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ssvae.data.parallel import in_threads
from ssvae.files.atomic import cannot_write, replaced
from ssvae.files.pictures import as_png

if TYPE_CHECKING:
    from PIL import Image

# Longer side of a thumbnail, pixels. Smaller images keep their size.
THUMBNAIL = 112
# Longer side of images that are kept without loss, pixels: JPEG blurs writing, and of
# so small a picture it saves nothing.
MAX_SHARP = 48
# Quality of the JPEG files: at 112 pixels about 4 KB each.
QUALITY = 82
# Files: all pictures one after the other; where each begins.
PICTURES_FILE, STARTS_FILE = "thumbnails.bin", "thumbnails.npy"
# First bytes of a PNG file.
PNG = b"\x89PNG"


class Thumbnails:
    """The thumbnails in a folder; `make` writes them.

    Args:
        folder: Path of the folder.

    Raises:
        OSError: If there are none.
        ValueError: If the files are damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._starts = np.load(folder / STARTS_FILE)
        with open(folder / PICTURES_FILE, "rb") as file:
            self._pictures = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if not len(self._starts) or self._starts[-1] != len(self._pictures):
            raise ValueError("the thumbnails were cut")

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, row: int) -> bytes:
        return self._pictures[self._starts[row] : self._starts[row + 1]]

    @classmethod
    def make(
        cls,
        folder: Path,
        images: np.ndarray,
        progress: Callable[[float], None] | None = None,
    ) -> Thumbnails:
        """Write the thumbnails of images into a folder, and return them.

        Args:
            folder: Path of the folder, which exists.
            images: uint8 array `(n, height, width, channels)`.
            progress: Function that is told the share that is done, from 0 to 1.

        Raises:
            InputError: If they cannot be written.
        """
        starts = np.zeros(len(images) + 1, np.int64)
        try:
            with (
                replaced(folder / PICTURES_FILE) as partial,
                replaced(folder / STARTS_FILE) as partial_starts,
            ):
                with open(partial, "wb") as file:
                    made = in_threads(lambda row: thumbnail(images[row]), _rows(images))
                    for row, picture in enumerate(made):
                        file.write(picture)
                        starts[row + 1] = starts[row] + len(picture)
                        if progress and row % 200 == 0:
                            progress(row / len(images))
                np.save(partial_starts, starts)
        except OSError as error:
            raise cannot_write(folder / PICTURES_FILE, error) from None
        return cls(folder)


def thumbnail(image: np.ndarray) -> bytes:
    """Return a small picture of an image, as the bytes of a PNG or JPEG file.

    Args:
        image: uint8 array `(height, width, channels)`, with 1 or 3 channels.
    """
    from PIL import Image

    picture = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
    if max(picture.size) <= MAX_SHARP:
        return as_png(picture)
    picture.thumbnail((THUMBNAIL, THUMBNAIL), reducing_gap=2.0)
    return as_jpeg(picture)


def as_jpeg(picture: Image.Image, quality: int = QUALITY) -> bytes:
    """Return a picture as the bytes of a JPEG file.

    Args:
        picture: Pillow's picture, in mode L or RGB.
        quality: Quality, from 1 to 95.
    """
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def type_of(picture: bytes) -> str:
    """Return the type of the bytes of a picture, as the web calls it."""
    return "image/png" if picture.startswith(PNG) else "image/jpeg"


def cover(pictures: Sequence[bytes], columns: int = 4) -> bytes:
    """Return thumbnails side by side as one JPEG file, for a list of projects.

    Args:
        pictures: Thumbnails, at least one; at most two rows of them are shown.
        columns: Number of pictures per row.
    """
    from PIL import Image, ImageOps

    shown = [Image.open(io.BytesIO(picture)) for picture in pictures[: 2 * columns]]
    columns = min(columns, len(shown))
    height = -(-len(shown) // columns) * THUMBNAIL
    sheet = Image.new("RGB", (columns * THUMBNAIL, height), "white")
    for number, picture in enumerate(shown):
        tile = ImageOps.fit(picture.convert("RGB"), (THUMBNAIL, THUMBNAIL))
        place = number % columns * THUMBNAIL, number // columns * THUMBNAIL
        sheet.paste(tile, place)
    return as_jpeg(sheet)


def _rows(images):
    return range(len(images))
