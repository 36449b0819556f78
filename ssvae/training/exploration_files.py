"""The folder of a run without labels: clusters, a map, and what to label first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from ssvae.config.settings import Config
from ssvae.data import Dataset
from ssvae.data.images import as_floats
from ssvae.evaluation.plots import class_map
from ssvae.files.pictures import image_grid
from ssvae.files.tables import Table
from ssvae.hardware import peak_memory
from ssvae.runs.exploration_card import FIRST, exploration_card
from ssvae.runs.labeling import SUGGESTIONS_FILE
from ssvae.runs.versions import versions
from ssvae.training import record
from ssvae.training.counting import Counting
from ssvae.training.exploration import explore
from ssvae.training.live import LiveFolder
from ssvae.training.progress import TrainingProgress

# Pictures: images per row; rows of clusters, at most; longer side of an image, pixels.
COLUMNS, MAX_ROWS, SIDE = 10, 30, 96


def make_exploration(folder: Path, out: Path, dataset: Dataset, config: Config) -> None:
    """Explore images without labels, and write every file of the run into its folder.

    Args:
        folder: Path of the folder to write into.
        out: Where the folder will be when it is complete.
        dataset: `Dataset`; its labels are not read.
        config: `Config`.
    """
    progress = TrainingProgress()
    live = LiveFolder(folder)

    def say(text):
        progress.say(text)
        live.say(text)

    with Counting("Features", progress, live) as count:
        explored = explore(dataset, config, say, count)
    record.begin(folder, dataset, config)
    np.save(folder / "features.npy", explored.vectors.astype(np.float16))
    _write_tables(folder, dataset, explored)
    _draw(folder, dataset, explored)
    metrics = _metrics(dataset, explored, progress.stopwatch.total())
    text = json.dumps(metrics, indent=2) + "\n"
    (folder / "metrics.json").write_text(text, encoding="utf-8")
    card = exploration_card(config, metrics, str(out))
    (folder / "README.md").write_text(card, encoding="utf-8")


def _write_tables(folder, dataset, explored):
    """Write the cluster of every image, and the images to label first."""
    clusters = explored.clusters + 1
    columns = {
        "index": np.arange(len(clusters)),
        "cluster": clusters,
        "x": explored.places[:, 0],
        "y": explored.places[:, 1],
    }
    rows = explored.to_label
    asked: dict[str, Any] = {"index": rows, "cluster": clusters[rows]}
    # For a person to fill in; the table is then one for --labels-csv.
    asked["class"] = [""] * len(rows)
    if dataset.files:
        columns["file"] = list(dataset.files)
        asked["file"] = [dataset.files[row] for row in rows]
    for path, content in (("clusters.csv", columns), (SUGGESTIONS_FILE, asked)):
        with Table(folder / path) as table:
            table.write(content)


def _draw(folder, dataset, explored):
    """Draw the first images to label, some of every cluster, and the map."""
    first = explored.to_label[:FIRST]
    _grid(
        dataset, [first[i : i + COLUMNS] for i in range(0, len(first), COLUMNS)]
    ).save(folder / "to_label.png")
    members = [
        np.flatnonzero(explored.clusters == number)
        for number in range(min(MAX_ROWS, explored.clusters.max() + 1))
    ]
    rng = np.random.default_rng(0)
    rows = [rng.permutation(some)[:COLUMNS] for some in members]
    names = [f"{n}: {len(some):,}" for n, some in enumerate(members, 1)]
    _grid(dataset, rows, names).save(folder / "clusters.png")
    numbers = [str(number + 1) for number in range(explored.clusters.max() + 1)]
    figure = class_map(explored.places, explored.clusters, numbers)
    x, y = explored.places[first].T
    figure.axes[0].scatter(x, y, s=30, facecolor="none", edgecolor="black", lw=1)
    figure.savefig(folder / "map.png")


def _grid(dataset, rows, names=()):
    """Draw rows of images, each image at most `SIDE` pixels long."""
    height, width, channels = dataset.image_shape
    shrink = min(1.0, SIDE / max(height, width))
    size = max(1, round(shrink * width)), max(1, round(shrink * height))
    grid = np.ones((len(rows), COLUMNS, size[1], size[0], channels), np.float32)
    for row, line in enumerate(rows):
        for column, index in enumerate(line):
            grid[row, column] = _shrunk(dataset.images[index], size)
    return image_grid(grid, names, max(1, 56 // max(size)))


def _shrunk(image, size):
    """Return an image of a width and height, floats in [0, 1]."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    small = np.asarray(picture.resize(size, Image.Resampling.BOX))
    return as_floats(small.reshape(size[1], size[0], -1))


def _metrics(dataset, explored, seconds):
    """Return the content of `metrics.json`."""
    sizes = np.bincount(explored.clusters)
    return {
        "num_images": len(dataset.images),
        "num_labels": 0,
        "num_clusters": len(sizes),
        "cluster_sizes": sizes.tolist(),
        "num_to_label": len(explored.to_label),
        "has_files": bool(dataset.files),
        "features": explored.config.features,
        "seed": explored.config.seed,
        "dataset": dataset.name,
        "versions": versions("keras", keras.backend.backend(), "numpy"),
        "seconds": seconds,
        "peak_memory_gib": peak_memory(),
    }
