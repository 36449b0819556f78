"""From the command to the run folder: `python benchmarks/minutes.py FOLDER`.

The folder holds the data sets of the field benchmark that `CASES` names. Two data sets
are made of them under `build/minutes`: 5,000 photographs of mixed sizes in files, and
50,000 color images of 32 pixels in an array. The images are those of the folder again
and again, each time cut, mirrored or shifted in another way. Ten of each class have a
label. The training command gets each with nothing else stated, and without a cache.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ssvae.data import UNLABELED, load_dataset
from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine

BUILD, OUT = Path("build/minutes"), Path("benchmarks/minutes.json")
PHOTOGRAPHS, SMALL = "5,000 photographs of mixed sizes", "50,000 images of 32 pixels"
# Data sets that each case is made of, number of images, and what it may take: seconds
# until the run folder is complete, and until there is a classifier that can be used.
CASES = {
    PHOTOGRAPHS: (("rubbish", "aerial"), 5_000, 300, 90),
    SMALL: (("things", "traffic"), 50_000, 900, None),
}
LABELS_EACH = 10
# Longer sides of the photographs, pixels, in turn.
SIDES = (180, 256, 400, 640, 1024)
SMALL_SIDE = 32
# Line of the command from which on there is a classifier.
USABLE = "Ctrl-C leaves a usable classifier"


def main():
    """Make the data sets, train, write the figures, put the table into the page."""
    flags = parsed()
    results = []
    for case, (names, count, *_) in CASES.items():
        count = min(count, flags.images or count)
        name, write = WRITERS[case]
        place = BUILD / name.format(count)
        if not place.exists():
            write(place, flags.folder, names, count)
        result = {"case": case, "images": count, "machine": machine()}
        results.append({**result, **trained(place)})
        print(json.dumps(results[-1], indent=1), flush=True)
    if not flags.images:
        write_json(OUT, results, indent=1)
        update_page("benchmarks/README.md", str(OUT), table(results))
    print(table(results))


def parsed():
    """Return the flags."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the data sets")
    parser.add_argument(
        "--images", type=int, help="fewer images, for a trial whose figures are shown"
    )
    return parser.parse_args()


def sources(folder, names):
    """Return the images of data sets, and their classes: `set-class`."""
    files = [
        (path, f"{name}-{path.parent.name}")
        for name in names
        for path in sorted((folder / name).rglob("*"))
        if path.is_file()
    ]
    if not files:
        raise SystemExit(f"no images below {folder}: need {' and '.join(names)}")
    # Neighbors in this order have different classes.
    return [files[row] for row in np.random.default_rng(0).permutation(len(files))]


def write_photographs(place, folder, names, count):
    """Write photographs of mixed sizes; `LABELS_EACH` of a class are in its folder."""
    files, used = sources(folder, names), {}
    partial = place.with_name(f"partial-{place.name}")
    shutil.rmtree(partial, ignore_errors=True)
    for number in range(count):
        path, name = files[number % len(files)]
        image = Image.open(path).convert("RGB")
        image = changed(image, number // len(files), SIDES[number % len(SIDES)])
        used[name] = used.get(name, 0) + 1
        home = partial / (name if used[name] <= LABELS_EACH else "unlabeled")
        home.mkdir(parents=True, exist_ok=True)
        image.save(home / f"{number:05}.jpg", quality=90)
    partial.rename(place)


def changed(image, turn, side):
    """Return a photograph that is cut and mirrored by its turn, of a longer side."""
    width, height = image.size
    cut = 0.04 * (turn % 4)
    box = (cut * width, 0.5 * cut * height, width, (1 - 0.5 * cut) * height)
    image = image.crop(tuple(map(round, box)))
    if turn % 2:
        image = ImageOps.mirror(image)
    scale = side / max(image.size)
    size = [max(8, round(scale * length)) for length in image.size]
    return image.resize(size, Image.Resampling.BICUBIC)


def write_small(place, folder, names, count):
    """Write small images as an array; `LABELS_EACH` of a class have a label."""
    images, classes = [], []
    for name in names:
        dataset = load_dataset(str(folder / name), image_size=SMALL_SIDE)
        images.append(dataset.images)
        classes.append(dataset.labels + (max(classes[0]) + 1 if classes else 0))
    images, classes = np.concatenate(images), np.concatenate(classes)
    rng = np.random.default_rng(0)
    rows = np.resize(rng.permutation(len(images)), count)
    shifts = rng.integers(-2, 3, (count, 2))
    shown = np.empty((count, *images.shape[1:]), np.uint8)
    for number, (row, shift) in enumerate(zip(rows, shifts, strict=True)):
        shown[number] = np.roll(images[row], shift, axis=(0, 1))
    labels = np.full(count, UNLABELED)
    for index in range(classes.max() + 1):
        labels[np.flatnonzero(classes[rows] == index)[:LABELS_EACH]] = index
    place.parent.mkdir(parents=True, exist_ok=True)
    np.savez(place, x=shown, y=labels)


# Name of what each case is made into, and what makes it.
WRITERS = {
    PHOTOGRAPHS: ("photographs-{}", write_photographs),
    SMALL: ("small-{}.npz", write_small),
}


def trained(dataset):
    """Train with nothing stated, and return the figures of the run."""
    out = BUILD / "run"
    command = [sys.executable, "-m", "ssvae.train", "--dataset", str(dataset)]
    command += ["--out", str(out), "--overwrite"]
    environment = {**os.environ, "SSVAE_CACHE": ""}
    began, usable = time.perf_counter(), None
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        seconds = time.perf_counter() - began
        print(f"{seconds:6.1f} s  {line}", end="", file=sys.stderr, flush=True)
        if USABLE in line and usable is None:
            usable = seconds
    if process.wait():
        raise SystemExit(f"the training command failed: {' '.join(command)}")
    seconds = time.perf_counter() - began
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    names = ("num_labels", "believed", "stage_seconds", "peak_memory_gib", "versions")
    figures = {name: metrics.get(name) for name in names}
    return {"seconds": seconds, "usable_seconds": usable, **figures}


def table(results) -> str:
    """Return the figures as Markdown, one row per stage and one column per case."""
    machines = ", ".join(dict.fromkeys(result["machine"] for result in results))
    rows = [
        f"{machines}:\n",
        f"| seconds | {' | '.join(result['case'] for result in results)} |",
        f"|---|{'---:|' * len(results)}",
    ]

    def add(title, value):
        rows.append(f"| {title} | {' | '.join(map(value, results))} |")

    for stage in dict.fromkeys(name for r in results for name in r["stage_seconds"]):
        add(stage, lambda r, stage=stage: whole(r["stage_seconds"].get(stage)))
    title = "reading, and the start and end of the command"
    add(title, lambda r: whole(r["seconds"] - sum(r["stage_seconds"].values())))
    add("until the first classifier", lambda r: f"**{whole(r['usable_seconds'])}**")
    add("at most", lambda r: whole(CASES[r["case"]][3]))
    add("until the run folder", lambda r: f"**{whole(r['seconds'])}**")
    add("at most", lambda r: whole(CASES[r["case"]][2]))
    add("peak memory, GiB", lambda result: f"{result['peak_memory_gib']:.1f}")
    return "\n".join(rows)


def whole(seconds) -> str:
    """Return seconds without decimals; a dash for none."""
    return "-" if seconds is None else f"{seconds:.0f}"


if __name__ == "__main__":
    main()
