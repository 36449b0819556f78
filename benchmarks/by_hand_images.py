"""Descriptions of images by hand and by libraries, and copies of images."""

import io

import numpy as np
from by_hand_digits import OURS, digits
from PIL import Image

from ssvae.benchmark.script import say

# Photographs that copies are looked for among, and copies made of each kind.
PHOTOGRAPHS, COPIES = 2_000, 200
# Bits that hashes of near copies differ by, at most: the same as ours.
MAX_BITS = 6


def altered(images, count):
    """Return copies of the first images: as JPEG, scaled, brighter, `3 * count`."""

    def as_jpeg(image):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=80)
        return np.asarray(Image.open(file))

    def scaled(image):
        height, width = image.shape[:2]
        small = Image.fromarray(image).resize((width * 2 // 3, height * 2 // 3))
        return np.asarray(small.resize((width, height)))

    def brighter(image):
        return np.clip(image.astype(int) + 12, 0, 255).astype(np.uint8)

    ways = as_jpeg, scaled, brighter
    return np.stack([way(image) for way in ways for image in images[:count]])


def copies(folder):
    """Near copies of photographs."""
    from ssvae.benchmark.field_sets import open_set
    from ssvae.data.copies import near_copies

    parts = []
    for name in ("things", "signs"):
        images = open_set(folder / name, say=say).images
        rows = np.random.default_rng(34).permutation(len(images))[:PHOTOGRAPHS]
        images = images[np.sort(rows)]
        parts.append(np.concatenate([images, altered(images, COPIES)]))

    def by_imagehash(every):
        import imagehash
        from PIL import Image

        bits = [imagehash.phash(Image.fromarray(i)).hash.ravel() for i in every]
        bits = np.array(bits, np.float32)
        # Different bits of all pairs; imagehash compares one pair at a time.
        unlike = bits.sum(1)[:, None] + bits.sum(1) - 2 * bits @ bits.T
        return np.argwhere(np.triu(unlike <= MAX_BITS, 1))

    def told(found):
        right = among = 0
        for pairs in found:
            first, second = pairs.T
            copied = (second >= PHOTOGRAPHS) & (
                (second - PHOTOGRAPHS) % COPIES == first
            )
            right += copied.sum()
            among += np.sum(second < PHOTOGRAPHS)
        share = 100 * right / (3 * COPIES * len(parts))
        return f"{share:.1f} % of the copies, and {among:,} pairs of other photographs"

    return {
        OURS: lambda: [near_copies(every) for every in parts],
        "imagehash (`phash`)": lambda: [by_imagehash(every) for every in parts],
    }, told


def right_class_beside(classes):
    """Return a function of vectors: how often the nearest image has the same class."""
    from sklearn.neighbors import NearestNeighbors

    def told(vectors):
        near = NearestNeighbors(n_neighbors=1).fit(vectors)
        indices = near.kneighbors(return_distance=False)[:, 0]
        share = 100 * np.mean(classes[indices] != classes)
        return f"of {share:.1f} % the nearest image has another class"

    return told


def gradients(folder):
    """Histograms of oriented gradients."""
    from ssvae.features.gradients import oriented_gradients

    _, classes, images = digits()
    images, classes = images[:4_000].astype(np.float32) / 255, classes[:4_000]

    def by_scikit_image():
        from skimage.feature import hog

        # Cells of three pixels are as many as our windows.
        return np.stack(
            [
                hog(image[..., 0], 12, pixels_per_cell=(3, 3), cells_per_block=(2, 2))
                for image in images
            ]
        )

    ways = {
        OURS: lambda: oriented_gradients(images),
        "scikit-image (`hog`)": by_scikit_image,
    }
    return ways, right_class_beside(classes)


def texture(folder):
    """Local binary patterns."""
    from keras import ops

    from ssvae.benchmark.field_sets import open_set
    from ssvae.features.resize import resized
    from ssvae.features.texture import RADII, Texture

    field_set = open_set(folder / "aerial", say=say)
    rows = np.random.default_rng(34).permutation(len(field_set.images))[:600]
    images, classes = field_set.images[rows] / np.float32(255), field_set.labels[rows]
    layer = Texture()
    images = ops.convert_to_numpy(resized(images, layer.side))

    def ours():
        parts = np.array_split(images, 10)
        return np.concatenate([ops.convert_to_numpy(layer(part)) for part in parts])

    def by_scikit_image():
        from skimage.feature import local_binary_pattern

        border, vectors = max(RADII), []
        for image in images:
            grey = np.rint(image.mean(axis=-1) * 255).astype(np.uint8)
            counts = []
            for radius in RADII:
                kinds = local_binary_pattern(grey, 8, radius, "nri_uniform")
                kinds = kinds[border:-border, border:-border].astype(int)
                counts.append(np.bincount(kinds.ravel(), minlength=59))
            vectors.append(np.sqrt(np.concatenate(counts)))
        vectors = np.stack(vectors)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    ways = {OURS: ours, "scikit-image (`local_binary_pattern`)": by_scikit_image}
    return ways, right_class_beside(classes)
