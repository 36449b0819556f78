"""Many image files: their headers, then their pixels in one array."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ssvae.data.damage import reading
from ssvae.data.parallel import in_threads
from ssvae.data.pixels.cache import NO_DIGEST, DecodedCache, Kept, digest_of
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.formats import IMAGE, MAX_PIXELS
from ssvae.data.pixels.gathered import Gathered
from ssvae.data.pixels.headers import Header, read_header
from ssvae.data.pixels.values import ValueRange
from ssvae.data.progress import Progress
from ssvae.data.tree.entries import Entry, Place
from ssvae.errors import InputError
from ssvae.hardware import cores_here
from ssvae.types import Say

# Called for a file that cannot be read, with its index. It may raise the error.
Refuse = Callable[[int, InputError], None]
# Pixels that are decoded at once by all threads, at most: some hundred megabytes.
PIXELS_AT_ONCE = 2**26


@dataclass(frozen=True)
class Wanted:
    """What image files are to be brought to.

    Attributes:
        size: Height and width, pixels.
        channels: 1 for grey, 3 for color; 0 for what suits the set, see
            `channels_of_set`.
        value_range: Values of black and white; None for those of each file's bits.
    """

    size: tuple[int, int]
    channels: int = 0
    value_range: ValueRange | None = None


@dataclass(frozen=True)
class Decoded:
    """The images of some files.

    Attributes:
        images: uint8 array `(k, height, width, channels)`, perhaps mapped into memory.
        rows: Indices of the files that could be read, in order.
        in_color: Indices of the files that are in color, see `color_note`.
    """

    images: np.ndarray
    rows: list[int]
    in_color: list[int]


def read_headers(
    place: Place, entries: Sequence[Entry], say: Say | None = None
) -> list[Header | InputError]:
    """Return the header of each image file, or why it cannot be read.

    Args:
        place: The place of the files.
        entries: The image files.
        say: Function that prints the progress.
    """

    def read(entry):
        try:
            with place.open(entry.name) as file:
                return read_header(file, place.where(entry.name))
        except InputError as error:
            return error

    progress, headers = Progress(len(entries), "image headers read", say), []
    for header in in_threads(read, entries):
        headers.append(header)
        progress.step()
    return headers


def decode_images(
    place: Place,
    entries: Sequence[Entry],
    wanted: Wanted,
    refuse: Refuse,
    largest: int = MAX_PIXELS,
    say: Say | None = None,
) -> Decoded:
    """Return the images of files, from the cache if they were decoded before.

    Args:
        place: The place of the files.
        entries: The image files.
        wanted: What they are brought to.
        refuse: Function that is called for each file that cannot be read, with its
            index and the error. It may raise it.
        largest: Pixels of the largest image, of its header. Fewer threads decode large
            images, so that memory suffices.
        say: Function that prints the progress.

    Raises:
        InputError: If there is no room for the images.
    """
    cache = DecodedCache([entry.size for entry in entries], wanted)
    digests = _digests(place, entries, say) if cache.exists() else []
    kept = cache.load(digests) if digests else None
    if kept:
        for row in np.flatnonzero(kept.shown == 0).tolist():
            # It is opened again for its error.
            _, result = _opened(place, entries[row], wanted, False)
            if isinstance(result, InputError):
                refuse(row, result)
    else:
        kept, digests = _all_decoded(place, entries, wanted, refuse, largest, say)
        cache.save(digests, kept)
    rows = np.flatnonzero(kept.shown).tolist()
    return Decoded(kept.images, rows, np.flatnonzero(kept.shown == 3).tolist())


def _all_decoded(place, entries, wanted, refuse, largest, say):
    """Decode images; return them, and the digests of the files."""
    gathered = Gathered(len(entries), wanted.size, wanted.channels, say)
    progress = Progress(len(entries), "images read", say)
    progress.expect(sum(entry.size for entry in entries))
    shown, digests = np.zeros(len(entries), np.uint8), []
    results = in_threads(
        lambda entry: _opened(place, entry, wanted),
        entries,
        max(1, min(len(cores_here()), PIXELS_AT_ONCE // largest)),
    )
    for row, (digest, result) in enumerate(results):
        digests.append(digest)
        if isinstance(result, InputError):
            refuse(row, result)
        else:
            gathered.add(result)
            shown[row] = result.shape[2]
        progress.step(entries[row].size)
    return Kept(gathered.finished(), shown), digests


def _opened(place, entry, wanted, with_digest=True):
    """Return the digest of a file and its image, or why there is none."""
    digest, name = NO_DIGEST, place.where(entry.name)
    try:
        with place.open(entry.name) as file:
            if with_digest:
                digest = _digest(file, name)
            image = open_image(file, name, None, wanted.size, wanted.value_range)
        return digest, image
    except InputError as error:
        return digest, error


def _digests(place, entries, say):
    """Return the digest of each file."""

    def digest(entry):
        name = place.where(entry.name)
        try:
            with place.open(entry.name) as file:
                return _digest(file, name)
        except InputError:
            return NO_DIGEST

    progress, digests = Progress(len(entries), "images compared", say), []
    progress.expect(sum(entry.size for entry in entries))
    for entry, found in zip(entries, in_threads(digest, entries), strict=True):
        digests.append(found)
        progress.step(entry.size)
    return digests


def _digest(file, name):
    with reading(name, IMAGE):
        return digest_of(file)
