"""The field benchmark: people's own images, few labels, several learners.

Each draw is written into a JSON file at once. A draw in that file is not repeated.
"""

from dataclasses import dataclass
from pathlib import Path

import keras

from ssvae.benchmark.field_draw import Split, measure_draw
from ssvae.benchmark.field_sets import FieldSet, features_of, find_sets, open_set
from ssvae.benchmark.field_whole import whole_run
from ssvae.errors import Interrupted
from ssvae.evaluation.results import Result, add_result, read_results
from ssvae.hardware import machine
from ssvae.runs.versions import versions
from ssvae.types import PathLike, Say


@dataclass(frozen=True)
class FieldPlan:
    """What the field benchmark measures.

    Attributes:
        folder: Path of the folder whose subfolders are the data sets.
        labels_per_class: Numbers of labels per class.
        draws: Number of draws of test part and labels, with the seeds 0 to draws - 1.
        sets: Names of the data sets; all if there is none.
        features: Setting of that name; empty for what is suggested for each set.
        runs: Folder of the run folders of whole training runs; None for no such runs.
    """

    folder: PathLike
    labels_per_class: tuple[int, ...]
    draws: int
    sets: tuple[str, ...] = ()
    features: str = ""
    runs: Path | None = None


def measure_field(plan: FieldPlan, out: PathLike, say: Say) -> list[Result]:
    """Measure every draw that has no result yet.

    Args:
        plan: `FieldPlan`.
        out: Path of the JSON file of results; results that it holds are kept.
        say: Function that prints a line.

    Returns:
        All results of the file: dicts of `measure_draw`, with the data set, settings,
        versions, and `whole` where a whole run was measured too.

    Raises:
        InputError: If a data set or a run fails; finished results are kept.
    """
    read_results(out)
    try:
        for path in find_sets(plan.folder, plan.sets):
            field_set = open_set(path, plan.features, say)
            _measure_set(field_set, plan, out, say)
            if plan.runs is not None:
                _measure_whole(field_set, plan, out, say)
    except KeyboardInterrupt:
        raise Interrupted(
            "interrupted; the same command continues after the finished draws"
        ) from None
    return read_results(out)


def _measure_set(field_set, plan, out, say):
    """Measure the missing draws of a data set."""
    name = field_set.path.name
    missing = {
        seed: [
            each
            for each in plan.labels_per_class
            if not _find(read_results(out), field_set, each, seed)
        ]
        for seed in range(plan.draws)
    }
    count = sum(map(len, missing.values()))
    total = plan.draws * len(plan.labels_per_class)
    say(f"{name}: {total} draws, {total - count} of them measured already.")
    if not count:
        return
    features, seconds = features_of(field_set, say)
    for seed, numbers in missing.items():
        if not numbers:
            continue
        # All numbers of labels share the split, its directions and its graph.
        split = Split.of(field_set, features, seed)
        for each in numbers:
            result = measure_draw(split, each)
            add_result(
                out,
                {
                    **_identity(field_set, each),
                    **result,
                    "features_seconds": seconds,
                    "settings": field_set.settings,
                    "machine": machine(),
                    "versions": versions(
                        "keras", keras.backend.backend(), "numpy", "scikit-learn"
                    ),
                },
            )
            # Kept by now: the next result took them from the disk.
            seconds = 0.0
            say(_line(name, result))


def _measure_whole(field_set, plan, out, say):
    """Measure the whole training runs that a data set lacks."""
    for seed in range(plan.draws):
        for each in plan.labels_per_class:
            result = _find(read_results(out), field_set, each, seed)
            if result is None or "whole" in result:
                continue
            say(f"{field_set.path.name}, {each} per class, seed {seed}: training.")
            whole = whole_run(field_set, result["num_labels"], seed, plan.runs)
            add_result(out, {**result, "whole": whole})


def _identity(field_set: FieldSet, each: int) -> Result:
    """Return what, besides the seed and the number, tells results apart."""
    return {"dataset": field_set.path.name, "recipe": f"{each} labels per class"}


def _find(results, field_set, each, seed):
    """Return the result of a draw; None if it is missing or settings have changed."""
    identity = {**_identity(field_set, each), "seed": seed}
    for result in results:
        same = all(result[name] == value for name, value in identity.items())
        if same and result.get("settings") == field_set.settings:
            return result
    return None


def _line(name, result):
    """Return a result in words."""
    errors = ", ".join(
        f"{learner} {100 * error:.1f}" for learner, error in result["errors"].items()
    )
    return (
        f"{name}, {result['labels_per_class']} per class, seed {result['seed']}: "
        f"believed {result['believed']}, error {100 * result['error']:.1f} % ({errors})"
    )
