"""Markdown tables of measured results, and pages that hold them."""

import statistics
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ssvae.errors import InputError
from ssvae.evaluation.results import Result
from ssvae.files.atomic import write_text
from ssvae.types import PathLike

# Head of the table of recipes.
HEAD = (
    "| data | recipe | labels | draws | test error | worst draw | at 60 s | test ELBO "
    "| time |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|",
)


def table(results: list[Result]) -> str:
    """Return the table of recipes, one row per data set, recipe and label count.

    Args:
        results: List of dicts; `dataset`, `recipe`, `num_labels`, `seed`, `test_error`
            (fraction), `test_elbo` (nats per image), `train_seconds` and `curve` are
            read.
    """
    ordered = sorted(results, key=row_of)
    rows = [_row(key, list(group)) for key, group in groupby(ordered, row_of)]
    return "\n".join((*HEAD, *rows))


def row_of(result: Result) -> tuple[str, str, int]:
    """Return what all draws of one row share: data set, recipe, label count."""
    return result["dataset"], result["recipe"], result["num_labels"]


def _row(key, runs):
    """Return the row of one data set, recipe and label count, over its draws."""
    dataset, recipe, num_labels = key
    elbo = statistics.mean(run["test_elbo"] for run in runs)
    seconds = statistics.mean(run["train_seconds"] for run in runs)
    return (
        f"| {dataset} | {recipe} | {num_labels:,} | {len(runs)} | {_errors(runs)} | "
        f"{_early(runs)} | {elbo:.1f} nats | {seconds:.0f} s |"
    )


def _errors(runs):
    """Return the cells of the error: mean with deviation, and the worst.

    Models without classes have no error.
    """
    errors = [100 * run["test_error"] for run in runs if run["test_error"] is not None]
    if not errors:
        return "- | -"
    spread = f" ± {statistics.stdev(errors):.2f}" if len(errors) > 1 else ""
    return f"{statistics.mean(errors):.2f}{spread} % | {max(errors):.2f} %"


def _early(runs, seconds=60):
    """Return the mean error of the last weights that were kept by so many seconds."""
    curves = [
        [point for point in run.get("curve", ()) if point["seconds"] <= seconds]
        for run in runs
    ]
    if not all(curves):
        return "-"
    errors = [100 * (1 - curve[-1]["test_accuracy"]) for curve in curves]
    return f"{statistics.mean(errors):.2f} %"


def uses_table(results: list[Result], names: Sequence[str] = ()) -> str:
    """Return the table of what `evaluate` measured, one row per figure.

    Args:
        results: List of dicts; those without `evaluation` are left out.
        names: Figures to show, keys of `evaluation`; all numbers if none is given.
    """
    ordered = sorted((r for r in results if "evaluation" in r), key=row_of)
    columns = {
        key: [run["evaluation"] for run in runs]
        for key, runs in groupby(ordered, row_of)
    }
    if not names:
        every = [figures for runs in columns.values() for figures in runs]
        numbers = [
            name
            for figures in every
            for name, value in figures.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        names = list(dict.fromkeys(numbers))
    titles = [f"{recipe}, {len(runs)}" for (_, recipe, _), runs in columns.items()]
    rows = [
        [name.replace("_", " "), *(_figure(name, runs) for runs in columns.values())]
        for name in names
    ]
    lines = [["figure", *titles], ["---", *["---:"] * len(titles)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _figure(name, runs):
    """Return the mean of one figure over runs, and its standard deviation."""
    values = [run[name] for run in runs if name in run]
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    if all(isinstance(value, int) for value in values) and len(set(values)) == 1:
        return f"{values[0]:,}"
    return f"{statistics.mean(values):.4f}{spread}"


def speed_table(figures: dict[str, Any]) -> str:
    """Return the name of a machine and the table of its speed, one row per work.

    Args:
        figures: Dict with `machine`, text, and what `measure_speed` returned.
    """
    title = figures["machine"]
    if "copy_gigabytes" in figures:
        copied = f"{figures['copy_gigabytes']:,.0f} GB/s copied"
        title = f"{figures['device']} ({copied}), {title}"
    rows = [
        f"{title}:\n",
        "| | images/s | operations per image | share of the matrix rate | first step "
        "| memory |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for result in figures["speed"]:
        first, memory = "-", "-"
        if "first_step_seconds" in result:
            first = f"{result['first_step_seconds']:.1f} s"
            memory = f"{result['peak_memory_gib']:.2f} GiB"
        rows.append(
            f"| {result['what']} | {result['images_per_second']:,.0f} | "
            f"{result['flops_per_image'] / 1e6:.1f} million | "
            f"{100 * result['share']:.0f} % of {result['matrix_gflops']:.0f} GFLOP/s | "
            f"{first} | {memory} |"
        )
    return "\n".join(rows)


def update_page(page: PathLike, source: PathLike, text: str) -> None:
    """Put a table into a page, between the two comments that name its source.

    The comments are `<!-- SOURCE -->` and `<!-- end of SOURCE -->`.

    Args:
        page: Path of the Markdown page.
        source: Path of the file that holds the figures.
        text: The table.

    Raises:
        InputError: If the page cannot be read or lacks the comments.
    """
    page = Path(page)
    start, end = f"<!-- {source} -->\n", f"<!-- end of {source} -->"
    try:
        old = page.read_text(encoding="utf-8")
        before, rest = old.split(start)
        _, after = rest.split(end)
    except OSError as error:
        raise InputError(f"cannot read {str(page)!r}: {error.strerror}") from None
    except ValueError:
        raise InputError(
            f"{str(page)!r} needs the lines {start.strip()!r} and {end!r}, once each"
        ) from None
    write_text(page, f"{before}{start}{text}\n{end}{after}")
