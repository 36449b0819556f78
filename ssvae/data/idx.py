"""IDX files, the format of MNIST and the sets made in its likeness."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from ssvae.data.dataset import Dataset
from ssvae.errors import InputError

# What a compressed file may unpack to.
MAX_BYTES = 2**31

# What the four files are called, plain or with `.gz` after it.
IMAGES, LABELS = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"
TRAIN, TEST = "train", "t10k"


def holds_idx(folder) -> bool:
    """Return whether a folder holds the training images of such a set."""
    name = IMAGES.format(TRAIN)
    return (folder / name).is_file() or (folder / f"{name}.gz").is_file()


def load_idx(folder, name, class_names=None) -> Dataset:
    """Return the data set in a folder of four IDX files.

    Args:
        folder: Path of the folder.
        name: What the data set is called.
        class_names: A name a class; None for the numbers up to the highest class.

    Raises:
        InputError: If a file is missing or damaged, or they do not fit together. The
            test part is read when it is asked for; that its files are there is
            checked at once.
    """
    folder = Path(folder)
    for kind in (IMAGES, LABELS):
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

    images, labels, names = part(TRAIN, class_names)
    return Dataset(name, images, labels, tuple(names), lambda: part(TEST, names)[:2])


def read_bytes(path) -> bytes:
    """Return a file's bytes, uncompressed if it ends in `.gz`.

    Raises:
        InputError: If it cannot be read or is damaged.
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
        raise InputError(f"data file {path} {reason}: get it anew") from None
    except (EOFError, zlib.error):
        raise InputError(
            f"data file {path} is truncated or damaged: get it anew"
        ) from None


def idx_array(content: bytes, path="") -> np.ndarray:
    """Return the uint8 array in IDX bytes: rank in byte 3, big-endian sizes, values.

    Raises:
        InputError: If the bytes are something else; the message names `path`.
    """
    rank = content[3] if len(content) > 3 and content[:3] == b"\0\0\x08" else 0
    start = 4 + 4 * rank
    if rank and len(content) >= start:
        shape = np.frombuffer(content, ">u4", count=rank, offset=4).tolist()
        if len(content) - start == math.prod(shape):
            return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
    raise InputError(
        f"data file {path} is no IDX file of bytes, or cut off: get it anew"
    )


def _find(folder, name):
    """Return the path of one of the files, plain or compressed."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise InputError(f"{folder} has no {name} and no {name}.gz: need both parts' files")
