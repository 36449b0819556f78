"""Photographs by the thousand, made in a minute, and a project of them."""

import numpy as np
from PIL import Image

from ssvae.config.settings import Config
from ssvae.data.parallel import in_threads
from ssvae.projects.actions import act, add_class
from ssvae.projects.project import Project

# Width and height of a photograph, and of the coarse noise that it is made of, pixels.
SIZE, COARSE = (320, 240), (20, 15)
KINDS = 10


def make_photographs(folder, count):
    """Write photographs of ten kinds, which differ in color and in pattern."""
    folder.mkdir(parents=True)
    for _ in in_threads(lambda number: _make(folder, number), range(count)):
        pass


def _make(folder, number):
    kind, rng = number % KINDS, np.random.default_rng(number)
    noise = rng.integers(0, 120, (COARSE[1], COARSE[0], 3), dtype=np.uint8)
    noise[..., kind % 3] += 60
    if kind >= 3:
        noise[:: 2 + kind % 4, :: 1 + kind // 4] += 70
    picture = Image.fromarray(noise).resize(SIZE, Image.Resampling.BICUBIC)
    picture.save(folder / f"{number:05d}.jpg", quality=85)


def make_project(place, count, num_labels):
    """Return a project of photographs, some of which have a label."""
    make_photographs(place / "photographs", count)
    config = Config(dataset=str(place / "photographs"))
    project = Project.create(place / "projects", "thousands", config)
    classes = [add_class(project, f"kind {kind}") for kind in range(KINDS)]
    actions = [
        {
            "number": number + 1,
            "do": "label",
            "images": [f"{number:05d}.jpg"],
            "class": classes[number % KINDS].id,
        }
        for number in range(num_labels)
    ]
    act(project, "measure", actions)
    return project
