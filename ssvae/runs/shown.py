"""What the pages of the app show of a run: some images, answers, and where they lie.

With this file, `shown.npz` of a run folder, a page needs no data set.
"""

import dataclasses
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.runs.folder import SHOWN_FILE
from ssvae.types import PathLike

# Which part of the data set the images are of: the first of these that a run has.
TEST, HELD_OUT, TRAINING = "test", "held out", "training"
# Size of the pictures together, bytes, at most: a shipped model is a download.
MAX_BYTES = 750_000
# Longer side of images that are kept exactly, pixels, at most. Larger ones are
# photographs, whose pixels need not be exact, and with this quality of WebP, percent.
EXACT_SIDE, QUALITY = 64, 88
# What reading a damaged file raises.
DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Shown:
    """Answers of a model for images of a run, and pictures of some of them.

    Attributes:
        part: `TEST`, `HELD_OUT` or `TRAINING`: what the images are.
        class_names: One name per class of the labels. A model without classes may have
            learned from images that have some.
        labels: int64 array `(m,)`, the class that is known of each image, -1 for none.
        predicted: int64 array `(m,)`, the class that the model takes it for.
        confidence: float32 array `(m,)`, calibrated probability of that class.
        kept: int64 array `(k,)`, which of the m images have a picture.
        images: uint8 array `(k, h, w, c)`, the pictures.
        num_drawn: The first so many pictures were drawn at random; the others are
            mistakes that the model is sure of.
        active: int64 array, the latent variables in use, the most active first.
        places: float32 array `(num_drawn, 2)`, where the first pictures lie on a map;
            None as long as it is not made.
    """

    part: str
    class_names: tuple[str, ...]
    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    kept: np.ndarray
    images: np.ndarray
    num_drawn: int
    active: np.ndarray
    places: np.ndarray | None = None

    def save(self, path: PathLike) -> None:
        """Write the file whole or not at all.

        Raises:
            InputError: If the file cannot be written.
        """
        pictures = list(encoded(self.images))
        arrays: dict[str, Any] = {
            "labels": self.labels.astype(np.int16),
            "predicted": self.predicted.astype(np.int16),
            "confidence": self.confidence.astype(np.float32),
            "kept": self.kept.astype(np.int32),
            "pictures": np.frombuffer(b"".join(pictures), np.uint8),
            "ends": np.cumsum([len(picture) for picture in pictures]),
            "channels": np.array(self.images.shape[-1]),
            "part": np.array(self.part),
            "class_names": np.array(self.class_names, np.str_),
            "num_drawn": np.array(self.num_drawn),
            "active": self.active.astype(np.int16),
        }
        if self.places is not None:
            arrays["places"] = self.places.astype(np.float32)
        with new_file(path, (".npz",), overwrite=True) as partial:
            np.savez_compressed(partial, **arrays)

    def with_places(self, places: np.ndarray) -> "Shown":
        """Return the same with places on a map, `(num_drawn, 2)`."""
        return dataclasses.replace(self, places=places)


def load_shown(run: PathLike) -> Shown | None:
    """Return what the pages show of a run folder; None if it holds no such file.

    Raises:
        InputError: If the file is damaged.
    """
    path = Path(run) / SHOWN_FILE
    if not path.is_file():
        return None
    try:
        with open(path, "rb") as file, np.load(file) as arrays:
            return _shown(arrays)
    except DAMAGE as error:
        raise InputError(
            f"{str(path)!r} is damaged ({error}): delete it; the app makes it again if "
            "the images are on this machine"
        ) from None


def _shown(arrays):
    """Return `Shown` from the arrays of its file."""
    pictures, ends = arrays["pictures"].tobytes(), arrays["ends"]
    starts = [0, *ends[:-1]]
    images = _decoded(
        [pictures[start:end] for start, end in zip(starts, ends, strict=True)],
        int(arrays["channels"]),
    )
    return Shown(
        part=str(arrays["part"]),
        class_names=tuple(arrays["class_names"].tolist()),
        labels=arrays["labels"].astype(np.int64),
        predicted=arrays["predicted"].astype(np.int64),
        confidence=arrays["confidence"],
        kept=arrays["kept"].astype(np.int64),
        images=images,
        num_drawn=int(arrays["num_drawn"]),
        active=arrays["active"].astype(np.int64),
        places=arrays.get("places"),
    )


def encoded(images: np.ndarray) -> Iterator[bytes]:
    """Give each image as the bytes of a WebP file; small images exactly.

    Args:
        images: uint8 array `(k, h, w, c)`, c is 1 or 3.
    """
    exact = max(images.shape[1:3]) <= EXACT_SIDE
    how = {"lossless": True, "method": 4} if exact else {"quality": QUALITY}
    for image in images:
        picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
        file = io.BytesIO()
        picture.save(file, "WEBP", **how)
        yield file.getvalue()


def _decoded(pictures, channels):
    """Return the images of WebP files, uint8 `(k, h, w, channels)`."""
    mode = "L" if channels == 1 else "RGB"
    images = []
    for picture in pictures:
        with Image.open(io.BytesIO(picture), formats=["WEBP"]) as image:
            images.append(np.asarray(image.convert(mode)))
    array = np.stack(images)
    return array.reshape(*array.shape[:3], channels)
