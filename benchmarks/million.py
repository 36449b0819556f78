"""A million images through the commands: `python benchmarks/million.py`.

An array file with copies of MNIST goes through `ssvae.embed` and `ssvae.predict`, and
with a hundred labels through one epoch of training. The commands print the figures.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from ssvae import load_dataset
from ssvae.data import UNLABELED, draw_labels
from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json

COUNT, LABELS = 1_000_000, 100
FOLDER, OUT = Path("build/million"), Path("benchmarks/million.json")
IMAGES, ARRAYS, RUN = FOLDER / "images.npy", FOLDER / "labeled.npz", FOLDER / "run"


def main():
    """Write the images, run the commands, write and print the figures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not ARRAYS.exists():
        write(load_dataset("mnist"))
    results = [
        {"use": use, **summary(use, "mnist-100", IMAGES, "--out", FOLDER / out)}
        for use, out in (("embed", "codes.parquet"), ("predict", "answers.csv"))
    ]
    run("train", "--dataset", ARRAYS, "--epochs", "1", "--out", RUN, "--overwrite")
    metrics = json.loads((RUN / "metrics.json").read_text(encoding="utf-8"))
    results.append({"use": "train", "images": COUNT, **metrics})
    write_json(OUT, results, indent=1)
    update_page("benchmarks/README.md", str(OUT), table(results))
    print(table(results))


def table(results) -> str:
    """Return the figures as Markdown, one row per use."""
    rows = ["| a million images | a second | peak memory |", "|---|---:|---:|"]
    for result in results:
        rate, memory = result["images_per_second"], result["peak_memory_gib"]
        rows.append(f"| {result['use']} | {rate:,.0f} | {memory:.2f} GiB |")
    return "\n".join(rows)


def write(dataset):
    """Write the images as an array, and again together with labels."""
    shape = (COUNT, *dataset.images.shape[1:3])
    images = np.lib.format.open_memmap(IMAGES, "w+", np.uint8, shape)
    for start in range(0, COUNT, len(dataset.images)):
        part = dataset.images[: COUNT - start, ..., 0]
        images[start : start + len(part)] = part
    labels = np.full(COUNT, UNLABELED)
    indices, classes = draw_labels(dataset.labels, LABELS, dataset.num_classes, seed=0)
    labels[indices] = classes
    np.savez(ARRAYS, x=images, y=labels)


def summary(use, *arguments) -> dict:
    """Return the figures that a command prints, without the path of the model."""
    figures = json.loads(run(use, *arguments, "--overwrite", "--json"))
    del figures["model"]
    return figures


def run(use, *arguments) -> str:
    """Run a command of the package and return what it prints."""
    command = [sys.executable, "-m", f"ssvae.{use}", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()


if __name__ == "__main__":
    main()
