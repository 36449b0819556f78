"""The image that a table means: by its path, or by as much of its end as is known."""

import re
from collections.abc import Iterator, Sequence
from copy import copy
from typing import NamedTuple

from ssvae.data.tables.paths import plain_path, readings

# Ends of names that say what a file is. Others belong to the name: "scan.v2".
_EXTENSION = re.compile(
    r"\.(png|jpe?g|jpe|jfif|gif|bmp|dib|tiff?|webp|avif|hei[cf]|jp2|j2k|jxl|p[gpbna]m|"
    r"tga|ico|dcm|dicom|nii|npy|npz|mat|svg|raw|dng|nef|cr2|exr|hdr|xml|json|txt)$"
)
_ANY_EXTENSION = re.compile(r"\.[^./]*$")
# A number that a spreadsheet made of the name of a file: "12" or "12.0".
_NUMBER = re.compile(r"(\d+)(?:\.0+)?")
# Folders of files that belong to images, and are rarely meant.
_ASIDE = frozenset(
    "mask masks segmentation segmentations groundtruth ground_truth gt annotation "
    "annotations labels thumbnails thumbs __macosx".split()
)
# Letters of the longest text that may be a path.
_LONGEST = 4096
# Images of the same name among which further evidence chooses; beyond, it takes long.
_COMPARED = 64


class Match(NamedTuple):
    """The image that a text means.

    Attributes:
        image: Number of the image, -1 if several fit equally.
        depth: Number of names at the end of both paths that are equal, a high number
            for the path as a whole.
        agrees: Whether the paths differ in nothing before these names, except that one
            begins earlier.
        others: Numbers of the images that fit, if several do; the first of them.
    """

    image: int
    depth: int
    agrees: bool
    others: tuple[int, ...] = ()


# Depth of a match of the path as a whole.
WHOLE = 1000


class ImageNames:
    """The names of images, indexed by the ends of their paths.

    Args:
        names: Paths below the place, "/" between folders.
    """

    def __init__(self, names: Sequence[str]):
        self.names = names
        self._folder = ""
        self._whole = {name: image for image, name in enumerate(names)}
        self._tails: dict[str, int | list[int]] = {}
        self._folders: set[str] = set()
        self._numbers: dict[str, int | list[int]] | None = None
        self._deepest = 1
        for image, name in enumerate(names):
            parts = plain_path(name).split("/")
            self._folders.update(parts[:-1])
            self._deepest = max(self._deepest, len(parts))
            tail = _ANY_EXTENSION.sub("", parts[-1]) or parts[-1]
            _put(self._tails, tail, image)
            for part in parts[-2::-1]:
                tail = f"{part}/{tail}"
                _put(self._tails, tail, image)

    def seen_from(self, folder: str) -> "ImageNames":
        """Return the same names for a table in a folder below the place, or ""."""
        images = copy(self)
        images._folder = f"{folder.strip('/')}/" if folder.strip("/.") else ""
        return images

    def find(self, text: str, beside: Sequence[str] = ()) -> Match | None:
        """Return the image that a text means, None if there is none.

        The path as a whole is looked for first, below the table's folder and below the
        place. Otherwise the image counts whose path has the longest end in common,
        whatever the prefix, case or extension.

        Args:
            text: A path, a URL, a name, or an id without extension.
            beside: Other cells of the row: one of them may be the folder.
        """
        image = self._whole.get(self._folder + text, self._whole.get(text))
        if image is not None:
            return Match(image, WHOLE, True)
        if not text or len(text) > _LONGEST:
            return None
        several = None
        for path in readings(text):
            for match in self._by_tail(path):
                if match.image >= 0:
                    return match
                several = several or match
                for cell in filter(None, map(plain_path, beside)):
                    for better in self._by_tail(f"{cell}/{path}"):
                        if better.image >= 0 and better.depth > match.depth:
                            return better
        return several

    def find_number(self, text: str) -> Match | None:
        """Return the image whose name is a number, with zeros before it or without."""
        if self._numbers is None:
            self._numbers = {}
            for image, name in enumerate(self.names):
                stem = _ANY_EXTENSION.sub("", name.rpartition("/")[2])
                if stem.isascii() and stem.isdecimal():
                    _put(self._numbers, stem.lstrip("0") or "0", image)
        number = _NUMBER.fullmatch(text)
        found = self._numbers.get(number[1].lstrip("0") or "0") if number else None
        if found is None:
            return None
        if isinstance(found, int):
            return Match(found, 1, True)
        return Match(-1, 1, True, tuple(found[:_COMPARED]))

    def _by_tail(self, path: str) -> Iterator[Match]:
        """Yield the match of a path without its extension, then of all of it."""
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        if not parts:
            return
        stem = _EXTENSION.sub("", parts[-1])
        for base in (stem, parts[-1]) if stem != parts[-1] else (stem,):
            names = [*parts[-self._deepest : -1], base]
            for start in range(len(names)):
                found = self._tails.get("/".join(names[start:]))
                if found is not None:
                    match = self._chosen(found, parts, len(names) - start)
                    if match is not None:
                        yield match
                    break

    def _chosen(self, found, parts, depth) -> Match | None:
        """Return the image among those with the longest end in common."""
        images = [found] if isinstance(found, int) else found
        folder = parts[-depth - 1] if len(parts) > depth else ""
        if 1 < len(images) <= _COMPARED:
            images = self._likeliest(images, parts, depth)
        if len(images) > 1:
            return Match(-1, depth, True, tuple(images[:_COMPARED]))
        before = plain_path(self.names[images[0]]).split("/")[:-depth]
        if not folder or not before:
            return Match(images[0], depth, True)
        # The folder that the text names is here, but without this image.
        if folder in self._folders and folder not in before:
            return None
        return Match(images[0], depth, False)

    def _likeliest(self, images, parts, depth):
        """Return those of some images that further evidence speaks for."""
        plain = {image: plain_path(self.names[image]) for image in images}
        for fits in (
            lambda name: name.endswith(parts[-1]),
            lambda name: self._folder and name.startswith(plain_path(self._folder)),
            lambda name: name.count("/") < depth,
            lambda name: _ASIDE.isdisjoint(name.split("/")[:-1]),
        ):
            kept = [image for image in images if fits(plain[image])]
            images = kept or images
        return images


def _put(index, key, image):
    """Add an image to those of a key."""
    known = index.setdefault(key, image)
    if known is not image:
        if isinstance(known, list):
            known.append(image)
        else:
            index[key] = [known, image]
