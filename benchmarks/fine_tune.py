"""Backbones that go on learning, on people's own images: `benchmarks/fine_tune.py`.

    KERAS_BACKEND=jax python benchmarks/fine_tune.py --field FOLDER --out FILE.json

It is meant for a GPU: each draw lets a backbone learn four times for hundreds of steps.
For each data set below the folder and each draw of ten labels per class it writes the
test errors with the backbone frozen, after its last layers have learned, and after all
have, and whether labels that tuning did not see speak for it. It needs Keras, JAX,
PyTorch or TensorFlow, SciPy, scikit-learn and Pillow. A draw in the file is not
repeated. `--also NAME=VALUE` tries other constants of `training.tuned_features` and
`vae.fine_tuner`, on hidden labels only, so that none is chosen by test images.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
# Constants that are changed: none.
USUAL = ""


def main():
    """Measure what is missing, and print a table."""
    flags = _flags()
    os.environ.setdefault("SSVAE_CACHE", "")
    from ssvae.cli import process
    from ssvae.evaluation.results import read_results

    process.start_keras()
    from fine_tune_draws import Bench

    from ssvae.benchmark.field_sets import find_sets

    began = time.perf_counter()
    for path in find_sets(flags.field, flags.sets):
        bench = Bench(path, flags.quick)
        for seed in range(flags.first, flags.first + flags.draws):
            for variant in (USUAL, *flags.also):
                if time.perf_counter() - began > 60 * flags.minutes:
                    print("The time is over: the same command goes on.", flush=True)
                    return
                bench.measure(seed, variant, flags.out, whole=variant == USUAL)
    print(table(read_results(flags.out)))


def _flags():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--field", required=True, metavar="FOLDER")
    parser.add_argument("--out", required=True, metavar="FILE.json")
    parser.add_argument("--sets", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--draws", type=int, default=3, help="seeds of splits")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--also", nargs="*", default=[], metavar="NAME=VALUE[,...]")
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="no draw begins after these"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few steps with images of 32 pixels"
    )
    return parser.parse_args()


def table(results) -> str:
    """Return the mean test errors as Markdown, one row per data set."""
    rows = [
        "| set | draws | frozen | last layers | all layers | believed |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    whole = [result for result in results if "errors" in result]
    for name in sorted({result["dataset"] for result in whole}):
        runs = [result for result in whole if result["dataset"] == name]
        cells = [
            f"{100 * sum(run['errors'][stage] for run in runs) / len(runs):.1f}"
            for stage in ("frozen", "last", "all")
        ]
        count = sum(run["hidden"]["all"]["believed"] == "tuned" for run in runs)
        cells.append(f"{count} of {len(runs)}")
        rows.append(f"| {name} | {len(runs)} | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
