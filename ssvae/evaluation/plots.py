"""Figures drawn from measured results."""

from collections.abc import Sequence
from itertools import groupby
from statistics import mean
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator

from ssvae.evaluation.results import Result
from ssvae.evaluation.tables import row_of
from ssvae.types import ArrayLike

# Classes of a confusion matrix with numbers: the picture grows with them.
MAX_NUMBERED = 60


def error_over_time(results: list[Result]) -> Figure:
    """Draw test error over seconds of training, one line per recipe and label count.

    A line connects the means over the draws, at each step that was measured and at the
    end. A band reaches from the best draw to the worst.

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
    """Return the (seconds, test error in percent) of a run; the last is its end."""
    course = [
        (point["seconds"], 100 * (1 - point["test_accuracy"])) for point in run["curve"]
    ]
    return [*course, (run["train_seconds"], 100 * run["test_error"])]


def class_map(
    points: np.ndarray, classes: np.ndarray, class_names: Sequence[str]
) -> Figure:
    """Draw images as points, colored by class, with each class's name in its middle.

    Args:
        points: Array `(n, 2)`, one point per image.
        classes: int array `(n,)`.
        class_names: One name per class.
    """
    figure = Figure(figsize=(7, 7), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    colors = colormaps["tab20" if len(class_names) > 10 else "tab10"]
    for index, name in enumerate(class_names):
        members = points[classes == index]
        if not len(members):
            continue
        color = colors(index % colors.N)
        x, y = members.T
        axes.scatter(x, y, s=3, color=color, alpha=0.6, lw=0)
        axes.annotate(
            name,
            np.median(members, axis=0),
            ha="center",
            va="center",
            bbox={"boxstyle": "round,pad=0.25", "fc": "white", "ec": color},
        )
    axes.set_aspect("equal", "datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    return figure


def reliability(after: dict[str, list[Any]], before: dict[str, list[Any]]) -> Figure:
    """Draw how often predictions are right, over their confidence.

    Bins of fewer than ten images are left out of the lines.

    Args:
        after: Dict of lists with one value per bin: `confidence` and `accuracy`,
            fractions or None, and `count`.
        before: The same without the temperature.
    """
    figure = Figure(figsize=(5, 5), dpi=150, layout="constrained")
    axes, below = figure.subplots(2, sharex=True, height_ratios=(3, 1))
    axes.plot([0, 1], [0, 1], color="0.7", lw=0.8, label="perfectly calibrated")
    for bins, style, label in (
        (before, "s--", "without temperature"),
        (after, "o-", "calibrated"),
    ):
        full = [i for i, count in enumerate(bins["count"]) if count >= 10]
        axes.plot(
            [bins["confidence"][i] for i in full],
            [bins["accuracy"][i] for i in full],
            style,
            color="0.55" if bins is before else "black",
            ms=4,
            label=label,
        )
    axes.set_ylabel("fraction right in the bin")
    axes.legend(frameon=False)
    count = len(after["count"])
    middles = (np.arange(count) + 0.5) / count
    below.bar(middles, after["count"], 0.9 / count, color="0.5")
    below.set_yscale("log")
    below.set_ylabel("images")
    below.set_xlabel("probability of the answer")
    for part in (axes, below):
        part.grid(alpha=0.3)
        part.spines[["top", "right"]].set_visible(False)
    return figure


def coverage(shares: ArrayLike, accuracies: ArrayLike) -> Figure:
    """Draw the error among the answered images over the fraction that is answered.

    Args:
        shares: Array `(n,)`, ascending fractions of the images; the images with the
            most confident predictions are answered first.
        accuracies: Array `(n,)`, the accuracy for each fraction.
    """
    figure = Figure(figsize=(5, 3.6), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(100 * np.asarray(shares), 100 * (1 - np.asarray(accuracies)), "k-")
    axes.set_xlabel("images answered, most confident first, %")
    axes.set_ylabel("error among them, %")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def confusion(counts: ArrayLike, class_names: Sequence[str]) -> Figure:
    """Draw a confusion matrix with a number in each cell.

    Of more than `MAX_NUMBERED` classes it has no numbers, and only some names.

    Args:
        counts: int array `(num_classes, num_classes)`, one row per true class.
        class_names: One name per class.
    """
    counts = np.asarray(counts)
    every = -(-len(counts) // MAX_NUMBERED)
    side = 2 + 0.4 * min(len(counts), MAX_NUMBERED)
    figure = Figure(figsize=(side, side), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    # Shaded by the share of the true class; its root makes rare mistakes visible.
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares**0.5, cmap="Greys", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count and every == 1:
            color = "white" if shares[row, column] > 0.3 else "black"
            axes.text(column, row, count, ha="center", va="center", color=color)
    places, names = range(0, len(counts), every), class_names[::every]
    axes.set_xticks(places, names, rotation=90 * _long(class_names))
    axes.set_yticks(places, names)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    return figure


def _long(names):
    """Return whether names are too long to fit next to each other."""
    return max(map(len, names)) > 2
