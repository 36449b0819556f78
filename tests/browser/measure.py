"""How quick the app is and what memory it takes: `make measure-app`."""

import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from figures import keep
from measure_project import measure_project
from serving import browser, server, settle

REDRAWS, SESSIONS = 200, 20
PICTURE = "[data-testid=stImage] img"


def main():
    """Measure, print, and write `benchmarks/app.json`."""
    figures = {"machine": platform.machine(), "cores": psutil.cpu_count()}
    with browser() as chromium, tempfile.TemporaryDirectory() as folder:
        # What other runs kept is not found.
        os.environ["SSVAE_CACHE"] = str(Path(folder) / "cache")
        began = time.perf_counter()
        with server(Path(folder)) as (address, process):
            page = chromium.new_page(viewport={"width": 1280, "height": 1000})
            page.goto(f"{address}/generate")
            page.wait_for_selector(PICTURE, timeout=90_000)
            figures["first_picture_seconds"] = time.perf_counter() - began
            settle(page)
            redraw(page, 0)
            figures["memory_before_mib"] = memory(process)
            seconds = [redraw(page, 1 + number) for number in range(REDRAWS)]
            figures["redraw_seconds_median_of_20"] = statistics.median(seconds[:20])
            figures["redraw_seconds_median"] = statistics.median(seconds)
            figures["memory_after_200_redraws_mib"] = memory(process)
            page.close()
        with server(Path(folder)) as (address, process):
            pages = [chromium.new_page() for _ in range(SESSIONS)]
            began = time.perf_counter()
            for page in pages:
                page.goto(f"{address}/generate")
            for page in pages:
                page.wait_for_selector(PICTURE, timeout=180_000)
            figures["sessions"] = SESSIONS
            figures["seconds_until_all_sessions_have_a_picture"] = (
                time.perf_counter() - began
            )
            figures["memory_20_sessions_mib"] = memory(process)
        with server(Path(folder)) as (address, process):
            page = chromium.new_page(viewport={"width": 1280, "height": 1000})
            figures["project"] = measure_project(page, address, process, Path(folder))
    keep("app", figures)


def redraw(page, seed) -> float:
    """Ask for the images of a seed; return the seconds until they are on the page.

    The page is at rest before, as it is for somebody who looks at what came last.
    """
    settle(page)
    before = page.locator(PICTURE).first.get_attribute("src")
    field = page.get_by_label("Seed", exact=True)
    field.fill(str(1000 + seed))
    began = time.perf_counter()
    field.press("Enter")
    page.wait_for_function(
        f"source => document.querySelector('{PICTURE}')?.src.endsWith(source) === false"
        f" && document.querySelector('{PICTURE}').complete",
        arg=before,
        polling="raf",
    )
    return time.perf_counter() - began


def memory(process) -> int:
    """Return the resident memory of the server, MiB."""
    return psutil.Process(process.pid).memory_info().rss // 2**20


if __name__ == "__main__":
    sys.exit(main())
