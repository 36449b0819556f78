"""What is black and what is white in the image files of a set."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ssvae.data.pixels.headers import BYTES, FLOATS, WORDS, Header

# Values of black and white.
Limits = tuple[float, float]
# Limits of images of 8 bits that use them all.
FULL_BYTES = (0.0, 255.0)
# White of images of more than 8 bits: the largest values of usual bit depths. The
# smallest that no pixel exceeds is taken.
WORD_TOPS = (1, 255, 1023, 4095, 16383, 65535)
# White of images of floats that start at 0; otherwise percentiles are black and white.
FLOAT_TOPS = (1, 255)
# Percentiles of the pixels that become black and white where no usual range fits.
LOW_PERCENT, HIGH_PERCENT = 0.1, 99.9
# Smallest part of a usual range that the pixels between these percentiles fill. Of
# less, too few of 255 grey levels would be left, and the percentiles are taken.
FILLED = 1 / 8
# Number of images of each kind that are looked at; for 8 bits, fewer: nearly always
# they use the full range. Where the first do not, many more are looked at.
SAMPLE_IMAGES, SAMPLE_BYTES, MORE_BYTES = 64, 16, 256
# Pixels of all images of a kind that are looked at, at most: some seconds of decoding.
SAMPLE_PIXELS = 2**27
# Pixels of one image that the percentiles are computed from.
PIXELS_OF_IMAGE = 20_000


@dataclass(frozen=True)
class ValueRange:
    """The values of black and white, for each kind of pixels.

    Attributes:
        bytes: Limits of images of 8 bits.
        words: Limits of images of more bits; None for those of a file's own bit depth.
        floats: Limits of images of floats; None for 0 and 1, and other files are
            refused.
    """

    bytes: Limits = FULL_BYTES
    words: Limits | None = None
    floats: Limits | None = None

    @classmethod
    def stated(cls, limits: Limits) -> "ValueRange":
        """Return the range in which these limits hold for every kind of pixels.

        Images of 8 bits that cannot hold them keep their full range.
        """
        fit = min(limits) >= 0 and max(limits) <= FULL_BYTES[1]
        return cls(limits if fit else FULL_BYTES, limits, limits)

    def limits(self, kind: str) -> Limits | None:
        """Return the limits of a kind of pixels, see `headers`.

        None if each file has its own.
        """
        return {BYTES: self.bytes, WORDS: self.words, FLOATS: self.floats}.get(kind)


def find_value_range(
    headers: Sequence[Header], read: Callable[[int], np.ndarray | None]
) -> tuple[ValueRange, str]:
    """Return the values of black and white in a set, and a sentence about them.

    They are found for the set, not for each file: a dark image stays darker than the
    others. Each kind of pixels has its own.

    Args:
        headers: Header of each image.
        read: Function that returns the pixels of an image, given its index, as
            `decode.read_values` does; None if they cannot be read. It is called for a
            sample of the images.

    Returns:
        The range, and the sentence; "" if all images have 8 bits and use them.
    """
    found: dict[str, Limits] = {}
    sentences = []
    for kind, count in (
        (BYTES, SAMPLE_BYTES),
        (WORDS, SAMPLE_IMAGES),
        (FLOATS, SAMPLE_IMAGES),
    ):
        rows = [row for row, header in enumerate(headers) if header.kind == kind]
        if not rows:
            continue
        sample = _Sample(map(read, _spread(rows, headers, count)))
        if kind == BYTES and sample.high == 1:
            sample = _Sample(map(read, _spread(rows, headers, MORE_BYTES)))
        if not sample.count:
            continue
        found[kind], reason = _limits_of(kind, sample)
        if found[kind] != FULL_BYTES or kind != BYTES:
            sentences.append(_sentence(kind, found[kind], reason))
    return ValueRange(**found), " ".join(sentences)


def as_bytes(array: np.ndarray, limits: Limits) -> np.ndarray:
    """Return pixels with black as 0 and white as 255, rounded.

    Args:
        array: Array of numbers of any shape. What is no number becomes 0.
        limits: Values of black and white. Black may be the larger one.

    Returns:
        uint8 array of the same shape.
    """
    if array.dtype in (np.uint8, np.uint16):
        return _table(limits, array.dtype.str)[array]
    low, high = limits
    dtype = np.float32 if array.dtype == np.float32 else np.float64
    wide: np.ndarray = array.astype(dtype, copy=False)
    with np.errstate(all="ignore"):
        wide = (wide - low) * (255 / (high - low))
        np.clip(np.rint(wide, out=wide), 0, 255, out=wide)
    return np.nan_to_num(wide, copy=False, nan=0).astype(np.uint8)


@functools.lru_cache(maxsize=8)
def _table(limits, dtype):
    """Return the grey level of every value of a small whole number."""
    values = np.arange(np.iinfo(dtype).max + 1, dtype=np.float64)
    return as_bytes(values, limits)


class _Sample:
    """What is known of the pixels of some images."""

    def __init__(self, arrays: Iterable[np.ndarray | None]):
        self.count, self.low, self.high = 0, np.inf, -np.inf
        parts = []
        for array in arrays:
            pixels = np.zeros(0) if array is None else array.ravel()
            if pixels.dtype.kind == "f":
                pixels = pixels[np.isfinite(pixels)]
            if not pixels.size:
                continue
            self.count += 1
            self.low = min(self.low, float(pixels.min()))
            self.high = max(self.high, float(pixels.max()))
            parts.append(pixels[:: -(-pixels.size // PIXELS_OF_IMAGE)])
        pixels = np.concatenate(parts) if parts else np.zeros(1)
        self.dark, self.bright = np.percentile(pixels, (LOW_PERCENT, HIGH_PERCENT))

    def fits(self, top: float) -> bool:
        """Return whether all pixels are from 0 to a value and fill enough of that."""
        flat = self.bright == self.dark
        wide = self.bright - self.dark >= FILLED * top
        return self.low >= 0 and self.high <= top and (flat or wide)

    @property
    def seen(self) -> str:
        """What was seen, in words."""
        images = "1 image" if self.count == 1 else f"{self.count} images"
        return f"{images} looked at with values from {self.low:.6g} to {self.high:.6g}"


def _limits_of(kind, sample):
    """Return the limits of a kind of pixels, and what they come from."""
    if kind == BYTES:
        return (0.0, 1.0) if sample.high == 1 else FULL_BYTES, sample.seen
    return _top_limits(sample, WORD_TOPS if kind == WORDS else FLOAT_TOPS)


def _top_limits(sample, tops):
    """Return the limits of a usual range, or percentiles."""
    top = next((top for top in tops if sample.high <= top), 0)
    if top and sample.fits(top):
        return (0.0, float(top)), sample.seen
    if sample.dark == sample.bright:
        wide = sample.high > sample.low
        limits = (sample.low, sample.high) if wide else (sample.low, sample.low + 1)
        return limits, sample.seen
    reason = f"{sample.seen}, of which 99.8 % lie between"
    return (float(sample.dark), float(sample.bright)), reason


_WORDS = {BYTES: "of 8 bits", WORDS: "of more than 8 bits", FLOATS: "of floats"}


def _sentence(kind, limits, reason):
    low, high = limits
    return (
        f"Pixels {_WORDS[kind]}: {low:.6g} is taken for black and {high:.6g} for white "
        f'({reason}); --value-range "BLACK WHITE" states others.'
    )


def _spread(rows, headers, count):
    """Return at most so many rows, evenly spread, of at most `SAMPLE_PIXELS`."""
    total = sum(headers[row].pixels for row in rows) or 1
    count = max(1, min(count, len(rows), len(rows) * SAMPLE_PIXELS // total))
    return [rows[place * len(rows) // count] for place in range(count)]
