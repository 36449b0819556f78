"""Figures drawn from measured results."""

from itertools import groupby
from statistics import mean

from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator

from ssvae.tables import row_of


def error_over_time(results) -> Figure:
    """Draw test error against seconds of training, a line a recipe and label count.

    A line joins the means over the draws of seconds and error at each step that was
    measured, and at the end; the band reaches from the best draw to the worst.

    Args:
        results: List of dicts as `benchmark` returns them; those without a `curve` are
            left out.
    """
    figure = Figure(figsize=(8, 3.6), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    curved = sorted((r for r in results if r.get("curve")), key=row_of)
    for (_, recipe, num_labels), runs in groupby(curved, row_of):
        points = list(zip(*map(_course, runs), strict=False))
        seconds = [mean(second for second, _ in draws) for draws in points]
        errors = [[error for _, error in draws] for draws in points]
        label = f"{recipe}, {num_labels:,} labels"
        (line,) = axes.plot(seconds, [mean(e) for e in errors], ".-", label=label)
        low, high = [min(e) for e in errors], [max(e) for e in errors]
        axes.fill_between(seconds, low, high, color=line.get_color(), alpha=0.2, lw=0)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_locator(LogLocator(subs=()))
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds since training began, the graph included")
    axes.set_ylabel("test error, %")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _course(run):
    """Return the (seconds, test error in percent) of a run, its end last."""
    course = [
        (point["seconds"], 100 * (1 - point["test_accuracy"])) for point in run["curve"]
    ]
    return [*course, (run["train_seconds"], 100 * run["test_error"])]
