"""How much faster two workers train than one: `python benchmarks/workers.py`.

The default recipe is trained without its graph: by one process on one core, and by two
processes on one core each, which share the batches. The rate is that of the epochs
after the first.
"""

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median

from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine

FLAGS = "--labels 100 --propagation none --epochs 3 --unlabeled-batch-size".split()
# Unlabeled images per step.
SIZES = (200, 800, 1_950)
OUT, RUN = Path("benchmarks/workers.json"), Path("build/workers")
PAGE = "benchmarks/speed.md"


def main():
    """Measure, write the figures, print the ratios."""
    results = []
    for size in SIZES:
        alone, shared = (rate(workers, size) for workers in (1, 2))
        results.append(
            {"images_a_step": size + 50, "one": alone, "two": shared}
            | {"ratio": shared / alone}
        )
        print(json.dumps(results[-1]), flush=True)
    figures = {"machine": machine(), "results": results}
    write_json(OUT, figures, indent=1)
    update_page(PAGE, str(OUT), table(figures))


def table(figures) -> str:
    """Return the figures as Markdown, one row per size of step."""
    rows = [
        f"{figures['machine']}:\n",
        "| images per step | one worker | two workers | times as many |",
        "|---:|---:|---:|---:|",
    ]
    for row in figures["results"]:
        rows.append(
            f"| {row['images_a_step']:,} | {row['one']:,.0f} images/s | "
            f"{row['two']:,.0f} images/s | {row['ratio']:.2f} |"
        )
    return "\n".join(rows)


def rate(workers, size) -> float:
    """Return the images per second of some workers together."""
    shutil.rmtree(RUN, ignore_errors=True)
    command = [sys.executable, "-m", "ssvae.train", *FLAGS, str(size), "--out", RUN]
    if workers > 1:
        command += ["--distribute", "multiworker"]
    addresses = [f"127.0.0.1:{port}" for port in free_ports(workers)]
    processes = []
    for number in range(workers):
        cluster = {"worker": addresses}
        task = {"type": "worker", "index": number}
        config = json.dumps({"cluster": cluster, "task": task})
        environment = os.environ | {"TF_CONFIG": config}
        pinned = ["taskset", "--cpu-list", str(number), *map(str, command)]
        processes.append(subprocess.Popen(pinned, env=environment))
    for process in processes:
        if process.wait():
            raise SystemExit("a worker failed")
    with open(RUN / "history.csv", newline="") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    metrics = json.loads((RUN / "metrics.json").read_text(encoding="utf-8"))
    steps = -(-metrics["num_unlabeled"] // size)
    epochs = [after - before for before, after in pairwise(seconds)]
    return steps * (size + 50) / median(epochs)


def free_ports(count) -> list[int]:
    """Return free ports of this machine."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


if __name__ == "__main__":
    main()
