"""A folder of small photographs in three classes, and projects of it."""

import numpy as np
import pytest
from PIL import Image

from ssvae.config.settings import Config
from ssvae.projects.project import Project

# Number of images per class, and classes, of the folder `pictures`.
COUNT, CLASSES = 6, ("circle", "square", "star")


@pytest.fixture
def pictures(tmp_path):
    """Return a folder of JPEG files of 30 by 24 pixels, one subfolder per class.

    Each image has a grey level of its own: 10 times its number.
    """
    folder = tmp_path / "pictures"
    for number in range(COUNT * len(CLASSES)):
        place = folder / CLASSES[number // COUNT]
        place.mkdir(parents=True, exist_ok=True)
        picture = Image.new("RGB", (30, 24), (10 * number, 10 * number, 10 * number))
        picture.save(place / f"{number:02d}.jpg", quality=95)
    return folder


@pytest.fixture
def project(tmp_path, pictures):
    """Return a new project of `pictures`."""
    return Project.create(
        tmp_path / "projects", "shapes", Config(dataset=str(pictures))
    )


@pytest.fixture
def array_file(tmp_path):
    """Return an array file of ten images of nines and sevens, and two for testing."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 12, 12), np.uint8)
    labels = np.array(["seven", "nine"] * 6)
    path = tmp_path / "digits.npz"
    arrays = {"x_train": images[:10], "y_train": labels[:10]}
    np.savez(path, **arrays, x_test=images[10:], y_test=labels[10:])
    return path
