"""What is written by hand beside libraries: `python benchmarks/by_hand.py FOLDER`.

FOLDER holds one folder of class folders per data set. Each piece of work is done by our
code and by the libraries that could do it, in one process and on one core: their
processor time is compared, and what comes out. Libraries that are not installed are
left out. What is measured already is not measured again.
"""

import importlib
import itertools
import time

import numpy as np
from by_hand_cases import CASES, DATA
from threadpoolctl import threadpool_limits

from ssvae.benchmark.script import Script
from ssvae.evaluation.tables import update_page

SCRIPT = Script(__file__)
PAGE = SCRIPT.path.parents[1] / "docs" / "by-hand.md"
OURS = "ssvae"


def main():
    """Measure what is missing, and put the table into the page."""
    flags = SCRIPT.parser(__doc__, tuple(CASES), 1).parse_args()
    done = SCRIPT.done("dataset", "recipe")
    for name in flags.sets:
        ways, figure = CASES[name](flags.folder)
        ways = {way: run for way, run in ways.items() if is_there(way)}
        if all((name, way) in done for way in ways):
            continue
        for way, run in ways.items():
            SCRIPT.add(measured(name, way, run, figure))
    text = table(SCRIPT.results)
    print(text)
    update_page(PAGE, "benchmarks/by_hand.json", text)


def is_there(way) -> bool:
    """Return whether the library of a way is there; the first word names it.

    It is imported: that is no part of the work that is measured.
    """
    try:
        importlib.import_module(MODULES.get(way.split()[0], "ssvae"))
    except ImportError:
        return False
    return True


# What is imported of libraries.
MODULES = {
    "faiss-cpu": "faiss",
    "pynndescent": "pynndescent",
    "imagehash": "imagehash",
    "scikit-image": "skimage",
    "openTSNE": "openTSNE",
    "graphlearning": "graphlearning",
}


def measured(name, way, run, figure):
    """Return the result of one way to do a piece of work."""
    seconds = []
    # What is short is done again, until a second has passed.
    while not seconds or (sum(seconds) < 1 and len(seconds) < 100):
        with threadpool_limits(1):
            began = time.process_time()
            found = run()
            seconds.append(time.process_time() - began)
    return {
        "dataset": name,
        "recipe": way,
        "num_labels": 0,
        "seed": 0,
        "processor_seconds": float(np.median(seconds)),
        "found": figure(found),
    }


def table(results) -> str:
    """Return the table as Markdown: times relative to ours, and what comes out."""
    rows = [
        "| work | by | processor time, ours = 1 | what comes out |",
        "|---|---|---:|---|",
    ]
    order = {name: number for number, name in enumerate(CASES)}
    known = [r for r in results if r["dataset"] in order]
    known.sort(key=lambda r: (order[r["dataset"]], not r["recipe"].startswith(OURS)))
    for name, group in itertools.groupby(known, lambda r: r["dataset"]):
        own = list(group)
        ours = next(r["processor_seconds"] for r in own if r["recipe"] == OURS)
        for result in own:
            first = f"{name}: {DATA[name]}" if result["recipe"] == OURS else ""
            ratio = result["processor_seconds"] / ours
            rows.append(
                f"| {first} | {result['recipe']} | {ratio:.2g} | {result['found']} |"
            )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
