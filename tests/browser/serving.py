"""The app as people have it: a server of its own, and a browser that looks at it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app" / "streamlit_app.py"
# Chromium takes none of its ways to the outside.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that shows a moving pattern, and may be used.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
BUSY = (
    "[data-testid=stSpinner], [data-testid=stSkeleton], [data-stale=true], "
    ".stApp:not([data-test-script-state=notRunning])"
)


@contextlib.contextmanager
def server(folder):
    """Start the app in a folder; give its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP)]
    command += ["--server.headless", "true", "--server.port", str(port)]
    # This checkout, whatever else is installed.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    with open(folder / "server.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env=environment
        )
    address = f"http://localhost:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process)
        yield address, process
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address, process, seconds=60):
    for _ in range(10 * seconds):
        if process.poll() is not None:
            raise RuntimeError("the server ended: see server.log")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=1)
            return
        time.sleep(0.1)
    raise RuntimeError(f"no answer from {address} in {seconds} s")


@contextlib.contextmanager
def browser():
    """Start Debian's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


def settle(page, seconds=90):
    """Wait until a page has done its work, and make sure that nothing failed."""
    quiet = 0
    for _ in range(10 * seconds):
        page.wait_for_timeout(100)
        quiet = 0 if page.query_selector(BUSY) else quiet + 1
        if quiet == 5:
            break
    error = page.query_selector("[data-testid=stException]")
    assert error is None, error.inner_text()


def visit(page, address, name):
    """Open a page of the app and wait for it."""
    page.goto(f"{address}/{'' if name == 'start' else name}")
    page.wait_for_selector("h1", timeout=90_000)
    settle(page)


def draw(page, strokes, key="classify"):
    """Draw strokes on the canvas: lists of points in the unit square."""
    box = page.locator(f".st-key-{key}-canvas canvas").last.bounding_box()

    def place(x, y):
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    for stroke in strokes:
        page.mouse.move(*place(*stroke[0]))
        page.mouse.down()
        for point in stroke[1:]:
            page.mouse.move(*place(*point), steps=4)
        page.mouse.up()
    settle(page)
