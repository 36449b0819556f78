"""Make `shown.npz` of run folders with the map in it: `benchmarks/maps.py RUN...`.

Training writes the file without the places on the map, which take seconds; the app
makes them when the page Map is first opened. Shipped models come with them.
"""

import sys
from pathlib import Path

import ssvae
from ssvae.evaluation.examples import examples_of_run, with_places
from ssvae.runs.folder import SHOWN_FILE
from ssvae.runs.shown import load_shown


def main(runs: list[str]) -> None:
    """Make the file of each run folder, or put the map into it."""
    for run in map(Path, runs):
        model = ssvae.load_model(run)
        shown = load_shown(run) or examples_of_run(model, run)
        with_places(model, shown).save(run / SHOWN_FILE)
        size = (run / SHOWN_FILE).stat().st_size
        print(f"{run}: {len(shown.images):,} pictures, {size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
