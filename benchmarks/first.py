"""The first measured default recipe and today's: `python benchmarks/first.py`.

Each is trained on one core with three draws of 100 labels: the first for its five
epochs, today's for two. A run whose folder exists is not repeated.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import cores_here, machine

FIRST, DRAWS = "d6166eb", 3
FOLDER, OUT = Path("build/first"), Path("benchmarks/first.json")
PAGE = "benchmarks/speed.md"
VERSIONS = {f"the first, {FIRST}": [], "today's, `--epochs 2`": ["--epochs", "2"]}


def main():
    """Train what is missing, write the figures, put the table into the page."""
    os.sched_setaffinity(0, {min(cores_here())})
    FOLDER.mkdir(parents=True, exist_ok=True)
    checkout = (FOLDER / "checkout").absolute()
    if not checkout.exists():
        command = ["git", "worktree", "add", "--detach", str(checkout), FIRST]
        subprocess.run(command, check=True)
    results = []
    for (version, flags), code in zip(VERSIONS.items(), (checkout, None), strict=True):
        for seed in range(DRAWS):
            run = (FOLDER / f"{'first' if code else 'today'}-{seed}").absolute()
            if not (run / "metrics.json").exists():
                train(code, seed, run, flags)
            metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
            results.append({"version": version, "machine": machine(), **metrics})
    write_json(OUT, results, indent=1)
    update_page(PAGE, str(OUT), table(results))
    print(table(results))


def train(code, seed, run, flags):
    """Train with the code of a checkout, or with today's code if `code` is None."""
    command = [sys.executable, "-m", "ssvae.train", "--labels", "100"]
    command += ["--seed", str(seed), "--out", str(run), *flags]
    environment = {**os.environ, "PYTHONPATH": str(code or Path.cwd())}
    environment["SSVAE_CACHE"] = ""
    subprocess.run(command, check=True, cwd=code, env=environment)


def table(results) -> str:
    """Return the figures as Markdown, one row per version."""
    rows = [f"{results[0]['machine']}:\n"]
    rows += ["| default recipe | draws | test error | time |", "|---|---:|---:|---:|"]
    for version in VERSIONS:
        runs = [result for result in results if result["version"] == version]
        errors = [100 * run["test_error"] for run in runs]
        seconds = mean(run["train_seconds"] for run in runs)
        rows.append(
            f"| {version} | {len(runs)} | {mean(errors):.2f} ± {stdev(errors):.2f} % | "
            f"{seconds:.0f} s |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
