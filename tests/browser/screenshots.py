"""Pictures of every page, two widths, both themes: `make screenshots FOLDER=...`."""

import sys
import tempfile
from pathlib import Path

from digits import DIGITS
from PIL import Image
from serving import browser, draw, server, settle, visit

import ssvae
from ssvae.projects.actions import act, add_class
from ssvae.projects.project import Project

# Pages by name of the picture: what follows the address of the app.
PROJECT, MODEL = "project=digits", "model=mnist-100"
PAGES = {
    "start": "start",
    "label": f"label?{PROJECT}",
    "label-many": f"label?{PROJECT}&show=Many+at+once",
    "how-good": f"how_good?{PROJECT}",
    "train": f"train?{PROJECT}",
    "map-of-project": f"map?{PROJECT}",
    "generate": f"generate?{MODEL}",
    "classify": f"classify?{MODEL}",
    "map": f"map?{MODEL}",
    "accuracy": f"accuracy?{MODEL}",
    "take-away": f"take_away?{MODEL}",
}
# Images of the project that is shown, and how many of them have a label.
IMAGES, LABELED = 600, 60
WIDTHS = {"wide": (1280, 1000), "phone": (390, 844)}


def make_project(folder):
    """Make a project of digits, some of them labeled."""
    images, labels = ssvae.load_dataset().read_test()
    place = folder / "digits"
    place.mkdir()
    for index in range(IMAGES):
        Image.fromarray(images[index, ..., 0]).save(place / f"{index:04d}.png")
    config = ssvae.Config(dataset=str(place))
    project = Project.create(folder / "projects", "digits", config)
    ids = [add_class(project, str(digit)).id for digit in range(10)]
    actions = [
        {
            "number": 1 + index,
            "do": "label",
            "images": [f"{index:04d}.png"],
            "class": ids[labels[index]],
        }
        for index in range(LABELED)
    ]
    act(project, "screenshots", actions)


def main(folder):
    """Open every page and keep pictures in a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        browser() as chromium,
        tempfile.TemporaryDirectory() as place,
        server(Path(place)) as (address, _),
    ):
        make_project(Path(place))
        for theme in ("light", "dark"):
            for width, (x, y) in WIDTHS.items():
                page = chromium.new_page(
                    viewport={"width": x, "height": y}, color_scheme=theme
                )
                for name, path in PAGES.items():
                    visit(page, address, path)
                    if name == "classify":
                        page.get_by_text("Draw", exact=True).click()
                        settle(page)
                        draw(page, DIGITS["4"])
                    page.wait_for_timeout(1500)
                    page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
                page.close()


if __name__ == "__main__":
    main(sys.argv[1])
