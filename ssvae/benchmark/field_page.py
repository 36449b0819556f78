"""Tables and picture of the field benchmark."""

from collections.abc import Callable
from itertools import groupby
from statistics import mean

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from ssvae.benchmark.field_cost import cost_table
from ssvae.benchmark.field_draw import POISSON
from ssvae.benchmark.field_estimate import estimate_table
from ssvae.evaluation.results import Result
from ssvae.training.learners import ALONE, BOTH

# Points by which a draw may be worse than the labels alone and still counts as good.
TOLERANCE = 0.5
# Panels of the picture in a row.
NUM_COLUMNS = 4

# Error of a result, a fraction, by the title of its column.
COLUMNS: dict[str, Callable[[Result], float]] = {
    "believed": lambda result: result["error"],
    "labels alone": lambda result: result["errors"][ALONE],
    "Poisson learning": lambda result: result["errors"][POISSON],
    "mixture": lambda result: result["errors"][BOTH],
}
WHOLE = "whole run"
# Color, marker and style of each column's line.
LINES = {
    "believed": ("black", "o", "-"),
    "labels alone": ("#0072b2", "s", "--"),
    "Poisson learning": ("#d55e00", "^", ":"),
    "mixture": ("#009e73", "D", "-."),
}


def field_tables(results: list[Result]) -> str:
    """Return one table for each number of labels per class, one row per data set.

    A table of the estimated accuracies follows, if there are any, and one of time and
    memory, if there are whole runs.

    Args:
        results: List of dicts that `measure_field` returned.
    """
    ordered = sorted(results, key=lambda result: (_each(result), result["dataset"]))
    parts = [_table(each, list(group)) for each, group in groupby(ordered, key=_each)]
    more = estimate_table(results), cost_table(results)
    return "\n\n".join([*parts, *filter(None, more)])


def _each(result):
    """Return the labels per class of a result."""
    return result["labels_per_class"]


def _table(each, results):
    """Return the table of one number of labels per class."""
    has_whole = any("whole" in result for result in results)
    titles = [*COLUMNS, *([WHOLE] if has_whole else [])]
    lines = [
        ["data set", "classes", "draws", *titles, "worse than labels alone"],
        ["---", *["---:"] * (len(titles) + 3)],
    ]
    for name, group in groupby(results, key=lambda result: result["dataset"]):
        runs = list(group)
        cells = [_cell([error(run) for run in runs]) for error in COLUMNS.values()]
        if has_whole:
            cells += [_cell([r["whole"]["test_error"] for r in runs if "whole" in r])]
        worse = sum(_is_worse(run) for run in runs)
        count = len(runs)
        classes = str(runs[0]["num_classes"])
        lines.append([name, classes, str(count), *cells, f"{worse} of {count}"])
    labels = "1 label" if each == 1 else f"{each} labels"
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"**{labels} per class**\n\n{rows}"


def _cell(errors):
    """Return the mean of errors, and the worst in parentheses, percent."""
    if not errors:
        return "-"
    return f"{100 * mean(errors):.1f} ({100 * max(errors):.1f})"


def _is_worse(result):
    """Return whether what is believed is clearly worse than the labels alone."""
    return 100 * (result["error"] - result["errors"][ALONE]) > TOLERANCE


def error_over_labels(results: list[Result]) -> Figure:
    """Draw test error over labels per class, one panel per data set.

    A line connects the means over the draws. A band reaches from the best draw of what
    is believed to the worst.

    Args:
        results: List of dicts that `measure_field` returned.
    """
    names = sorted({result["dataset"] for result in results})
    # One place more, for the legend.
    count = len(names) + 1
    num_columns = min(count, NUM_COLUMNS)
    num_rows = -(-count // num_columns)
    size = (2.5 * num_columns, 2.6 * num_rows)
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    panels = figure.subplots(num_rows, num_columns, squeeze=False).ravel()
    for panel, name in zip(panels, names, strict=False):
        _draw_panel(panel, [r for r in results if r["dataset"] == name])
        panel.set_title(name, fontsize=10)
    for panel in panels[len(names) :]:
        panel.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    panels[-1].legend(handles, labels, loc="center", frameon=False)
    figure.supxlabel("labels per class", fontsize=10)
    figure.supylabel("test error, %", fontsize=10)
    return figure


def _draw_panel(panel, results):
    """Draw the errors of one data set."""
    numbers = sorted({_each(result) for result in results})
    draws = [[r for r in results if _each(r) == each] for each in numbers]
    for title, error in COLUMNS.items():
        color, marker, style = LINES[title]
        errors = [[100 * error(result) for result in runs] for runs in draws]
        means = [mean(values) for values in errors]
        # What is believed lies on top: it often equals another line.
        panel.plot(
            numbers,
            means,
            color=color,
            marker=marker,
            linestyle=style,
            label=title,
            markersize=4 if title == "believed" else 6,
            linewidth=1.4,
            zorder=3 if title == "believed" else 2,
        )
        if title == "believed":
            low, high = map(min, errors), map(max, errors)
            panel.fill_between(numbers, [*low], [*high], color=color, alpha=0.12, lw=0)
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(FixedLocator(numbers))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_xticks(numbers, [str(each) for each in numbers])
    panel.set_ylim(bottom=0)
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)
