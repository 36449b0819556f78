"""How quick the pages are with a project of many photographs; see `measure.py`."""

import statistics
import time

import psutil
from serving import settle
from swatches import FIND
from thousands import KINDS, make_project

# Photographs of the project, labels that they have, and keys that are timed.
PHOTOGRAPHS, LABELS, KEYS = 20_000, 300, 40
# Seconds that the features may take.
PATIENCE = 3600
# Pages by their links, and what is there when a page is ready.
PAGES = {
    "Label": ".picture img",
    "How good": "[data-testid=stMetric]",
    "Train": "text=Train a model",
    "Map": ".above",
    "Start": "text=thousands",
}
# Seconds from now until another image than `before` is seen.
NEXT = (
    "([key, before]) => new Promise(done => {"
    + FIND
    + """
const began = performance.now();
document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", {key, bubbles: true, composed: true}));
const look = () => {
  const image = find(".picture img");
  const other = find(".picture")?.dataset.name !== before;
  if (other && image?.complete) done((performance.now() - began) / 1000);
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
})"""
)


def measure_project(page, address, process, folder) -> dict:
    """Return the figures of a project that is made here.

    Args:
        page: The page of the browser.
        address: Address of the app.
        process: The server.
        folder: Its working directory.
    """
    make_project(folder, PHOTOGRAPHS, LABELS)
    page.set_default_timeout(1000 * PATIENCE)
    figures = {"photographs": PHOTOGRAPHS, "labels": LABELS}
    began = time.perf_counter()
    page.goto(f"{address}/label?project=thousands&order=As in the folder")
    page.locator(PAGES["Label"]).first.wait_for()
    figures["seconds_until_the_first_photograph"] = time.perf_counter() - began
    page.goto(f"{address}/how_good?project=thousands")
    page.locator(PAGES["How good"]).first.wait_for()
    figures["seconds_until_guesses"] = time.perf_counter() - began
    page.goto(f"{address}/map?project=thousands")
    page.locator(PAGES["Map"]).first.wait_for()
    settle(page)
    # Twice around: what is made once is made in the first.
    _around(page)
    figures["page_change_seconds"] = _around(page)
    figures["key_to_next_photograph_seconds"] = _keys(page, address)
    memory = psutil.Process(process.pid).memory_info()
    # The images are in a file that is mapped: the system keeps what fits.
    figures["memory_mib"] = (memory.rss - memory.shared) // 2**20
    figures["mapped_files_mib"] = memory.shared // 2**20
    return figures


def _around(page):
    """Return seconds from a click on each page's link until the page is there."""
    seconds = {}
    for name, ready in PAGES.items():
        link = page.get_by_test_id("stSidebar").get_by_role("link", name=name)
        began = time.perf_counter()
        link.click()
        page.get_by_role("heading", level=1, name=name).wait_for()
        page.locator(ready).first.wait_for()
        seconds[name] = time.perf_counter() - began
        settle(page)
    return seconds


def _keys(page, address):
    """Return the median of the seconds from a key to the next photograph."""
    page.goto(f"{address}/label?project=thousands")
    page.locator(PAGES["Label"]).first.wait_for()
    settle(page)
    seconds = []
    for number in range(KEYS):
        page.wait_for_timeout(500)
        before = page.locator(".picture").get_attribute("data-name")
        seconds.append(page.evaluate(NEXT, [str(1 + number % (KINDS - 1)), before]))
    return statistics.median(seconds)
