"""A whole training run of the field benchmark: the command, with nothing else said."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ssvae.benchmark.field_sets import TEST_FRACTION, FieldSet
from ssvae.errors import InputError
from ssvae.runs.folder import is_resumable, partial_folder

# Figures of a run's `metrics.json` that are kept.
FIGURES = (
    "test_error",
    "train_seconds",
    "stage_seconds",
    "peak_memory_gib",
    "believed",
    "left_out_accuracy",
    "estimated_accuracy",
    "estimated_accuracy_interval",
)


def whole_run(
    field_set: FieldSet, num_labels: int, seed: int, runs: Path
) -> dict[str, Any]:
    """Train on a data set in a process of its own, and return the run's figures.

    A finished run is not repeated, and an interrupted one is gone on with.

    Args:
        field_set: `FieldSet`.
        num_labels: Number of labels, of all classes together.
        seed: Seed of test part, labels and training.
        runs: Folder that gets the run folder.

    Returns:
        Dict of those of `FIGURES` that the run has.

    Raises:
        InputError: If the run ends without a result.
    """
    out = runs / f"field-{field_set.path.name}-{num_labels}-{seed}"
    metrics = out / "metrics.json"
    if not metrics.exists():
        # Without kept features each run takes as long as a first one.
        environment = {**os.environ, "SSVAE_CACHE": ""}
        command = [sys.executable, "-m", "ssvae.train"]
        command += _flags(field_set, num_labels, seed, out)
        status = subprocess.run(command, env=environment, stdout=2).returncode
        if status:
            raise InputError(
                f"the run into {str(out)!r} failed; the reason is above; the same "
                "command tries again"
            )
    figures = json.loads(metrics.read_text(encoding="utf-8"))
    return {name: figures[name] for name in FIGURES if name in figures}


def _flags(field_set, num_labels, seed, out):
    """Return the flags of the training command."""
    if is_resumable(partial_folder(out)):
        return ["--resume", str(out)]
    flags = ["--dataset", str(field_set.path), "--labels", str(num_labels)]
    if not field_set.num_own_test:
        flags += ["--test-fraction", str(TEST_FRACTION)]
    return [*flags, "--seed", str(seed), "--out", str(out)]
