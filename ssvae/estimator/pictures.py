"""Images as an estimator takes them: arrays, paths of files, or Pillow's images."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from ssvae.config.pixel_range import value_limits
from ssvae.config.settings import Config
from ssvae.data.images import as_byte_images
from ssvae.data.pixels.many import Wanted, decode_images, read_headers
from ssvae.data.pixels.values import ValueRange
from ssvae.data.sizes import suited_size
from ssvae.data.tree.account import Account
from ssvae.data.tree.entries import Entry, cannot_read
from ssvae.errors import InputError

# Pillow's modes that PNG files hold. Images of other modes become TIFF files.
PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


def are_images(x: Any) -> bool:
    """Return whether samples are images: not rows of numbers.

    Args:
        x: What `fit` was given: an array of three or four axes, or a sequence whose
            first element is a path, one of Pillow's images, or an array that is one.
    """
    if _are_arrays(x):
        return True
    first = _first(x)
    return isinstance(first, (str, os.PathLike)) or _is_picture(first)


def as_bytes(x: Any, config: Config) -> np.ndarray:
    """Return images to train on, of one size.

    Args:
        x: See `are_images`. Arrays hold bytes, or floats in [0, 1].
        config: `Config`; for files `image_size` and `value_range` are read.

    Returns:
        uint8 array `(n, height, width, channels)`.

    Raises:
        InputError: If the images are something else, or a file cannot be read.
    """
    if _are_arrays(x):
        try:
            return as_byte_images(np.asarray(x))
        except ValueError as error:
            raise InputError(f"X: {error}") from None
    return _decoded(x, config, (config.image_size,) * 2, 0)


def as_model_images(
    x: Any, config: Config, image_shape: tuple[int, int, int]
) -> np.ndarray:
    """Return images as a trained model takes them.

    Args:
        x: See `are_images`.
        config: `Config` of the model; for files `value_range` is read.
        image_shape: Height, width and channels of the images that it learned from.

    Raises:
        InputError: If the images are something else, or a file cannot be read.
    """
    if not are_images(x):
        raise InputError(
            "X holds no images, but the estimator learned from images: need an array "
            "(n, height, width) or (n, height, width, channels), or a list of paths or "
            "PIL images"
        )
    if _are_arrays(x):
        return np.asarray(x)
    return _decoded(x, config, image_shape[:2], image_shape[2])


def _are_arrays(x):
    """Return whether samples are an array of images, or a list of arrays."""
    return getattr(x, "ndim", 1) in (3, 4) or getattr(_first(x), "ndim", 0) in (2, 3)


def _first(x):
    """Return the first sample; None if there is none."""
    if isinstance(x, (str, bytes, os.PathLike)) or not hasattr(x, "__len__"):
        return None
    # A data frame's columns are no samples.
    if getattr(x, "ndim", 1) != 1 or not len(x):
        return None
    return next(iter(x))


def _is_picture(value):
    from PIL import Image

    return isinstance(value, Image.Image)


def _decoded(x, config, size, channels):
    """Return files and pictures as bytes; `size` is 0, 0 for what suits them."""
    files = _Files(list(x))
    limits = value_limits(config.value_range)
    if not size[0]:
        headers = read_headers(files, files.entries)
        failed = [error for error in headers if isinstance(error, InputError)]
        if failed:
            raise failed[0]
        size = suited_size([(h.height, h.width) for h in headers])

    def refuse(row, error):
        raise error

    stated = ValueRange.stated(limits) if limits else None
    wanted = Wanted(size, channels, stated)
    return decode_images(files, files.entries, wanted, refuse).images


class _Files:
    """Files and pictures as a place whose files have numbers for names; see `Place`."""

    def __init__(self, samples: Sequence[Any]):
        self.path, self.account = Path(), Account()
        self.empty: list[str] = []
        self.samples = samples
        self.entries = [
            Entry(str(row), self._size(row, sample))
            for row, sample in enumerate(samples)
        ]

    def _size(self, row, sample):
        """Return the bytes of a file; what Pillow holds has as many as pixels."""
        if _is_picture(sample):
            return sample.width * sample.height
        if not isinstance(sample, (str, os.PathLike)):
            raise InputError(
                f"X[{row}] is a {type(sample).__name__}: need paths and PIL images "
                "alone, or an array"
            )
        try:
            return os.stat(sample).st_size
        except OSError as error:
            raise cannot_read(os.fspath(sample), error) from None

    def open(self, name: str) -> IO[bytes]:
        """Open a file, or what a picture would be as a file."""
        sample = self.samples[int(name)]
        if not _is_picture(sample):
            try:
                return open(sample, "rb")
            except OSError as error:
                raise cannot_read(os.fspath(sample), error) from None
        written = io.BytesIO()
        if sample.mode in PNG_MODES:
            sample.save(written, "PNG", compress_level=1)
        else:
            sample.save(written, "TIFF")
        written.seek(0)
        return written

    def where(self, name: str) -> str:
        """Return the path of a file, or the place of a picture in X."""
        sample = self.samples[int(name)]
        return f"X[{name}]" if _is_picture(sample) else os.fspath(sample)
