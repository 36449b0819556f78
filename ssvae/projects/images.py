"""The images of a project: their names, thumbnails, pixels, and the files."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ssvae.config.pixel_range import value_limits
from ssvae.config.settings import Config
from ssvae.data import open_dataset
from ssvae.data.dataset import Dataset
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.values import ValueRange
from ssvae.data.progress import share_of
from ssvae.data.tree.entries import Place
from ssvae.data.tree.folder import Folder
from ssvae.data.tree.listing import open_place
from ssvae.errors import InputError
from ssvae.files.atomic import cannot_write, replaced
from ssvae.files.pictures import as_png
from ssvae.files.waiting import waited_for
from ssvae.projects.kept import Kept, keep, names_of
from ssvae.projects.project import COVER_FILE, Project
from ssvae.projects.stamp import place_of
from ssvae.projects.thumbnails import MAX_SHARP, Thumbnails, as_jpeg, cover
from ssvae.types import Say

if TYPE_CHECKING:
    from PIL import Image

Tell = Callable[[float], None]
# Where each piece of work begins and ends, as shares of the time of the first opening,
# by the words of its lines; thumbnails are made in the rest of the time.
PIECES = {"image headers read": (0.0, 0.1), "images read": (0.1, 0.8)}
READ = 0.8
# Thumbnails on the picture of a project.
ON_COVER = 8
# Longer side, pixels, and quality of the pictures that a page shows at full size.
LONGEST, QUALITY = 1600, 90


class Images:
    """The images of a project; opened once per process, and shared by its threads.

    Attributes:
        names: Name of each image, what labels are kept by: its path below the folder of
            the images, or "image-000012" for images that are no files.
        dataset: The data set of the images, with the labels of its source. Its pixels
            are on the disk, and read as they are needed.
    """

    def __init__(self, project: Project, dataset: Dataset, made: Thumbnails) -> None:
        self.dataset, self._thumbnails = dataset, made
        self._config: Config = project.config
        self._place_path = place_of(project.config)
        self.names = names_of(dataset, self._place_path or Path())
        self._rows = {name: row for row, name in enumerate(self.names)}

    @classmethod
    def open(
        cls, project: Project, say: Say | None = None, progress: Tell | None = None
    ) -> Images:
        """Return the images of a project; see `Project.images`."""
        with contextlib.ExitStack() as stack:
            try:
                project.cache.mkdir(exist_ok=True)
                stack.enter_context(waited_for(project.cache / "lock"))
            except OSError as error:
                raise cannot_write(project.cache, error) from None
            return cls._opened(project, say, progress or (lambda share: None))

    @classmethod
    def _opened(cls, project, say, progress):
        # All images are labeled: those that models are tested on are drawn for each.
        folder, config = project.cache, project.config.replace(test_fraction=0.0)
        kept = Kept.load(folder, config)
        if kept:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                images = cls(project, kept.dataset(folder, config), Thumbnails(folder))
                if len(images._thumbnails) == len(images.names):
                    return images

        def told(line):
            share = share_of(line)
            for words, (start, end) in PIECES.items():
                if share is not None and words in line:
                    progress(start + (end - start) * share)
            if say:
                say(line)

        if project.holds_uploads and not any(Path(config.dataset).rglob("*")):
            raise InputError(
                f"project {project.name!r} has no images yet: drop some onto the page"
            )
        dataset = keep(folder, config, open_dataset(config, say=told))
        made = Thumbnails.make(
            folder,
            dataset.images,
            lambda share: progress(READ + (1 - READ) * share),
        )
        rows = range(0, len(made), max(1, len(made) // ON_COVER))
        # Without this picture the project is listed all the same.
        place = project.folder / COVER_FILE
        with contextlib.suppress(OSError), replaced(place) as partial:
            partial.write_bytes(cover([made[row] for row in rows][:ON_COVER]))
        progress(1.0)
        return cls(project, dataset, made)

    def __len__(self) -> int:
        return len(self.names)

    def row(self, name: str) -> int:
        """Return the number of an image, from 0.

        Raises:
            InputError: If there is no image of this name.
        """
        row = self._rows.get(name)
        if row is None:
            raise InputError(
                f"there is no image {name!r} in this project (any more): choose another"
            )
        return row

    def thumbnails(self, rows: Sequence[int]) -> list[bytes]:
        """Return small pictures of images, the bytes of PNG or JPEG files.

        Args:
            rows: Numbers of the images; see `thumbnails.type_of` for their types.
        """
        return [self._thumbnails[row] for row in rows]

    def original(self, name: str) -> Image.Image:
        """Return an image at the size of its file, upright, in mode L or RGB.

        Args:
            name: Name of the image.

        Raises:
            InputError: If there is no such image, or its file cannot be read.
        """
        from PIL import Image

        row, files = self.row(name), self.dataset.files
        if files is None:
            array = self.dataset.images[row]
        else:
            place = self._place
            inside = files[row].removeprefix(f"{place.where('x')[:-1]}")
            with place.open(inside) as file:
                array = open_image(file, files[row], value_range=self._value_range)
        return Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)

    def picture(self, name: str, longest: int = LONGEST) -> bytes:
        """Return an image for a page, the bytes of a PNG or JPEG file.

        Args:
            name: Name of the image.
            longest: Longer side, pixels, that a larger image is brought to.

        Raises:
            InputError: See `original`.
        """
        picture = self.original(name)
        if max(picture.size) <= MAX_SHARP:
            return as_png(picture)
        picture.thumbnail((longest, longest), reducing_gap=2.0)
        return as_jpeg(picture, QUALITY)

    @functools.cached_property
    def _place(self) -> Place:
        """The folder or the archive of the files."""
        path = self._place_path
        # The files of a folder are known: it need not be searched again.
        return Folder(path, []) if path and path.is_dir() else open_place(path or ".")

    @functools.cached_property
    def _value_range(self) -> ValueRange | None:
        """Values of black and white of the files."""
        reading = self.dataset.reading
        found = reading.settings.get("value_range", "auto") if reading else "auto"
        limits = value_limits(self._config.value_range) or value_limits(found)
        return ValueRange.stated(limits) if limits else None
