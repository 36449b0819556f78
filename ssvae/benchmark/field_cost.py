"""Time and memory of the whole runs of the field benchmark, as a table."""

from itertools import groupby
from statistics import mean

from ssvae.evaluation.results import Result
from ssvae.training.stopwatch import FEATURES, GRAPH, MIXTURE, PIXELS

# Stages whose share has a column; what is left is the rest.
STAGES = (FEATURES, GRAPH, MIXTURE, PIXELS)


def cost_table(results: list[Result]) -> str:
    """Return the cost of whole runs, one row per data set and number of labels.

    Args:
        results: Dicts that `measure_field` returned. Those without a whole run, or
            whose run did not count its stages, are left out.

    Returns:
        A table: mean seconds, in parentheses those of the slowest run; the largest peak
        memory; and the share of each stage, percent of the seconds. Empty if there is
        no run.
    """
    counted = [r for r in results if "stage_seconds" in r.get("whole", {})]
    if not counted:
        return ""
    titles = ["data set", "labels per class", "runs", "seconds", "memory, GiB"]
    lines = [
        [*titles, *(f"{stage}, %" for stage in STAGES), "rest, %"],
        ["---", *["---:"] * (len(titles) + len(STAGES))],
    ]
    for (name, each), group in groupby(sorted(counted, key=_kind), key=_kind):
        lines.append([name, str(each), *_cells([result["whole"] for result in group])])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"**Time and memory of whole runs**\n\n{rows}"


def _kind(result):
    """Return what runs of one row have in common."""
    return result["dataset"], result["labels_per_class"]


def _cells(runs):
    """Return the cells of runs of one kind."""
    seconds = [sum(run["stage_seconds"].values()) for run in runs]
    memory = [m for run in runs if (m := run["peak_memory_gib"]) is not None]
    shares = [
        100 * sum(run["stage_seconds"].get(stage, 0.0) for run in runs) / sum(seconds)
        for stage in STAGES
    ]
    return [
        str(len(runs)),
        f"{mean(seconds):.0f} ({max(seconds):.0f})",
        f"{max(memory):.1f}" if memory else "-",
        *(f"{share:.0f}" for share in shares),
        f"{100 - sum(shares):.0f}",
    ]
