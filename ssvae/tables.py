"""Results of the benchmark as Markdown, and pages that hold such tables."""

import statistics
from itertools import groupby
from pathlib import Path

from ssvae.errors import InputError

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
    errors = [100 * run["test_error"] for run in runs]
    spread = f" ± {statistics.stdev(errors):.2f}" if len(errors) > 1 else ""
    elbo = statistics.mean(run["test_elbo"] for run in runs)
    seconds = statistics.mean(run["train_seconds"] for run in runs)
    return (
        f"| {dataset} | {recipe} | {num_labels:,} | {len(runs)} | "
        f"{statistics.mean(errors):.2f}{spread} % | {max(errors):.2f} % | "
        f"{_early(runs)} | {elbo:.1f} nats | {seconds:.0f} s |"
    )


def _early(runs, seconds=60):
    """Return the mean error of the last weights kept before so much training."""
    curves = [
        [point for point in run["curve"] if point["seconds"] <= seconds] for run in runs
    ]
    if not all(curves):
        return "-"
    errors = [100 * (1 - curve[-1]["test_accuracy"]) for curve in curves]
    return f"{statistics.mean(errors):.2f} %"


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
    page.write_text(f"{before}{start}{text}\n{end}{after}", encoding="utf-8")
