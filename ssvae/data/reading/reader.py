"""Data sets of image files: everything below a path, read or left out and told."""

import functools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ssvae.config.settings import Config
from ssvae.data.apart import set_apart
from ssvae.data.classes import number_classes
from ssvae.data.dataset import Dataset, Reading
from ssvae.data.pixels.brightness import darkness_note
from ssvae.data.pixels.formats import IMAGE_FORMATS
from ssvae.data.pixels.grey import color_note
from ssvae.data.pixels.many import Wanted, decode_images
from ssvae.data.reading.labeling import Labeling
from ssvae.data.reading.survey import Survey, survey
from ssvae.data.reading.understood import Part, understood
from ssvae.data.tree.account import Account
from ssvae.data.tree.entries import Place
from ssvae.errors import InputError
from ssvae.types import Say

# Why a file is left out whose name or content says that it is an image.
BROKEN = "unreadable image"


def load_files(
    path: Path, config: Config, size: int | tuple[int, int] = 0, say: Say | None = None
) -> Dataset:
    """Return the data set of the image files below a path.

    Args:
        path: Path of a folder, of an archive of one, or of a table that names image
            files beside it.
        config: `Config`; `FILE_SETTINGS` are read.
        size: Side, or height and width, in pixels that images are brought to, see
            `open_image`; 0 for what suits the images, see `suited_size`.
        say: Function that prints a line: the progress, and each file left out.

    Raises:
        InputError: If there are no images, a file cannot be read, or images and labels
            do not fit together.
    """
    name, say = str(path), say or (lambda text: None)
    found = understood(path, config, say)
    place, account, labeling = found.place, found.account, found.labeling
    train, test = found.part("train"), found.part("test")
    seen = survey(place, (train.entries, test.entries), config, size, say)
    reader = _Reader(place, account, seen, config.skip_broken, say)
    dataset = reader.training_part(name, train, labeling)
    told = dataset
    if test.entries:
        account.count_read(len(test.entries))
        read_test = functools.cache(lambda: reader.test_part(test, dataset))
        told = replace(dataset, read_test=read_test)
    return set_apart(told, labeling.groups) if labeling.groups else told


@dataclass(frozen=True)
class _Reader:
    """What decodes image files of a place, and counts those that cannot be."""

    place: Place
    account: Account
    seen: Survey
    skip_broken: bool
    say: Say

    def training_part(self, name: str, part: Part, labeling: Labeling) -> Dataset:
        """Return the data set without a test part."""
        found = self._decoded(part.entries, 0)
        if not found.rows:
            raise InputError(
                f"none of the {len(part.entries):,} image files can be read: need "
                f"images in one of the formats {', '.join(IMAGE_FORMATS)}"
            )
        self.account.count_read(len(found.rows))
        classes = [part.classes[row] for row in found.rows]
        labels, class_names = number_classes(classes, name)
        notes = (
            *labeling.notes,
            self._color_note(part, found),
            darkness_note(found.images, self.seen.limits),
        )
        sentences = *labeling.sentences, *self.seen.sentences
        return Dataset(
            name,
            found.images,
            labels,
            class_names,
            None,
            files=[self.place.where(part.entries[row].name) for row in found.rows],
            notes=tuple(note for note in notes if note),
            reading=Reading(sentences, self.account, self.seen.settings),
        )

    def test_part(self, part: Part, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
        """Return images and labels of the test part; -1 for classes not learned."""
        found = self._decoded(part.entries, dataset.image_shape[2])
        self.account.count_read(len(found.rows) - len(part.entries))
        if note := self._color_note(part, found):
            self.say(f"Test part: {note}")
        known = set(dataset.class_names)
        classes = [part.classes[row] for row in found.rows]
        classes = [name if name in known else "" for name in classes]
        labels, _ = number_classes(classes, dataset.name, dataset.class_names)
        return found.images, labels

    def _decoded(self, entries, channels):
        """Return the images of files, brought to one size."""

        def refuse(row, error):
            if not self.skip_broken:
                raise InputError(f"{error}; --skip-broken leaves it out")
            self.account.leave_out(BROKEN, entries[row].name)
            self.say(f"Left out: {error}.")

        wanted = Wanted(self.seen.size, channels, self.seen.value_range)
        return decode_images(
            self.place, entries, wanted, refuse, self.seen.largest, self.say
        )

    def _color_note(self, part, found):
        """Return a sentence about images that were made grey; "" if none was."""
        names = [self.place.where(part.entries[row].name) for row in found.in_color]
        return color_note(names, len(found.rows), found.images.shape[3])
