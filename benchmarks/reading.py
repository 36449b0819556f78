"""The time to read a folder: `python benchmarks/reading.py FOLDER`.

The folder holds the data sets of the field benchmark that `SETS` names. Of their images
two folders are made under `build/reading`: 50,000 photographs of 64 pixels, and 1,100
grey images as large as radiographs, of which each file has twenty names. A process of
its own reports on each, the first time and again, with a cache that was empty.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine

BUILD, OUT = Path("build/reading"), Path("benchmarks/reading.json")
SETS = ("aerial", "rubbish")
SMALL, RADIOGRAPHS = "50,000 JPEG files of 64 pixels", "1,100 PNG files as radiographs"
SMALL_SIDE, SMALL_COUNT = 64, 50_000
# Heights and widths of the radiographs, pixels; number of files, and names of each.
LARGE_SIZES = (
    *((1200, 1024), (2048, 2048), (2446, 2010), (2991, 2992)),
    (4095, 3342),
)
LARGE_COUNT, NAMES_EACH = 55, 20
# Noise of a detector, grey levels: without it a PNG file would be read too quickly.
NOISE = 2.0
# Seconds that a report may take.
LIMIT = 60


def main():
    """Make the folders, report on them, put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the data sets")
    files = files_of(parser.parse_args().folder)
    results = []
    for case, name, write in (
        (SMALL, "small", write_small),
        (RADIOGRAPHS, "radiographs", write_radiographs),
    ):
        place = BUILD / name
        if not place.exists():
            partial = place.with_name(f"partial-{name}")
            shutil.rmtree(partial, ignore_errors=True)
            write(partial, files)
            partial.rename(place)
        results.append({"case": case, "machine": machine(), **reported(place)})
        print(json.dumps(results[-1], indent=1), flush=True)
    write_json(OUT, results, indent=1)
    print(table(results))
    update_page("benchmarks/README.md", str(OUT), table(results))


def files_of(folder):
    """Return the image files of the data sets."""
    files = [
        path for name in SETS for path in (folder / name).rglob("*") if path.is_file()
    ]
    if not files:
        raise SystemExit(f"no images below {folder}: need {' and '.join(SETS)}")
    return sorted(files)


def write_small(place, files):
    """Write small photographs into ten class folders."""
    rng = np.random.default_rng(0)
    for number in range(SMALL_COUNT):
        image = Image.open(files[number % len(files)]).convert("RGB")
        width, height = image.size
        left, top = rng.integers(0, (width // 3, height // 3))
        image = image.crop((left, top, left + width // 2, top + height // 2))
        home = place / str(number % 10)
        home.mkdir(parents=True, exist_ok=True)
        image.resize((SMALL_SIDE, SMALL_SIDE)).save(home / f"{number}.jpg", quality=90)


def write_radiographs(place, files):
    """Write large grey images into two class folders."""
    rng = np.random.default_rng(0)
    for number in range(LARGE_COUNT):
        height, width = LARGE_SIZES[number % len(LARGE_SIZES)]
        image = Image.open(files[number]).convert("L").resize((width, height))
        pixels = image + NOISE * rng.standard_normal((height, width), np.float32)
        image = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
        home = place / "ab"[number % 2]
        home.mkdir(parents=True, exist_ok=True)
        first = home / f"{number}.png"
        image.save(first)
        for name in range(1, NAMES_EACH):
            os.link(first, home / f"{number}-{name}.png")


def reported(place):
    """Return the seconds of the first report and of the next, and the memory."""
    figures = {}
    with tempfile.TemporaryDirectory() as cache:
        for which in ("first_seconds", "next_seconds"):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "ssvae.data", str(place)],
                env={**os.environ, "SSVAE_CACHE": cache},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            figures[which] = time.perf_counter() - began
    # Of all processes so far the largest, in KiB.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {**figures, "peak_memory_gib": round(memory / 2**20, 2)}


def table(results) -> str:
    """Return the figures as Markdown, one row per folder."""
    machines = ", ".join(dict.fromkeys(result["machine"] for result in results))
    rows = [
        f"{machines}:\n",
        "| folder | first report | at most | next report | peak memory |",
        "|---|---:|---:|---:|---:|",
    ]
    rows += [
        f"| {result['case']} | {result['first_seconds']:.0f} s | {LIMIT} s | "
        f"{result['next_seconds']:.1f} s | {result['peak_memory_gib']:.1f} GiB |"
        for result in results
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
