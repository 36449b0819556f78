"""How much better it is to label the suggested images: `python benchmarks/asking.py`.

Starting from 20 random labels, 30 more are added: once for the images that
`ssvae.graph.acquisition` suggests, once for random images. The default recipe is
trained with both. A run whose folder exists is not repeated.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

import numpy as np

from ssvae import Config, load_dataset
from ssvae.data import draw_labels, save_labels
from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.graph.acquisition import suggest
from ssvae.graph.construction import image_graph

# Seeds of the draws. The rule of suggestion was developed on other draws.
DRAWS = range(10, 15)
GIVEN, ASKED = 20, 30
RUNS = Path("runs/asking")
OUT = Path("benchmarks/asking.json")


def main():
    """Train what is missing, write the figures, print the table."""
    dataset = load_dataset("mnist")
    RUNS.mkdir(parents=True, exist_ok=True)
    results = []
    for seed in DRAWS:
        for way in ("asked for", "random"):
            run = RUNS / f"{way.replace(' ', '-')}-{seed}"
            if not run.exists():
                train(run, draw(dataset, way, seed), seed)
            metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
            results.append({"way": way, **metrics})
            write_json(OUT, results, indent=1)
    update_page("benchmarks/README.md", str(OUT), table(results))
    print(table(results))


def table(results) -> str:
    """Return the figures as Markdown, one row per way to add labels."""
    rows = ["| 30 labels more | draws | test error |", "|---|---:|---:|"]
    for way in ("asked for", "random"):
        errors = [100 * r["test_error"] for r in results if r["way"] == way]
        rows.append(
            f"| {way} | {len(errors)} | {mean(errors):.2f} ± {stdev(errors):.2f} % |"
        )
    return "\n".join(rows)


def draw(dataset, way, seed) -> Path:
    """Return the path of a file of 50 labels; both ways have the same first 20."""
    indices, _ = draw_labels(dataset.labels, GIVEN, dataset.num_classes, seed)
    path = RUNS / f"{way.replace(' ', '-')}-{seed}.json"
    others = np.setdiff1d(np.arange(len(dataset.images)), indices)
    if path.exists():
        return path
    if way == "random":
        more = np.random.default_rng((seed, 5)).choice(others, ASKED, replace=False)
    else:
        graph = image_graph(dataset.images, Config(seed=seed))
        more = suggest(graph, indices, others, ASKED)
    both = np.concatenate([indices, more])
    save_labels(path, dataset.with_labels(both, dataset.labels[both]))
    return path


def train(run, labels_file, seed):
    """Train the default recipe in a process of its own."""
    command = [sys.executable, "-m", "ssvae.train", "--labels-file", labels_file]
    command += ["--seed", str(seed), "--out", run]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
