"""Pictures of every page, two widths, both themes: `make screenshots FOLDER=...`."""

import sys
import tempfile
from pathlib import Path

from digits import DIGITS
from serving import browser, draw, server, settle, visit

PAGES = ("generate", "classify", "accuracy", "map", "label", "train")
WIDTHS = {"wide": (1280, 1000), "phone": (390, 844)}


def main(folder):
    """Open every page and keep pictures in a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        browser() as chromium,
        tempfile.TemporaryDirectory() as place,
        server(Path(place)) as (address, _),
    ):
        for theme in ("light", "dark"):
            for width, (x, y) in WIDTHS.items():
                page = chromium.new_page(
                    viewport={"width": x, "height": y}, color_scheme=theme
                )
                for name in PAGES:
                    visit(page, address, name)
                    if name == "classify":
                        page.get_by_text("Draw", exact=True).click()
                        settle(page)
                        draw(page, DIGITS["4"])
                    page.wait_for_timeout(1500)
                    page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
                page.close()


if __name__ == "__main__":
    main(sys.argv[1])
