"""A color set made of real images: MNIST's digits, in color, on photographs.

The photographs are those that scikit-learn ships.
"""

import numpy as np
from sklearn.datasets import load_sample_images

from ssvae.data import from_arrays, load_dataset

SIDE = 32


def colored_digits(count, num_test=0, seed=0):
    """Return a data set of digits in color, 32 by 32.

    Args:
        count: Training images, the first of MNIST's.
        num_test: Test images, the first of MNIST's test part.
        seed: Seed of colors, textures and places.
    """
    rng = np.random.default_rng(seed)
    photographs = [photo / 255 for photo in load_sample_images().images]
    mnist = load_dataset("mnist")
    parts = [(mnist.images[:count], mnist.labels[:count])]
    if num_test:
        parts.append([part[:num_test] for part in mnist.read_test()])
    arrays = [
        part
        for images, labels in parts
        for part in (_painted(images, photographs, rng), labels)
    ]
    return from_arrays(*arrays, name="colored digits")


def _painted(images, photographs, rng):
    """Return digits with a color and a texture of their own, each on a photograph."""
    painted = np.empty((len(images), SIDE, SIDE, 3), np.uint8)
    for row, image in enumerate(images[..., 0] / 255):
        mask = np.zeros((SIDE, SIDE, 1))
        top, left = rng.integers(0, SIDE - 28, 2, endpoint=True)
        mask[top : top + 28, left : left + 28, 0] = image
        color = rng.uniform(0.5, 1, 3)
        color[rng.integers(3)] = 1
        texture = _crop(photographs, rng).mean(axis=-1, keepdims=True)
        ink = color * (0.7 + 0.3 * texture)
        picture = mask * ink + (1 - mask) * 0.5 * _crop(photographs, rng)
        painted[row] = np.rint(255 * picture)
    return painted


def _crop(photographs, rng):
    """Return a part of one of the photographs."""
    photo = photographs[rng.integers(len(photographs))]
    row, column = (rng.integers(size - SIDE) for size in photo.shape[:2])
    return photo[row : row + SIDE, column : column + SIDE]
