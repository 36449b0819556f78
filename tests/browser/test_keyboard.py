"""The whole way by the keyboard alone: from a folder to a file of a trained model."""

import re

from garden import make_heap
from serving import settle

from ssvae.projects.project import Project

# Seconds for what takes longest, and steps of Tab until something must be reached.
LONG, STEPS = 900_000, 80
# The words of what has the focus; the page's main part, which scrolls, has none.
FOCUSED = """() => {
let one = document.activeElement;
while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
if (one?.tagName === "MAIN") return "";
const named = one?.getAttribute("aria-label") || "";
const labelled = one?.labels?.[0]?.innerText || "";
return `${named} ${labelled} ${one?.innerText || ""}`.trim();
}"""


def go_to(page, words):
    """Press Tab until the focus is on something whose words end so."""
    settle(page)
    seen = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        if seen[-1].endswith(words) and "Help" not in seen[-1]:
            return
    raise AssertionError(f"{words!r} was not reached: {seen}")


def press(page, words):
    """Go to a button or link, and press it."""
    go_to(page, words)
    page.keyboard.press("Enter")


def open_page(page, name):
    """Follow a link of the sidebar."""
    press(page, name)
    page.get_by_role("heading", name=name, level=1).wait_for()


def test_from_a_folder_to_the_file_of_a_model(page, address, folder):
    page.set_default_timeout(LONG)
    make_heap(folder / "plants")
    page.goto(address)
    page.get_by_role("button", name="Use my images").wait_for()
    press(page, "Use my images")
    page.get_by_role("textbox", name="Folder or archive").wait_for()
    go_to(page, "Folder or archive")
    page.keyboard.type("plants")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Make the project").wait_for()
    press(page, "Make the project")
    page.locator(".labeler").wait_for()
    label(page, 12)
    labels = Project.open(folder / "projects" / "plants").state().labels
    assert len(labels) == 12
    open_page(page, "Train")
    page.get_by_role("button", name="Train a model").wait_for()
    press(page, "Train a model")
    page.get_by_text("model-1 is trained").wait_for()
    press(page, "See what it draws")
    page.get_by_role("heading", name="Generate", level=1).wait_for()
    open_page(page, "Take it away")
    press(page, "Make the file for Keras")
    download = page.get_by_role("button", name=re.compile("Download .*zip"))
    download.wait_for()
    go_to(page, "MB)")
    with page.expect_download() as begun:
        page.keyboard.press("Enter")
    assert begun.value.suggested_filename.endswith(".zip")


def label(page, count):
    """Name two classes and label images by keys; red ones are roots."""
    keys = {}
    for _ in range(count):
        picture = page.locator(".picture")
        picture.locator("img").wait_for()
        page.locator(".stage[aria-busy=false]").wait_for()
        name = picture.get_attribute("data-name")
        wanted = "root" if "root" in name else "leaf"
        if wanted in keys:
            page.keyboard.press(keys[wanted])
        else:
            page.keyboard.press("+")
            page.keyboard.type(wanted)
            page.keyboard.press("Enter")
            page.locator(".class", has_text=wanted).wait_for()
            keys[wanted] = str(1 + len(keys))
        page.locator(f".picture:not([data-name='{name}'])").wait_for()
    page.locator(".saving", has_text="All saved").wait_for()
