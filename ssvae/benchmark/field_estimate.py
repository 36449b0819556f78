"""Estimated and measured accuracy of the draws of the field benchmark, as a table."""

from itertools import groupby
from statistics import mean

from ssvae.evaluation.results import Result

# Points by which a good estimate misses the measured accuracy, at most.
NEAR = 3
# Labels per class from which on estimates are summed up.
ENOUGH = 10


def estimate_table(results: list[Result]) -> str:
    """Return how good the estimates are, one row per data set and number of labels.

    Args:
        results: Dicts that `measure_field` returned. Those without an estimate are left
            out.

    Returns:
        A sentence on the draws with `ENOUGH` labels per class or more, and a table; the
        means of accuracies in percent. Empty if there is no estimate.
    """
    told = [r for r in results if r.get("estimated_accuracy") is not None]
    if not told:
        return ""
    lines = [
        [
            *("data set", "labels per class", "draws", "measured, %", "estimated, %"),
            *(f"within {NEAR} points", "interval, points", "interval holds"),
        ],
        ["---", *["---:"] * 7],
    ]
    for (name, each), group in groupby(sorted(told, key=_kind), key=_kind):
        lines.append([name, str(each), *_cells(list(group))])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    enough = [r for r in told if r["labels_per_class"] >= ENOUGH]
    return f"**Estimated accuracy**\n\n{_sentence(enough)}{rows}"


def _kind(result):
    """Return what draws of one row have in common."""
    return result["dataset"], result["labels_per_class"]


def _cells(draws):
    """Return the cells of draws of one kind."""
    count = len(draws)
    widths = [high - low for low, high in map(_interval, draws)]
    return [
        str(count),
        f"{100 * mean(1 - draw['error'] for draw in draws):.1f}",
        f"{100 * mean(draw['estimated_accuracy'] for draw in draws):.1f}",
        f"{sum(map(_is_near, draws))} of {count}",
        f"{100 * mean(widths):.1f}",
        f"{sum(map(_holds, draws))} of {count}",
    ]


def _sentence(draws):
    """Return the sum of all draws in words, and an empty line; empty without draws."""
    if not draws:
        return ""
    near, held = sum(map(_is_near, draws)), mean(map(_holds, draws))
    return (
        f"With {ENOUGH} labels per class or more, the estimate is within {NEAR} points "
        f"in {near} of {len(draws)} draws, and the interval holds the measured "
        f"accuracy in {100 * held:.0f} %.\n\n"
    )


def _interval(draw):
    """Return the ends of a draw's interval."""
    return draw["estimated_accuracy_interval"]


def _is_near(draw):
    """Return whether a draw's estimate is good."""
    missed = draw["estimated_accuracy"] - (1 - draw["error"])
    return abs(100 * missed) <= NEAR


def _holds(draw):
    """Return whether a draw's interval holds the measured accuracy."""
    low, high = _interval(draw)
    return low <= 1 - draw["error"] <= high
