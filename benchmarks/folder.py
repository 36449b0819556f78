"""Fashion-MNIST as 70,000 files: `python benchmarks/folder.py`.

The images are written as PNG files, 1,000 into the folders of their classes and the
others into `unlabeled`. Training reads them like any folder of images. The figures are
compared with those of the same labels in arrays: seed 0 in `fashion-mnist.json`.
"""

import json
import subprocess
import sys
from pathlib import Path

from PIL import Image

from ssvae import load_dataset
from ssvae.data import UNLABELED, draw_labels
from ssvae.files.atomic import write_json

FOLDER, RUN = Path("build/fashion"), Path("runs/fashion-folder")
OUT = Path("benchmarks/folder.json")
LABELS = 1_000


def main():
    """Write what is missing, train, and write the figures."""
    if not FOLDER.exists():
        write(load_dataset("fashion-mnist"), FOLDER)
    if not RUN.exists():
        flags = ["--config", "configs/fashion.toml", "--dataset", FOLDER, "--out", RUN]
        subprocess.run([sys.executable, "-m", "ssvae.train", *flags], check=True)
    metrics = json.loads((RUN / "metrics.json").read_text(encoding="utf-8"))
    write_json(OUT, metrics, indent=1)
    arrays = json.loads(Path("benchmarks/fashion-mnist.json").read_text("utf-8"))
    (same,) = (r for r in arrays if r["num_labels"] == LABELS and r["seed"] == 0)
    for name, run in (("files", metrics), ("arrays", same)):
        print(f"{name}: test error {100 * run['test_error']:.2f} %")


def write(dataset, folder):
    """Write a data set as files; `LABELS` of the images keep their label."""
    draw = draw_labels(dataset.labels, LABELS, dataset.num_classes, seed=0)
    training = dataset.with_labels(*draw)
    partial = folder.with_name(f"{folder.name}.partial")
    parts = {"train": (training.images, training.labels), "test": dataset.read_test()}
    for part, (images, labels) in parts.items():
        for row, (image, index) in enumerate(zip(images, labels, strict=True)):
            name = "unlabeled" if index == UNLABELED else dataset.class_names[index]
            place = partial / part / name.replace("/", "-")
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image[..., 0]).save(place / f"{row:05}.png")
    partial.rename(folder)


if __name__ == "__main__":
    main()
