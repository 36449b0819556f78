"""Measure recipes or speed: `python -m ssvae.benchmark`."""

import json
from pathlib import Path

from ssvae.benchmark.recipes import benchmark
from ssvae.cli import arguments, console, process
from ssvae.cli.parser import Parser
from ssvae.cli.settings import parse
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.evaluation.results import read_results
from ssvae.evaluation.tables import speed_table, table, update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine


def main():
    """Read the flags, run what is missing, print the table."""
    parser = Parser(
        prog="python -m ssvae.benchmark",
        description="Train recipes for several label counts and draws, and print their "
        "table. Stopped, it goes on where it was: run the same command again.",
    )
    parser.add_argument(
        "--configs", nargs="+", default=[], metavar="FILE.toml", help="recipes"
    )
    parser.add_argument(
        "--labels", nargs="+", default=["100"], metavar="N", help="label counts (100)"
    )
    parser.add_argument(
        "--draws", type=int, default=3, metavar="K", help="seeds 0 to K - 1 (3)"
    )
    parser.add_argument("--dataset", help="data set in place of the recipes'")
    arguments.add_out(
        parser,
        "FILE.json",
        "results (benchmarks/results.json; with --speed benchmarks/speed.json)",
    )
    parser.add_argument("--runs", default="runs/benchmark", metavar="DIR")
    parser.add_argument(
        "--table", action="store_true", help="train nothing, print the table of --out"
    )
    parser.add_argument(
        "--page", metavar="FILE.md", help="also put the table into this page"
    )
    parser.add_argument(
        "--plot", metavar="FILE.png", help="also draw test error over training time"
    )
    parser.add_argument(
        "--speed",
        action="store_true",
        help="instead measure how fast this machine trains and answers",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="J", help="runs at a time (1)"
    )
    flags = parser.parse_args()
    for name in ("draws", "jobs"):
        if getattr(flags, name) < 1:
            raise InputError(
                f"--{name}: got {getattr(flags, name)}, need a whole number from 1 up"
            )
    if flags.speed:
        _speed(Path(flags.out or "benchmarks/speed.json"), flags.table, flags.page)
        return
    flags.out = flags.out or "benchmarks/results.json"
    results = read_results(flags.out)
    if not flags.table:
        results = benchmark(
            _configs(flags), flags.out, flags.runs, flags.jobs, console.say
        )
    if not results:
        raise InputError(f"{flags.out!r} holds no results yet: run without --table")
    print(table(results))
    if flags.page:
        update_page(flags.page, flags.out, table(results))
    if flags.plot:
        from ssvae.evaluation.plots import error_over_time

        error_over_time(results).savefig(flags.plot)


def _speed(out, measured, page):
    """Measure speed, unless it is measured, write the figures, print their table."""
    if not measured:
        from ssvae.benchmark.speed import measure_speed

        write_json(out, {"machine": machine(), **measure_speed()}, indent=1)
    try:
        text = speed_table(json.loads(out.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(out)!r} holds no figures of speed ({error!r}): run without --table"
        ) from None
    print(text)
    if page:
        update_page(page, out, text)


def _configs(flags):
    """Return the crossed configs, draw by draw, so that every recipe has some early."""
    recipes = [load_config(path) for path in flags.configs] or [Config()]
    if flags.dataset:
        recipes = [config.replace(dataset=flags.dataset) for config in recipes]
    return [
        config.replace(labels=parse("labels", labels), seed=seed)
        for seed in range(flags.draws)
        for labels in flags.labels
        for config in recipes
    ]


if __name__ == "__main__":
    process.run(main, "ssvae.benchmark")
