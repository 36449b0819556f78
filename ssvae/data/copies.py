"""Copies of images: exact ones, and near ones that were scaled or stored once more.

Every image gets a perceptual hash: which of its lowest frequencies are strong (Zauner
2010, "Implementation and benchmarking of perceptual image hash functions"). Images with
nearly the same hash are then compared in small.
"""

from collections.abc import Iterator

import numpy as np

from ssvae.data.splitting import fingerprints

# Side of the small images that are compared, pixels.
SIDE = 32
# Frequencies per side that the hash is made of, and its bits.
LOW, BITS = 8, 64
# Bits that the hashes of near copies differ by, at most. One quarter at least of such
# hashes is then equal.
MAX_BITS, BAND = 6, 16
# Images that each is compared with, in the order of each quarter of their hashes.
WINDOW = 32
# Least correlation of small images; most that their means differ by, grey levels of
# each color; most that their contrasts differ by, as a factor. Measured with pictures
# that were stored as JPEG, scaled, and made brighter.
LEAST_CORRELATION, MOST_LEVELS, MOST_CONTRAST = 0.985, 24.0, 1.25
# Contrast below which an image is blank, grey levels: all blank images look alike.
LEAST_CONTRAST = 2.0
# Pixels of the images that are made small at once, and pairs that are compared at once.
CHUNK_PIXELS, CHUNK_PAIRS = 10_000_000, 200


def copy_groups(*parts: np.ndarray) -> np.ndarray:
    """Return one number per image, the same for exact and near copies of an image.

    Copies of copies have the same number too.

    Args:
        parts: One or more uint8 arrays `(m, height, width, channels)`, n images in all.
            They may be mapped into memory: some images are read at a time.

    Returns:
        int64 array `(n,)`, numbers from 0 in the order of the first images.
    """
    count = sum(map(len, parts))
    # Imported here, because it takes a moment.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    prints = np.concatenate([fingerprints(images) for images in parts])
    _, exact = np.unique(prints, return_inverse=True)
    pairs = near_copies(*parts)
    # Each image is tied to the node of its exact copies.
    nodes = count + exact.ravel()
    rows = np.concatenate([np.arange(count), pairs[:, 0]])
    columns = np.concatenate([nodes, pairs[:, 1]])
    size = 2 * count
    ties = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, parts = connected_components(ties, directed=False)
    _, first, groups = np.unique(parts[:count], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[groups.ravel()].astype(np.int64)


def near_copies(*parts: np.ndarray) -> np.ndarray:
    """Return the pairs of images that are nearly the same.

    Args:
        parts: See `copy_groups`.

    Returns:
        int64 array `(p, 2)`, indices through all parts, the lower first; exact copies
        are among them, but not those of blank images.
    """
    hashes = np.concatenate([perceptual_hashes(images) for images in parts])
    found = [pairs for pairs in _candidates(hashes) if len(pairs)]
    if not found:
        return np.zeros((0, 2), np.int64)
    pairs = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    alike = [
        _alike(parts, pairs[start : start + CHUNK_PAIRS])
        for start in range(0, len(pairs), CHUNK_PAIRS)
    ]
    return pairs[np.concatenate(alike)]


def perceptual_hashes(images: np.ndarray) -> np.ndarray:
    """Return one hash per image, uint64 `(n,)`; near copies differ by a few bits.

    Args:
        images: uint8 array `(n, height, width, channels)`.
    """
    step = max(1, CHUNK_PIXELS // max(1, int(np.prod(images.shape[1:]))))
    hashes = np.zeros(len(images), np.uint64)
    for start in range(0, len(images), step):
        grey = small_images(images[start : start + step]).mean(axis=3)
        hashes[start : start + step] = _hashes(grey)
    return hashes


def small_images(images: np.ndarray) -> np.ndarray:
    """Return images of at most `SIDE` pixels a side, means of parts of the images.

    Args:
        images: uint8 array `(n, height, width, channels)`.

    Returns:
        float32 array `(n, h, w, channels)`.
    """
    values = images
    for axis in (1, 2):
        side = values.shape[axis]
        if side > SIDE:
            starts = np.arange(SIDE) * side // SIDE
            sizes = np.diff(np.append(starts, side)).astype(np.float32)
            values = np.add.reduceat(values, starts, axis=axis, dtype=np.float32)
            values /= sizes.reshape([-1 if a == axis else 1 for a in range(4)])
    return np.asarray(values, np.float32)


def _hashes(small):
    """Return the hashes of small grey images: which frequencies are above the median.

    The lowest, the mean brightness, is left out.
    """
    from scipy.fft import dctn

    low = dctn(small, axes=(1, 2))[:, :LOW, :LOW].reshape(len(small), -1)
    bits = low > np.median(low[:, 1:], axis=1, keepdims=True)
    bits[:, 0] = False
    bits = np.pad(bits, ((0, 0), (0, BITS - bits.shape[1])))
    return np.packbits(bits, axis=1).view(np.uint64).ravel()


def _candidates(hashes) -> Iterator[np.ndarray]:
    """Yield pairs of images whose hashes differ by `MAX_BITS` or less."""
    for quarter in range(BITS // BAND):
        shift = np.uint64(quarter * BAND)
        turned = (hashes << shift) | (hashes >> (np.uint64(BITS) - shift))
        turned = turned if quarter else hashes
        order = np.argsort(turned, kind="stable")
        ordered = turned[order]
        band = ordered >> np.uint64(BITS - BAND)
        for step in range(1, min(WINDOW, len(order) - 1) + 1):
            near = np.flatnonzero(band[:-step] == band[step:])
            unlike = ordered[near] ^ ordered[near + step]
            near = near[_num_bits(unlike) <= MAX_BITS]
            yield np.stack([order[near], order[near + step]], axis=1)


def _num_bits(values):
    """Return how many bits of each number are 1, int array `(n,)`."""
    return np.unpackbits(values.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=1)


def _alike(parts, pairs):
    """Return whether the images of each pair look the same in small, bool array."""
    rows, places = np.unique(pairs, return_inverse=True)
    starts = np.cumsum([0, *map(len, parts)])
    each = [
        small_images(images[rows[(start <= rows) & (rows < end)] - start])
        for images, start, end in zip(parts, starts, starts[1:], strict=False)
    ]
    small = np.concatenate(each)
    small = small.reshape(len(rows), -1, small.shape[-1])
    means = small.mean(axis=1)
    centered = (small - means[:, None]).reshape(len(rows), -1)
    contrasts = centered.std(axis=1)
    one, other = places.reshape(-1, 2).T
    products = np.einsum("pk,pk->p", centered[one], centered[other])
    scales = contrasts[one] * contrasts[other] * centered.shape[1]
    least = np.minimum(contrasts[one], contrasts[other])
    most = np.maximum(contrasts[one], contrasts[other])
    return (
        (least > LEAST_CONTRAST)
        & (products >= LEAST_CORRELATION * scales)
        & (most <= MOST_CONTRAST * least)
        & (np.abs(means[one] - means[other]).max(axis=1) <= MOST_LEVELS)
    )
