"""What each script of `benchmarks/` does: flags, results that are kept, a table."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ssvae.evaluation.results import Result, add_result, read_results
from ssvae.evaluation.tables import update_page


class Script:
    """A script whose results are in a JSON file of its name, beside it.

    Its table is in the `README.md` beside it.

    Args:
        file: Path of the script.
    """

    def __init__(self, file: str):
        self.path = Path(file).resolve()
        self.out = self.path.with_suffix(".json")

    def parser(self, text: str, sets: Sequence[str], draws: int) -> Any:
        """Return a parser of a folder of data sets, their names, and seeds.

        Args:
            text: Documentation of the script; its first line is shown.
            sets: Names of the data sets if none are stated.
            draws: Number of draws if none is stated.
        """
        parser = argparse.ArgumentParser(description=text.splitlines()[0])
        add = parser.add_argument
        add("folder", type=Path, help="folder of the data sets")
        add("--sets", nargs="+", default=list(sets), help="names of data sets")
        add("--seeds", type=int, default=draws, help=f"draws of each set ({draws})")
        add("--first-seed", type=int, default=0, help="seed of the first draw (0)")
        return parser

    @property
    def results(self) -> list[Result]:
        """All results that are kept."""
        return read_results(self.out)

    def done(self, *names: str) -> set[tuple[Any, ...]]:
        """Return what is measured already: the values of some names of each result."""
        return {tuple(result[name] for name in names) for result in self.results}

    def add(self, result: Result, line: object = None) -> None:
        """Keep a result, and print a line about it; the result itself if it is None."""
        add_result(self.out, result)
        print(result if line is None else line, flush=True)

    def finish(self, table: Callable[[list[Result]], str]) -> None:
        """Print the table of all results, and put it into the page."""
        text = table(self.results)
        print(text)
        source = f"{self.path.parent.name}/{self.out.name}"
        update_page(self.path.with_name("README.md"), source, text)


def seeds_of(flags: argparse.Namespace) -> range:
    """Return the seeds that the flags of `Script.parser` state."""
    return range(flags.first_seed, flags.first_seed + flags.seeds)


def say(line: str) -> None:
    """Print a line about work that takes long."""
    print(line, file=sys.stderr, flush=True)
