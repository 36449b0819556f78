"""What image files have in common: their size, values, pages; from their headers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ssvae.config.pixel_range import value_limits
from ssvae.config.settings import Config
from ssvae.data.images import as_byte_images
from ssvae.data.pixels.decode import read_values
from ssvae.data.pixels.headers import BITS, Header
from ssvae.data.pixels.many import read_headers
from ssvae.data.pixels.values import FULL_BYTES, Limits, ValueRange, find_value_range
from ssvae.data.sizes import MAX_STORED_SIDE, suited_size
from ssvae.data.tree.entries import Entry, Place
from ssvae.errors import InputError
from ssvae.types import Say


@dataclass(frozen=True)
class Survey:
    """How the image files of a set are to be decoded.

    Attributes:
        size: Height and width that all images are brought to, pixels.
        value_range: Values of black and white.
        limits: These values for the kind of pixels that most files have.
        largest: Pixels of the largest image.
        sentences: What was found and assumed.
        settings: Settings of `Config` that held "auto", and what they stand for.
    """

    size: tuple[int, int]
    value_range: ValueRange
    limits: Limits
    largest: int
    sentences: list[str]
    settings: dict[str, Any]


def survey(
    place: Place,
    parts: tuple[Sequence[Entry], Sequence[Entry]],
    config: Config,
    size: int | tuple[int, int],
    say: Say,
) -> Survey:
    """Return how image files are to be decoded, from their headers and some pixels.

    Args:
        place: The place of the files.
        parts: The image files of the training part, whose sizes count, and those of the
            test part.
        config: `Config`; `value_range` and `skip_broken` are read.
        size: Side, or height and width, pixels; 0 for what suits the images.
        say: Function that prints the progress.

    Raises:
        InputError: If a file is no image and `skip_broken` is false, or the networks
            cannot take images of the size.
    """
    entries = [entry for part in parts for entry in part]
    found = read_headers(place, entries, say)
    broken = [result for result in found if isinstance(result, InputError)]
    if broken and not config.skip_broken:
        more = f" ({len(broken):,} such files)" if len(broken) > 1 else ""
        raise InputError(f"{broken[0]}{more}; --skip-broken leaves it out")
    good = [row for row, result in enumerate(found) if isinstance(result, Header)]
    headers: list[Header] = [found[row] for row in good]  # type: ignore[misc]
    sentences: list[str] = []
    if not size:
        count = np.searchsorted(good, len(parts[0]))
        sizes = [(header.height, header.width) for header in headers[:count]]
        # Without a readable header there is nothing to bring to a size.
        size = suited_size(sizes, sentences.append) if sizes else MAX_STORED_SIDE
    height, width = np.broadcast_to(size, 2).tolist()
    if entries:
        _check(height, width, place.where(entries[0].name))
    sentences += _pages([entries[row].name for row in good], headers)
    limits, settings = value_limits(config.value_range), {}
    if limits:
        value_range = ValueRange.stated(limits)
    else:
        value_range, sentence = find_value_range(
            headers, lambda row: _values(place, entries[good[row]].name)
        )
        sentences += [sentence] if sentence else []
        settings = _as_setting(value_range, headers)
    largest = max((header.pixels for header in headers), default=1)
    kinds = Counter(header.kind for header in headers)
    kind = max(kinds, key=kinds.__getitem__, default="")
    usual = value_range.limits(kind) or FULL_BYTES
    return Survey((height, width), value_range, usual, largest, sentences, settings)


def _check(height, width, where):
    """Raise `InputError` if the networks cannot take images of this size."""
    try:
        as_byte_images(np.empty((1, height, width), np.uint8))
    except ValueError as error:
        raise InputError(f"{where!r} and others: {error}") from None


def _pages(names, headers):
    """Return a sentence about files with several pictures, if there are any."""
    several = [row for row, header in enumerate(headers) if header.frames > 1]
    if not several:
        return []
    first, count = several[0], headers[several[0]].frames
    one = len(several) == 1
    return [
        f"{len(several):,} {'file has' if one else 'files have'} several pictures or "
        f"pages ({names[first]}: {count:,}); the first is read."
    ]


def _values(place, name):
    """Return the pixels of a file as they are; None if they cannot be read."""
    try:
        with place.open(name) as file:
            return read_values(file, place.where(name))
    except InputError:
        return None


def _as_setting(value_range, headers):
    """Return the setting that stands for a range; none if each file has its own."""
    kinds = {header.kind for header in headers} - {BITS}
    if len(kinds) != 1:
        return {}
    limits = value_range.limits(kinds.pop())
    if limits in (None, FULL_BYTES):
        return {}
    return {"value_range": " ".join(f"{value:.9g}" for value in limits)}
