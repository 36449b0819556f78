"""A folder of photographs of two kinds that every model tells apart, in a moment."""

import numpy as np
from PIL import Image

from ssvae.config.settings import Config
from ssvae.projects.project import Project
from ssvae.projects.tables import labels_from_source

# Images of each kind, side in pixels, and the color channel that is bright.
COUNT, SIDE, KINDS = 30, 24, {"leaf": 1, "root": 0}


def make_images(folder):
    """Write the images into a folder for each kind below `folder`."""
    for name, number, image in _images():
        (folder / name).mkdir(parents=True, exist_ok=True)
        image.save(folder / name / f"{number:02d}.png")


def make_heap(folder):
    """Write all images into one folder; their names tell the kinds."""
    folder.mkdir()
    for name, number, image in _images():
        image.save(folder / f"{number:02d}{name}.png")


def _images():
    rng = np.random.default_rng(0)
    for name, channel in KINDS.items():
        for number in range(COUNT):
            pixels = rng.integers(0, 90, (SIDE, SIDE, 3), dtype=np.uint8)
            pixels[..., channel] += 120
            yield name, number, Image.fromarray(pixels)


def make_project(place, name):
    """Return a project of the images in a server's folder, with all their labels."""
    make_images(place / f"images of {name}")
    config = Config(dataset=str(place / f"images of {name}"))
    project = Project.create(place / "projects", name, config)
    labels_from_source(project, project.images())
    return project
