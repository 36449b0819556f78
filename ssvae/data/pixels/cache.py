"""Decoded images, kept on disk for the next reading of the same files."""

import contextlib
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from ssvae.data.damage import DAMAGE
from ssvae.data.store import take
from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.files.cache import folder, make_room

# Beginning of the files' names. Other files in the folder are not touched.
_NAME = "ssvae-images-"
# Size of all files together, bytes; and the part of the free disk one may take.
MAX_BYTES, MAX_SHARE = 4 * 2**30, 0.2
# Number of files, or bytes of all, from which they are kept: fewer are decoded sooner
# than a person notices.
MIN_FILES, MIN_BYTES = 2_000, 2**28
# Number of the method that decodes. Raise it when the same files and settings give
# other images.
FORMAT = 1
# Bytes of a digest, and bytes that are read at once for it.
DIGEST, CHUNK = 16, 2**20
# Digest of a file that cannot be read.
NO_DIGEST = bytes(DIGEST)


@dataclass(frozen=True)
class Kept:
    """The decoded images of some files.

    Attributes:
        images: uint8 array `(k, height, width, channels)` of the readable files.
        shown: uint8 array `(n,)` of the channels that each file shows; 0 if it cannot
            be read.
    """

    images: np.ndarray
    shown: np.ndarray


class DecodedCache:
    """The file that keeps the decoded images of some files.

    Its name depends on the settings and on the files' sizes. In it are digests of their
    contents, so that neither their names nor their times matter.

    Args:
        sizes: Size of each file, bytes.
        settings: What the images depend on besides, and what does not change between
            runs when written as text.
    """

    def __init__(self, sizes: Sequence[int], settings: object) -> None:
        import PIL

        what = FORMAT, PIL.__version__, settings, sorted(sizes)
        name = hashlib.blake2b(repr(what).encode(), digest_size=DIGEST).hexdigest()
        place = folder()
        worth = len(sizes) >= MIN_FILES or sum(sizes) >= MIN_BYTES
        self.path = place / f"{_NAME}{name}.npy" if place and worth else None

    def exists(self) -> bool:
        """Return whether there may be images of these files."""
        return self.path is not None and self.path.is_file()

    def load(self, digests: Sequence[bytes]) -> Kept | None:
        """Return the images of files; None if those were not kept.

        Args:
            digests: `digest_of` each file.
        """
        if self.path is None:
            return None
        try:
            kept, shown, images = _opened(self.path)
        except DAMAGE:
            return None
        wanted = _as_array(digests)
        if len(kept) != len(wanted):
            return None
        # The files may have other names by now, and another order.
        old, new = np.argsort(kept, kind="stable"), np.argsort(wanted, kind="stable")
        if not np.array_equal(kept[old], wanted[new]):
            return None
        source = np.empty(len(old), np.intp)
        source[new] = old
        with contextlib.suppress(OSError):
            self.path.touch()
        if np.array_equal(source, np.arange(len(source))):
            return Kept(images, shown)
        row_of = np.cumsum(shown > 0) - 1
        return Kept(take(images, row_of[source][shown[source] > 0]), shown[source])

    def save(self, digests: Sequence[bytes], kept: Kept) -> None:
        """Keep images, and delete those not used for longest beyond `MAX_BYTES`.

        If they cannot be written, or would take too much of the disk, nothing is kept.

        Args:
            digests: `digest_of` each file.
            kept: The images.
        """
        if self.path is None or kept.images.nbytes > MAX_BYTES:
            return
        with contextlib.suppress(InputError, OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.path.parent).free
            if kept.images.nbytes > MAX_SHARE * free:
                return
            with (
                new_file(self.path, (".npy",), overwrite=True) as partial,
                open(partial, "wb") as file,
            ):
                for array in (_as_array(digests), kept.shown, kept.images):
                    np.lib.format.write_array(file, array, allow_pickle=False)
            make_room(self.path.parent, f"*{_NAME}*.npy", MAX_BYTES)


def digest_of(file: IO[bytes]) -> bytes:
    """Return a digest of what a file holds, and go back to its beginning.

    Args:
        file: File opened to read bytes, at its beginning.
    """
    digest = hashlib.blake2b(digest_size=DIGEST)
    while content := file.read(CHUNK):
        digest.update(content)
    file.seek(0)
    return digest.digest()


def _as_array(digests):
    """Return digests as an array `(n, 2)`'s rows, each one item that can be sorted."""
    return np.frombuffer(b"".join(digests), f"S{DIGEST}")


def _opened(path: Path):
    """Return the digests, the channels and the images, which are mapped into memory."""
    with path.open("rb") as file:
        digests = np.lib.format.read_array(file, allow_pickle=False)
        shown = np.lib.format.read_array(file, allow_pickle=False)
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError("another version of the format")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype != np.uint8 or shape[0] != np.count_nonzero(shown):
            raise ValueError("other images")
        images = np.memmap(path, dtype, "r", file.tell(), shape)
    return digests, shown, images
