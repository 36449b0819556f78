"""IDX files, the format of MNIST and of data sets made like it."""

import gzip
import math
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.errors import InputError
from ssvae.types import PathLike

# Largest compressed file, bytes unpacked.
MAX_BYTES = 2**31

# Names of the four files, with or without `.gz` at the end, and of the two parts.
IMAGES, LABELS = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"
TRAIN, TEST = "train", "t10k"


def holds_idx(folder: PathLike) -> bool:
    """Return whether a folder holds training images in an IDX file."""
    return _is_there(Path(folder), IMAGES.format(TRAIN))


def load_idx(
    folder: PathLike, name: str, class_names: Sequence[str] | None = None
) -> Dataset:
    """Return the data set in a folder of four IDX files.

    The two files of the test part are read only when needed. In a folder of a person's
    own they may be missing: without images there is no test part, without labels its
    images are unlabeled.

    Args:
        folder: Path of the folder.
        name: Name of the data set.
        class_names: One name per class, of a data set whose files are known; None for
            the numbers up to the highest class.

    Raises:
        InputError: If a file is missing or damaged, or they do not fit together.
    """
    folder = Path(folder)
    for kind in (IMAGES, LABELS) if class_names else ():
        _find(folder, kind.format(TEST))

    def part(prefix, class_names):
        paths = [_find(folder, kind.format(prefix)) for kind in (IMAGES, LABELS)]
        images, labels = (idx_array(read_bytes(path), path) for path in paths)
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise InputError(
                f"data set {name!r}: {paths[0]} is of shape {images.shape}, {paths[1]} "
                f"of shape {labels.shape}: need (n, height, width) and (n,)"
            )
        highest = int(labels.max(initial=0))
        names = class_names or tuple(map(str, range(highest + 1)))
        if highest >= len(names):
            raise InputError(
                f"data set {name!r}: {paths[1]} holds a class {highest}, need 0 "
                f"to {len(names) - 1}"
            )
        return images[..., None], labels.astype(np.int64), names

    def read_test():
        if class_names or _is_there(folder, LABELS.format(TEST)):
            return part(TEST, names)[:2]
        path = _find(folder, IMAGES.format(TEST))
        test = idx_array(read_bytes(path), path)[..., None]
        return test, np.full(len(test), UNLABELED)

    images, labels, names = part(TRAIN, class_names)
    has_test = class_names or _is_there(folder, IMAGES.format(TEST))
    return Dataset(name, images, labels, tuple(names), read_test if has_test else None)


def read_bytes(path: PathLike) -> bytes:
    """Return the bytes of a file, unpacked if its name ends in `.gz`.

    Raises:
        InputError: If the file cannot be read or is damaged.
    """
    path = Path(path)
    try:
        if path.suffix != ".gz":
            return path.read_bytes()
        with gzip.open(path) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InputError(
                f"data file {path} unpacks to more than {MAX_BYTES:,} bytes: unpack it"
            )
        return content
    except OSError as error:
        # gzip.BadGzipFile is an OSError without strerror.
        reason = (error.strerror or "is damaged").lower()
        raise InputError(f"data file {path} {reason}: get it again") from None
    except (EOFError, zlib.error):
        raise InputError(
            f"data file {path} is truncated or damaged: get it again"
        ) from None


def idx_array(content: bytes, path: PathLike = "") -> np.ndarray:
    """Return the array in the bytes of an IDX file.

    Byte 3 is the number of axes. Their sizes follow, four bytes each, big-endian, and
    then the values, one byte each.

    Args:
        content: Bytes of the file, unpacked.
        path: Path of the file, for messages.

    Returns:
        uint8 array.

    Raises:
        InputError: If the bytes are something else.
    """
    rank = content[3] if len(content) > 3 and content[:3] == b"\0\0\x08" else 0
    start = 4 + 4 * rank
    if rank and len(content) >= start:
        shape = np.frombuffer(content, ">u4", count=rank, offset=4).tolist()
        if len(content) - start == math.prod(shape):
            return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
    raise InputError(
        f"data file {path} is no IDX file of bytes, or is cut off: get it again"
    )


def _is_there(folder, name):
    """Return whether a folder has one of the files, plain or compressed."""
    return (folder / name).is_file() or (folder / f"{name}.gz").is_file()


def _find(folder, name):
    """Return the path of one of the files, plain or compressed."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise InputError(
        f"{folder} has no {name} and no {name}.gz: need the files of both parts"
    )
