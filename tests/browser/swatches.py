"""Images whose color says which they are, so that a test sees what is really shown."""

from PIL import Image

from ssvae import Config
from ssvae.projects.project import Project

# Steps between two values of a color: more than a JPEG changes.
STEP, LEVELS = 20, 12
CLASSES = ("one", "two", "three", "four")
# Finds elements of the app's own components, which have roots of their own.
FIND = """
const roots = [...document.querySelectorAll("*")].map(e => e.shadowRoot).filter(r => r);
const find = (s) => roots.map(r => r.querySelector(s)).find(e => e);
"""
SHOWN = (
    "() => {"
    + FIND
    + """
const image = find(".picture img");
if (!image || !image.complete || !image.naturalWidth) return null;
const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const context = canvas.getContext("2d");
context.drawImage(image, 0, 0, 1, 1);
return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
)


def color_of(index):
    """Return the color of an image."""
    return tuple(STEP * (index // LEVELS**k % LEVELS) + STEP // 2 for k in range(3))


def index_of(color):
    """Return the number of the image of a color."""
    levels = [min(LEVELS - 1, value // STEP) for value in color]
    return sum(level * LEVELS**k for k, level in enumerate(levels))


def name_of(index):
    """Return the file's name of an image."""
    return f"{index:04d}.png"


def truth(index):
    """Return the class of an image."""
    return CLASSES[index % len(CLASSES)]


def make_project(folder, name, count):
    """Make a project of so many images that nobody labelled."""
    place = folder / f"{name}-images"
    place.mkdir()
    for index in range(count):
        Image.new("RGB", (24, 24), color_of(index)).save(place / name_of(index))
    return Project.create(folder / "projects", name, Config(dataset=str(place)))


def shown(page):
    """Return the number of the image that a page shows, by the color that is seen."""
    for _ in range(100):
        color = page.evaluate(SHOWN)
        if color is not None:
            return index_of(color)
        page.wait_for_timeout(20)
    raise AssertionError("no image is shown")


def labels_of(project):
    """Return the name of the class of each labelled image."""
    state = project.state()
    names = {one.id: one.name for one in state.classes}
    return {name: names.get(one, one) for name, one in state.labels.items()}
