"""Where the time goes before the first step: `python benchmarks/start.py`.

Each command runs in a process of its own, and the median counts. The machine must be
idle. `start.json` and its table in `speed.md` are made from the figures.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine

OUT, PAGE, REPEATS = Path("benchmarks/start.json"), "benchmarks/speed.md", 3
# The script that each process runs, and the folder that keeps a graph.
PARTS, CACHE = Path(__file__).with_name("start_parts.py"), "build/start-cache"


def main():
    """Measure, write the figures, print the table."""
    whats = {
        "`ssvae.train --help`": help_,
        "first step, without a graph": lambda: first_step("--propagation", "none"),
        "first step of the default recipe": first_step,
        "the same, when the graph was made before": again,
        "first prediction, after the imports": lambda: child("predict"),
    }
    results = []
    for what, measure in whats.items():
        runs = [measure() for _ in range(REPEATS)]
        whole = median(run["whole"] for run in runs)
        middle = next(run for run in runs if run["whole"] == whole)
        results.append({"what": what, **middle})
        print(json.dumps(results[-1]), flush=True)
    figures = {"machine": machine(), "start": results}
    write_json(OUT, figures, indent=1)
    update_page(PAGE, str(OUT), table(figures))
    print(table(figures))


def help_():
    """Return the seconds of `--help`."""
    began = time.time()
    command = [sys.executable, "-m", "ssvae.train", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {"whole": time.time() - began, "parts": {}}


def first_step(*flags, cache=""):
    """Return the seconds to the end of the first step, and those of its parts."""
    flags = "--labels", "100", "--out", "build/start", *flags
    return child("train", str(time.time()), *flags, cache=cache)


def again():
    """Return what `first_step` does when the graph was kept before."""
    if not Path(CACHE).exists():
        first_step(cache=CACHE)
    return first_step(cache=CACHE)


def child(*arguments, cache=""):
    """Return what `start_parts.py` prints; `cache` is the folder of kept graphs."""
    process = subprocess.run(
        [sys.executable, PARTS, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SSVAE_CACHE": cache},
    )
    return json.loads(process.stdout.splitlines()[-1])


def table(figures) -> str:
    """Return the figures as Markdown, one row per command, followed by its parts."""
    rows = [f"{figures['machine']}:\n", "| | seconds |", "|---|---:|"]
    for result in figures["start"]:
        rows.append(f"| {result['what']} | {result['whole']:.1f} |")
        rows += [f"| - {part} | {s:.1f} |" for part, s in result["parts"].items()]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
