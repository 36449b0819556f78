"""Results of the benchmark as Markdown, and pages that hold such tables."""

import statistics
from itertools import groupby
from pathlib import Path

from ssvae.errors import InputError
from ssvae.files.atomic import write_text

HEAD = (
    "| data | recipe | labels | draws | test error | worst draw | at 60 s | test ELBO "
    "| time |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|",
)


def table(results) -> str:
    """Return a Markdown table, a row for each data set, recipe and label count.

    Args:
        results: List of dicts, of which `dataset`, `recipe`, `num_labels`, `seed`,
            `test_error` (fraction), `test_elbo` (nats), `train_seconds` and `curve`
            are read.
    """
    ordered = sorted(results, key=row_of)
    rows = [_row(*key, list(group)) for key, group in groupby(ordered, row_of)]
    return "\n".join((*HEAD, *rows))


def row_of(result) -> tuple:
    """Return what the draws of one row have in common: data, recipe, label count."""
    return result["dataset"], result["recipe"], result["num_labels"]


def _row(dataset, recipe, num_labels, runs):
    """Return the row of one recipe, data set and label count over its draws."""
    elbo = statistics.mean(run["test_elbo"] for run in runs)
    seconds = statistics.mean(run["train_seconds"] for run in runs)
    return (
        f"| {dataset} | {recipe} | {num_labels:,} | {len(runs)} | {_errors(runs)} | "
        f"{_early(runs)} | {elbo:.1f} nats | {seconds:.0f} s |"
    )


def _errors(runs):
    """Return the mean error with its spread, and the worst; models may have none."""
    errors = [100 * run["test_error"] for run in runs if run["test_error"] is not None]
    if not errors:
        return "- | -"
    spread = f" ± {statistics.stdev(errors):.2f}" if len(errors) > 1 else ""
    return f"{statistics.mean(errors):.2f}{spread} % | {max(errors):.2f} %"


def _early(runs, seconds=60):
    """Return the mean error of the last weights kept before so much training."""
    curves = [
        [point for point in run.get("curve", ()) if point["seconds"] <= seconds]
        for run in runs
    ]
    if not all(curves):
        return "-"
    errors = [100 * (1 - curve[-1]["test_accuracy"]) for curve in curves]
    return f"{statistics.mean(errors):.2f} %"


def uses_table(results, names=()) -> str:
    """Return a Markdown table of what `evaluate` measured, a row a figure.

    Args:
        results: List of dicts with `evaluation`; those without are left out.
        names: Figures to show, keys of `evaluation`; all numbers where none is given.
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
        names = dict.fromkeys(numbers)
    titles = [f"{recipe}, {len(runs)}" for (_, recipe, _), runs in columns.items()]
    rows = [
        [name.replace("_", " "), *(_figure(name, runs) for runs in columns.values())]
        for name in names
    ]
    lines = [["figure", *titles], ["---", *["---:"] * len(titles)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _figure(name, runs):
    """Return the mean of one figure over runs, and its spread."""
    values = [run[name] for run in runs if name in run]
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    if all(isinstance(value, int) for value in values) and len(set(values)) == 1:
        return f"{values[0]:,}"
    return f"{statistics.mean(values):.4f}{spread}"


def speed_table(figures) -> str:
    """Return measured speed as Markdown: the machine, then one row per kind of work.

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


def update_page(page, source, text):
    """Put a table into a page, between the two comments that name its source.

    They are `<!-- SOURCE -->` and `<!-- end of SOURCE -->`.

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
