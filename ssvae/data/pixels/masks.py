"""Masks beside images: drawings of which pixels belong to what, not images to learn."""

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import IO

import numpy as np

from ssvae.data.parallel import in_threads
from ssvae.data.pixels.decode import read_values
from ssvae.data.pixels.headers import read_header
from ssvae.data.progress import Progress
from ssvae.errors import InputError
from ssvae.types import Say

# Why a mask is left out.
MASK = "mask beside an image of the same name"
# Words in the names of masks, and in the names of the folders of masks and of images.
_WORD = (
    "masks?|segmentations?|segmented|segs?|ground[ _-]?truths?|gts?|labels?|trimaps?|"
    "annotations?|annots?"
)
_IMAGE_WORD = "images?|imgs?|jpegimages|pngimages|photos?|originals?|inputs?"
_MASK_NAME = re.compile(
    rf"(?P<stem>.+?)[ _.-]+(?:{_WORD})(?:[ _-]?\d+)?|(?:{_WORD})[ _.-]+(?P<rest>.+)",
    re.IGNORECASE,
)
_MASK_FOLDER = re.compile(
    rf"(?:(.+)[ _-])?(?:{_WORD}|segmentation(?:class|object))", re.IGNORECASE
)
_IMAGE_FOLDER = re.compile(rf"(?:(.+)[ _-])?(?:{_IMAGE_WORD})", re.IGNORECASE)
# Number of pairs of one kind that are opened. If all of them are an image and its mask,
# so are the others; if some are, all are opened.
CHECKED = 12
# Colors of a mask whose name does not say so, at most.
FEW_COLORS = 32
# Share of a mask's pixels that are like their neighbor on the left, at least.
FLAT = 0.9
# Grey levels of a mask in a lossy format, of 16 that cover nearly all its pixels, at
# most: edges are blurred.
FEW_LEVELS, NEARLY_ALL = 4, 0.97
# Number of pairs that are compared at once: two large images need some memory.
THREADS = 2
# What is done with each pair, in a line about progress.
DONE = "pairs of images and masks compared"
# Pixels of an image that are looked at, about.
LOOKED_AT = 100_000


def mask_pairs(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return what may be a mask by its name, with its image and the kind of the pair.

    Both lie in one folder, or in folders of images and of masks side by side, and have
    one name up to a word such as `_mask` and the ending.

    Args:
        names: Paths of the images below their place, with `/` between folders.

    Returns:
        Dict from a name to that of its image, and to a text that is the same for pairs
        of the same kind. If nothing says which of two files is the mask, both are in
        the dict, and the text begins with a full stop.
    """
    images, named = defaultdict(list), []
    for name in names:
        keys, word = _keys(name)
        if word:
            named.append((name, keys, word))
        else:
            images[keys[0]].append(name)
    pairs = {}
    for name, keys, word in named:
        found = next((images[key] for key in keys if key in images), [])
        if len(found) == 1:
            pairs[name] = found[0], word
    for found in images.values():
        if len(found) == 2:
            for name, partner in (found, found[::-1]):
                pairs[name] = partner, f"{_suffix(name)} of {_suffix(partner)}"
    return pairs


def find_masks(
    open_file: Callable[[str], IO[bytes]],
    names: Sequence[str],
    say: Say | None = None,
) -> dict[str, str]:
    """Return the masks among images, by their names and by what they show.

    A mask has the size of its image, fewer colors and flat areas.

    Args:
        open_file: Function that opens an image to read bytes, given its name.
        names: See `mask_pairs`.
        say: Function that prints the progress, where many are opened.

    Returns:
        Dict from the name of each mask to why it is left out, `MASK`.
    """
    kinds = defaultdict(list)
    for name, (partner, kind) in mask_pairs(names).items():
        kinds[kind].append((name, partner))
    masks = []
    for kind, pairs in kinds.items():
        is_mask = functools.partial(_is_mask, open_file, not kind.startswith("."))
        some = pairs[:: -(-len(pairs) // CHECKED)]
        checked = list(in_threads(is_mask, some, THREADS))
        if any(checked) and not all(checked):
            progress, checked = Progress(len(pairs), DONE, say), []
            for result in in_threads(is_mask, pairs, THREADS):
                checked.append(result)
                progress.step()
            pairs = list(itertools.compress(pairs, checked))
        if any(checked):
            masks += [name for name, _ in pairs]
    return dict.fromkeys(masks, MASK)


def _keys(name):
    """Return what an image and its masks share, the best first, and the mask's word."""
    path = PurePosixPath(name)
    folders, fewer, words = [], [], []
    for folder in path.parts[:-1]:
        mask, image = _MASK_FOLDER.fullmatch(folder), _IMAGE_FOLDER.fullmatch(folder)
        if mask:
            words.append(folder.lower())
        rest = mask[1] if mask else image[1] if image else folder
        folders.append(rest or "")
        fewer.append("" if mask else rest or "")
    stem = path.stem
    match = _MASK_NAME.fullmatch(stem)
    if match:
        stem = match["stem"] or match["rest"]
        words.append(re.sub(r"\d+", "", path.stem.replace(stem, "", 1)).lower())
    both = ("/".join(filter(None, parts)) for parts in (folders, fewer))
    return [(folder, stem) for folder in both], " ".join(words)


def _suffix(name):
    return PurePosixPath(name).suffix.lower()


def _is_mask(open_file, named, pair):
    """Return whether the first image of a pair is the mask of the second."""
    try:
        header, other = (_read(open_file, path, read_header) for path in pair)
        if (header.height, header.width) != (other.height, other.width):
            return False
        mask, image = (_read(open_file, path, read_values) for path in pair)
    except InputError:
        # The reader tells what cannot be read.
        return False
    # Whole rows, so that neighbors stay neighbors.
    step = max(1, mask.shape[0] * mask.shape[1] // LOOKED_AT)
    mask, image = mask[::step], image[::step]
    if header.is_lossy:
        return named and _num_levels(mask) <= FEW_LEVELS < _num_levels(image)
    alike = np.mean(mask[:, 1:] == mask[:, :-1])
    colors = _num_colors(mask)
    few = named or colors <= FEW_COLORS
    return bool(alike >= FLAT and few and colors < _num_colors(image))


def _read(open_file, name, read):
    with open_file(name) as file:
        return read(file, name)


def _num_colors(image):
    """Return the number of different colors."""
    if image.ndim == 3:
        image = image.astype(np.int64) @ (1, 2**16, 2**32)
    return len(np.unique(image))


def _num_levels(image):
    """Return how many of 16 grey levels cover nearly all pixels."""
    grey = image.reshape(*image.shape[:2], -1).mean(axis=2)
    top = max(grey.max(), 1)
    counts = np.histogram(grey, 16, (0, top))[0]
    covered = np.cumsum(np.sort(counts)[::-1]) / grey.size
    return int(np.searchsorted(covered, NEARLY_ALL)) + 1
