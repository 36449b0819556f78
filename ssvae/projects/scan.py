"""What a place of images holds, looked at before a project is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ssvae.config.settings import Config
from ssvae.config.suggest import in_words, suggest
from ssvae.data import holds_files, is_named, open_dataset
from ssvae.data.dataset import Dataset
from ssvae.data.layout.remarks import NO_CLASSES
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.headers import Header
from ssvae.data.pixels.many import read_headers
from ssvae.data.progress import share_of
from ssvae.data.reading.survey import survey
from ssvae.data.reading.understood import Understood, understood
from ssvae.errors import InputError
from ssvae.projects.sheet import contact_sheet
from ssvae.types import Say

if TYPE_CHECKING:
    from PIL import Image

Tell = Callable[[float], None]
# Images on the contact sheet.
ON_SHEET = 48
# Image files whose headers are read; of more, as many spread over all tell the sizes.
MAX_HEADERS = 4_000


@dataclass(frozen=True)
class Scan:
    """What a place of images holds, in words and numbers for a page.

    Attributes:
        config: `Config` for `Project.create`: how the images would be read.
        num_images: Number of images that are labeled and trained on.
        num_test: Number of images of a test part.
        classes: Dict from the name of each class that folders, names or tables tell to
            its number of images; empty if they tell none.
        sizes: Sizes of the images, in words.
        understood: What was understood of folders, names and tables, sentences.
        left_out: What is left out and why, lines.
        notes: What a person should look into, sentences.
        proposal: What would be trained, sentences.
        sheet: Picture of some images.
    """

    config: Config
    num_images: int
    num_test: int
    classes: dict[str, int]
    sizes: str
    sheet: Image.Image
    understood: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proposal: list[str] = field(default_factory=list)

    @property
    def num_labeled(self) -> int:
        """Number of images that have a class already."""
        return sum(self.classes.values())


def scan(
    place: str | Path | Config, say: Say | None = None, progress: Tell | None = None
) -> Scan:
    """Return what a place of images holds; only a few images are decoded.

    Args:
        place: Path of a folder, an archive, a table or an array file; a data set's
            name; or a `Config` that names it and states how it is read.
        say: Function that prints a line about work that takes long.
        progress: Function that is told the share that is done, from 0 to 1.

    Raises:
        InputError: If there are no images.
    """
    config = place if isinstance(place, Config) else _config(str(place))

    def told(line):
        if progress and (share := share_of(line)):
            progress(share)
        if say:
            say(line)

    path = Path(config.dataset).expanduser()
    if is_named(config.dataset) or not holds_files(path) or _is_idx(path):
        return _scan_of_arrays(config, open_dataset(config, say=told))
    return _scan_of_files(config, understood(path, config, told), told)


def _config(place):
    """Return the config for a place; files that cannot be read are left out."""
    path = Path(place).expanduser()
    files = not is_named(place) and holds_files(path) and not _is_idx(path)
    return Config(dataset=place, skip_broken=files)


def _is_idx(path):
    from ssvae.data.idx import holds_idx

    return path.is_dir() and holds_idx(path)


def _scan_of_files(config: Config, found: Understood, told: Say) -> Scan:
    """Return the scan of image files."""
    train, test = found.part("train"), found.part("test")
    entries = [train.entries[row] for row in _spread(len(train.entries), MAX_HEADERS)]
    headers = [
        header
        for header in read_headers(found.place, entries, told)
        if _is_good(header)
    ]
    if not headers:
        raise InputError(
            f"none of the {len(train.entries):,} image files in {config.dataset!r} can "
            "be read: need images, such as JPEG or PNG files; choose another folder"
        )
    size = config.image_size
    seen = survey(found.place, (entries, []), config, size, lambda line: None)
    images = list(_decoded(found, entries, seen.value_range, seen.size))
    channels = max((image.shape[2] for image in images), default=3)
    account, counts = found.account, Counter(name for name in train.classes if name)
    broken = len(entries) - len(headers)
    left_out = list(account.lines())
    if broken:
        left_out.append(f"Left out: {broken:,} image files that cannot be read.")
    scanned = Scan(
        config,
        len(train.entries) - broken,
        len(test.entries),
        dict(counts),
        _sizes(headers),
        contact_sheet(images),
        [*found.labeling.sentences, *seen.sentences],
        left_out,
        # Classes are named while people label.
        [note for note in found.labeling.notes if note != NO_CLASSES],
    )
    return _with_proposal(scanned, (*seen.size, channels))


def _scan_of_arrays(config: Config, dataset: Dataset) -> Scan:
    """Return the scan of images that are no files: they are read as a whole."""
    rows = _spread(len(dataset.images), ON_SHEET)
    names, counts = dataset.class_names, dataset.class_counts
    height, width, _ = dataset.image_shape
    test = dataset.read_test()[0] if dataset.read_test else ()
    scanned = Scan(
        config,
        len(dataset.images),
        len(test),
        dict(zip(names, counts, strict=True)),
        f"all of {width} x {height} pixels",
        contact_sheet([dataset.images[row] for row in rows]),
        notes=list(dataset.notes),
    )
    return _with_proposal(scanned, dataset.image_shape)


def _with_proposal(scanned: Scan, image_shape: tuple[int, int, int]) -> Scan:
    """Return the scan, with what would be trained if nothing else is stated."""
    count, counts = scanned.num_images, list(scanned.classes.values())
    suited = suggest(count, image_shape, {}, sum(counts), counts)
    words = in_words(Config(**suited), image_shape, count)
    return replace(scanned, proposal=words)


def _decoded(found, entries, value_range, size):
    """Yield some of the images, without those that cannot be read."""
    for row in _spread(len(entries), ON_SHEET):
        name = entries[row].name
        try:
            with found.place.open(name) as file:
                yield open_image(file, name, None, size, value_range)
        except InputError:
            continue


def _is_good(header):
    return isinstance(header, Header)


def _spread(count, most):
    """Return numbers of at most so many things, spread over all."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int)).tolist()


def _sizes(headers):
    """Return the sizes of images in words: "from 320 x 240 to 4,000 x 3,000 pixels"."""
    sizes = sorted({(head.pixels, head.width, head.height) for head in headers})
    first, last = (
        f"{width:,} x {height:,}" for _, width, height in (sizes[0], sizes[-1])
    )
    if len(sizes) == 1:
        return f"all of {first} pixels"
    return f"from {first} to {last} pixels"
