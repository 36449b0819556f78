"""Measure recipes or speed: `python -m ssvae.benchmark`."""

import json
from pathlib import Path

from ssvae.benchmark.recipes import benchmark
from ssvae.cli import arguments, console, process
from ssvae.cli.parser import Parser, whole_number
from ssvae.cli.settings import parse
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.evaluation.results import read_results
from ssvae.evaluation.tables import speed_table, table, update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine


def main() -> None:
    """Read the flags, measure what is missing, print the table."""
    flags = _flags()
    if flags.speed:
        _speed(Path(flags.out or "benchmarks/speed.json"), flags.table, flags.page)
        return
    if flags.field:
        _field(flags)
        return
    out = flags.out or "benchmarks/results.json"
    results = read_results(out)
    if not flags.table:
        results = benchmark(_configs(flags), out, flags.runs, flags.jobs, console.say)
    _show(flags, out, results, table, _error_over_time)


def _error_over_time(results):
    """Return the picture of recipes; its library is imported for it alone."""
    from ssvae.evaluation.plots import error_over_time

    return error_over_time(results)


def _show(flags, out, results, in_table, in_picture):
    """Print a table of results; write the page and the picture that flags name."""
    if not results:
        raise InputError(f"{out!r} holds no results yet: run without --table")
    print(in_table(results))
    if flags.page:
        update_page(flags.page, out, in_table(results))
    if flags.plot:
        in_picture(results).savefig(flags.plot)


def _flags():
    """Read the flags."""
    parser = Parser(
        command="benchmark",
        description="Train recipes with several numbers of labels and several draws of "
        "labels, and print a table of their test errors. Each finished run is kept: "
        "after an interruption the same command continues.",
    )
    add = parser.add_argument
    add("--configs", nargs="+", default=[], metavar="FILE.toml", help="recipes")
    add(
        "--labels",
        nargs="+",
        default=["100"],
        metavar="N",
        help="numbers of labels (100)",
    )
    add(
        "--draws",
        type=whole_number(1),
        default=3,
        metavar="K",
        help="number of draws of labels, with seeds that follow each other (3)",
    )
    add(
        "--first-seed",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="seed of the first draw (0)",
    )
    add("--dataset", help="data set, instead of the one that each recipe names")
    arguments.add_out(
        parser,
        "FILE.json",
        "file of results (benchmarks/results.json; with --speed benchmarks/speed.json, "
        "with --field benchmarks/field.json)",
    )
    add(
        "--runs",
        default="runs/benchmark",
        metavar="DIR",
        help="folder of the run folders (runs/benchmark)",
    )
    add(
        "--table",
        action="store_true",
        help="measure nothing; print the table of the results in --out",
    )
    add("--page", metavar="FILE.md", help="also put the table into this page")
    add("--plot", metavar="FILE.png", help="also draw test error over training time")
    add(
        "--speed",
        action="store_true",
        help="measure how fast this machine trains and answers, instead of recipes",
    )
    add(
        "--jobs",
        type=whole_number(1),
        default=1,
        metavar="J",
        help="number of runs at the same time (1)",
    )
    _add_field_flags(parser.add_argument_group("people's own images"))
    return parser.parse_args()


def _add_field_flags(group):
    """Add the flags of the field benchmark."""
    add = group.add_argument
    add(
        "--field",
        metavar="FOLDER",
        help="measure learners of features, instead of recipes, on every data set in "
        "this folder; a data set is a subfolder that holds a folder per class",
    )
    add(
        "--labels-per-class",
        nargs="+",
        type=whole_number(1),
        default=[1, 5, 10, 25],
        metavar="N",
        help="numbers of labels of each class (1 5 10 25)",
    )
    add("--sets", nargs="+", default=[], metavar="NAME", help="only these data sets")
    add("--features", default="", help="features, instead of those suggested for each")
    add(
        "--whole",
        action="store_true",
        help="also run python -m ssvae.train for each draw, with nothing else stated",
    )


def _speed(out, measured, page):
    """Measure speed, unless it was measured, and print its table."""
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


def _field(flags):
    """Measure the field benchmark, unless it was measured, and print its tables."""
    process.start_keras()
    with process.interrupts_held_back():
        from ssvae.benchmark.field import FieldPlan, measure_field
        from ssvae.benchmark.field_page import error_over_labels, field_tables
    out = flags.out or "benchmarks/field.json"
    results = read_results(out)
    if not flags.table:
        plan = FieldPlan(
            flags.field,
            tuple(flags.labels_per_class),
            flags.draws,
            tuple(flags.sets),
            flags.features,
            Path(flags.runs) if flags.whole else None,
        )
        results = measure_field(plan, out, console.say)
    _show(flags, out, results, field_tables, error_over_labels)


def _configs(flags):
    """Return a config for each draw, number of labels and recipe.

    The draw varies slowest, so that every recipe has its first results early.
    """
    recipes = [load_config(path) for path in flags.configs] or [Config()]
    if flags.dataset:
        recipes = [config.replace(dataset=flags.dataset) for config in recipes]
    return [
        config.replace(labels=parse("labels", labels), seed=seed)
        for seed in range(flags.first_seed, flags.first_seed + flags.draws)
        for labels in flags.labels
        for config in recipes
    ]


if __name__ == "__main__":
    process.run(main, "ssvae.benchmark")
